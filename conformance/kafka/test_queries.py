"""Topics on queries: what is left out, what becomes of rows that come in and go out, and that every client gets past long runs of
records that are none of the topic's."""

import json
import subprocess

import psycopg
import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from kafka import KafkaConsumer
from kafka import TopicPartition as KafkaPartition

from conftest import KAFKA
from test_librdkafka import consumer, read


def topic(made, query, options="", name="q"):
    made.sql.execute(f"CREATE TOPIC {made.name}.{name} ON ({query}) {options}")
    return f"{made.name}.{name}"


def read_all(name, count):
    reader = consumer()
    reader.assign([TopicPartition(name, 0, OFFSET_BEGINNING)])
    found = read(reader, count)
    assert reader.poll(0.5) is None
    reader.close()
    return found


def test_rows_come_and_go(table):
    made = table(1)
    name = topic(made, f"SELECT id, upper(m.line) AS loud, id * 2 AS twice FROM {made.name} m WHERE m.line LIKE 'a%' AND id > 0")
    made.sql.execute(f"INSERT INTO {made.name} VALUES (1, 'ab'), (2, 'b'), (-1, 'ab')")
    for change in ("SET line = 'ac' WHERE id = 1", "SET line = 'x' WHERE id = 1", "SET line = 'y' WHERE id = 1",
                   "SET line = 'aa' WHERE id = 2"):
        made.sql.execute(f"UPDATE {made.name} {change}")
    made.sql.execute(f"DELETE FROM {made.name}")
    found = [(json.loads(m.key())["id"], m.value() and json.loads(m.value())) for m in read_all(name, 5)]
    assert found == [
        (1, {"id": 1, "loud": "AB", "twice": 2}), (1, {"id": 1, "loud": "AC", "twice": 2}), (1, None),
        (2, {"id": 2, "loud": "AA", "twice": 4}), (2, None)]


def test_envelopes_tell_what_the_topic_sees(table):
    made = table(1)
    name = topic(made, f"SELECT line FROM {made.name} WHERE line <> 'out'", "WITH (format = debezium)")
    made.sql.execute(f"INSERT INTO {made.name} VALUES (1, 'out')")
    for line in "in", "on", "out":
        made.sql.execute(f"UPDATE {made.name} SET line = %s", [line])
    made.sql.execute(f"TRUNCATE {made.name}")
    found = [json.loads(m.value()) for m in read_all(name, 4)]
    assert [(each["op"], each["before"], each["after"]) for each in found] == [
        ("c", None, {"line": "in"}), ("u", {"line": "in"}, {"line": "on"}), ("d", {"line": "on"}, None), ("t", None, None)]


@pytest.mark.parametrize("codec", ["none", "gzip"])
def test_every_client_passes_what_is_left_out(table, codec, tmp_path):
    """A page of a fetch is 1 MiB at most: of several pages nothing is the topic's."""
    made = table(1)
    name = topic(made, f"SELECT * FROM {made.name} WHERE id % 10000 = 0", f"WITH (compression = {codec})")
    made.sql.execute(f"INSERT INTO {made.name} SELECT i, repeat('x', 400) FROM generate_series(1, 30001) i")
    assert [json.loads(m.key())["id"] for m in read_all(name, 3)] == [10_000, 20_000, 30_000]
    reader = KafkaConsumer(bootstrap_servers=KAFKA, enable_auto_commit=False, consumer_timeout_ms=3_000)
    reader.assign([KafkaPartition(name, 0)])
    reader.seek_to_beginning()
    assert [json.loads(m.key)["id"] for m in reader] == [10_000, 20_000, 30_000]
    assert reader.position(KafkaPartition(name, 0)) == 30_001
    reader.close()
    out = subprocess.run(
        ["kcat", "-C", "-e", "-q", "-b", KAFKA, "-t", name, "-o", "beginning", "-f", "%k\n"], check=True, capture_output=True,
        text=True, timeout=60).stdout
    assert [json.loads(line)["id"] for line in out.split("\n") if line] == [10_000, 20_000, 30_000]


def test_live(table):
    made = table(1)
    name = topic(made, f"SELECT line FROM {made.name} WHERE id % 2 = 0", "WITH (format = raw)")
    reader = consumer()
    _, end = reader.get_watermark_offsets(TopicPartition(name, 0), timeout=10)
    reader.assign([TopicPartition(name, 0, end)])
    assert reader.poll(0.5) is None
    for number in range(1, 7):
        made.fill([number])
    assert [m.value() for m in read(reader, 3)] == [b"line 2", b"line 4", b"line 6"]
    reader.close()


def test_what_is_refused(table):
    made = table(1)
    for query in (f"SELECT count(*) FROM {made.name}", f"SELECT id FROM {made.name} ORDER BY id", f"SELECT DISTINCT id FROM {made.name}",
                  f"SELECT a.id FROM {made.name} a, {made.name} b", "SELECT 1", "VALUES (1)", f"SELECT random() AS r FROM {made.name}",
                  f"SELECT id FROM {made.name} LIMIT 1", f"SELECT id FROM {made.name} WHERE id IN (SELECT 1)",
                  f"SELECT missing FROM {made.name}", f"SELECT id FROM {made.name} WHERE line", f"SELECT id, line AS id FROM {made.name}",
                  f"SELECT row_number() OVER () FROM {made.name}", "SELECT id FROM pg_catalog.pg_class"):
        with pytest.raises(psycopg.Error) as refused:
            topic(made, query)
        assert refused.value.sqlstate not in (None, "XX000"), (query, refused.value)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        topic(made, f"SELECT id FROM {made.name}", "WITH (columns = (id))")
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        topic(made, f"SELECT id, line FROM {made.name}", "WITH (format = raw)")


def test_columns_that_it_reads(table):
    made = table(1)
    name = topic(made, f"SELECT {made.name}.line AS text FROM {made.name} WHERE length(line) > 1")
    made.sql.execute(f"ALTER TABLE {made.name} RENAME COLUMN line TO words")
    made.sql.execute(f"INSERT INTO {made.name} VALUES (1, 'ab'), (2, 'a')")
    message, = read_all(name, 1)
    assert json.loads(message.value()) == {"text": "ab"}
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        made.sql.execute(f"ALTER TABLE {made.name} DROP COLUMN words")
    made.sql.execute(f"ALTER TABLE {made.name} DROP COLUMN words CASCADE")
    made.sql.execute(f"DROP TOPIC IF EXISTS {name}")

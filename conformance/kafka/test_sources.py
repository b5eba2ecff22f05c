"""Sources, against librdkafka's own mock cluster, which lives as long as its producer."""

import datetime
import http.server
import json
import os
import struct
import threading
import time
import uuid

import psycopg
import pytest
from confluent_kafka import Producer

from conftest import KAFKA, connect, until
from test_nodes import cluster  # noqa: F401


class Mock:
    """A cluster of Kafka in this process."""

    def __init__(self):
        self.producer = Producer({"test.mock.num.brokers": 1, "linger.ms": 5})
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        self.brokers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def send(self, topic, values, key=None, partition=None, **options):
        def failed(error, _):
            assert error is None, error

        if partition is not None:
            options["partition"] = partition
        for value in values:
            if not isinstance(value, (bytes, type(None))):
                value = json.dumps(value).encode()
            while True:
                try:
                    self.producer.produce(topic, value, key=key, on_delivery=failed, **options)
                    break
                except BufferError:
                    self.producer.poll(0.1)
        assert self.producer.flush(30) == 0


@pytest.fixture(scope="module")
def mock():
    return Mock()


class Source:
    def __init__(self, sql, brokers, columns, name):
        self.sql = sql
        self.brokers = brokers
        self.name = name
        self.topic = f"topic-{name}"
        sql.execute(f"CREATE TABLE {name} ({columns})")

    def create(self, mapping="", **options):
        given = "".join(f", {key} = '{value}'" for key, value in options.items())
        self.sql.execute(
            f"CREATE SOURCE {self.name} FROM KAFKA (brokers = '{self.brokers}', topic = '{self.topic}'{given}) "
            f"INTO {self.name} {mapping}")

    def rows(self, what="*"):
        return self.sql.execute(f"SELECT {what} FROM {self.name} ORDER BY 1").fetchall()

    def count(self):
        return self.sql.execute(f"SELECT count(*) FROM {self.name}").fetchone()[0]

    def view(self, columns):
        return self.sql.execute(f"SELECT {columns} FROM quatrain.sources WHERE source = '{self.name}'").fetchone()

    def partitions(self, columns, where="true"):
        return self.sql.execute(
            f"SELECT {columns} FROM quatrain.source_partitions WHERE source = '{self.name}' AND {where} "
            "ORDER BY partition").fetchall()

    def alter(self, what):
        self.sql.execute(f"ALTER SOURCE {self.name} {what}")


@pytest.fixture
def source(sql, mock):
    made = []

    def make(columns, brokers=None):
        name = f"s{uuid.uuid4().hex[:10]}"
        made.append(Source(sql, brokers or mock.brokers, columns, name))
        return made[-1]

    yield make
    for each in made:
        sql.execute(f"DROP SOURCE IF EXISTS {each.name}")
        sql.execute(f"DROP TABLE IF EXISTS {each.name}")


def test_fields_by_name(source, mock):
    made = source("id int PRIMARY KEY, line text, at timestamptz, tags text[], doc jsonb, n numeric DEFAULT 7")
    made.create()
    mock.send(made.topic, [
        {"id": 1, "line": "one", "at": "2026-11-28T12:00:00Z", "tags": ["a", "b"], "doc": {"x": [1]}, "n": None},
        {"id": 2, "other": True},
        {"id": 3, "line": 12, "n": 1.50},
    ])
    until(lambda: made.count() == 3)
    rows = made.rows("id, line, at AT TIME ZONE 'UTC', tags, doc, n")
    assert [row[0] for row in rows] == [1, 2, 3]
    assert rows[0][1] == "one" and str(rows[0][2]) == "2026-11-28 12:00:00" and rows[0][3] == ["a", "b"]
    assert rows[0][4] == {"x": [1]} and rows[0][5] is None
    assert rows[1][1:] == (None, None, None, None, 7)
    assert rows[2][1] == "12" and float(rows[2][5]) == 1.5


def test_mapping(source, mock):
    made = source(
        'id int PRIMARY KEY, city text, k text, kid int, o bigint, p int, at timestamptz, t text, h jsonb, trace text, v bytea')
    made.create(
        "(id, city = '$.address.city', k = key, kid = key '$.id', o = offset, p = partition, at = timestamp, t = topic, "
        "h = headers, trace = headers 'trace', v = value)")
    mock.send(
        made.topic, [{"id": 5, "address": {"city": "Riga"}}], key=b'{"id": 9}', partition=2, timestamp=1_700_000_000_123,
        headers=[("trace", b"abc"), ("empty", None)])
    until(lambda: made.count() == 1)
    row = made.rows("id, city, k, kid, o, p, extract(epoch from at), t, h, trace, v")[0]
    assert row[:6] == (5, "Riga", '{"id": 9}', 9, 0, 2) and float(row[6]) == 1_700_000_000.123
    assert row[7] == made.topic and row[8] == {"trace": "abc", "empty": None} and row[9] == "abc"
    assert json.loads(row[10])["id"] == 5


def test_bad_record_stops_its_partition(source, mock):
    made = source("id int PRIMARY KEY, o bigint")
    made.create("(id, o = offset)")
    mock.send(made.topic, [{"id": 1}, b"{not json", {"id": 2}], partition=0)
    mock.send(made.topic, [{"id": 10}], partition=1)
    until(lambda: made.partitions("state", "partition = 0") == [("failed",)] and made.count() == 2)
    assert made.rows("id") == [(1,), (10,)]
    state, error = made.view("state, last_error")
    assert state == "failed" and "offset 1" in error and "json" in error.lower()
    assert made.partitions("next_offset, state", "partition = 1") == [(1, "running")]
    made.alter("SEEK (0, 2)")
    until(lambda: made.count() == 3)
    until(lambda: made.view("state, last_error") == ("running", None))


def test_dead_letters(source, sql, mock):
    made = source("id int PRIMARY KEY CHECK (id < 100)")
    dead = f"{made.name}_dead"
    sql.execute(
        f'CREATE TABLE {dead} (topic text, partition int, "offset" bigint, "timestamp" timestamptz, key bytea, value bytea, '
        "error text, failed_at timestamptz)")
    made.create(dead_letters=f"public.{dead}")
    mock.send(made.topic, [{"id": 1}, {"id": "x"}, {"id": 2}, {"id": 100}, b"", {"id": 1}, {}, {"id": 3}], partition=1, key=b"k")
    until(lambda: made.partitions("next_offset, dead_letters", "partition = 1") == [(8, 5)])
    assert made.rows() == [(1,), (2,), (3,)]
    found = sql.execute(f'SELECT "offset", value, error FROM {dead} ORDER BY 1').fetchall()
    assert [row[0] for row in found] == [1, 3, 4, 5, 6]
    assert found[0][1] == b'{"id": "x"}' and "integer" in found[0][2]
    assert "check" in found[1][2] and "duplicate key" in found[3][2] and "null value" in found[4][2]
    assert sql.execute(f"SELECT bool_and(topic = '{made.topic}' AND key = 'k' AND failed_at <= now()) FROM {dead}").fetchone()[0]
    sql.execute(f"DROP SOURCE {made.name}")
    sql.execute(f"DROP TABLE {dead}")


def test_many_bad_ones_among_many(source, sql, mock):
    made = source("id int PRIMARY KEY")
    dead = f"{made.name}_dead"
    sql.execute(f'CREATE TABLE {dead} ("offset" bigint PRIMARY KEY, value bytea, error text)')
    mock.send(made.topic, [{"id": i if i % 100 else None} for i in range(3000)], partition=0)
    made.create(dead_letters=dead)
    until(lambda: made.partitions("next_offset", "partition = 0") == [(3000,)], 60)
    assert made.count() == 2970
    assert sql.execute(f"SELECT count(*) FROM {dead}").fetchone()[0] == 30
    sql.execute(f"DROP SOURCE {made.name}")
    sql.execute(f"DROP TABLE {dead}")


def test_conflicts(source, mock):
    updated = source("id int PRIMARY KEY, n int")
    updated.create(on_conflict="update")
    mock.send(updated.topic, [{"id": 1, "n": n} for n in range(200)] + [{"id": 2, "n": 1}, None], partition=0)
    until(lambda: updated.partitions("next_offset", "partition = 0") == [(202,)])
    assert updated.rows() == [(1, 199), (2, 1)]
    kept = source("id int PRIMARY KEY, n int")
    kept.create(on_conflict="nothing")
    mock.send(kept.topic, [{"id": 1, "n": n} for n in range(20)], partition=0)
    until(lambda: kept.partitions("next_offset", "partition = 0") == [(20,)])
    assert kept.rows() == [(1, 0)]


def test_tombstones(source, sql, mock):
    made = source("a int, b text, line text, PRIMARY KEY (a, b)")
    with pytest.raises(psycopg.Error, match="does not come from the key"):
        made.create(on_conflict="update", tombstones="delete")
    made.create("(a = key '$.a', b = key '$.b', line)", on_conflict="update", tombstones="delete")
    for key, line in [((1, "x"), "one"), ((1, "y"), "two"), ((1, "x"), None), ((2, "x"), "three"), ((1, "x"), "four"),
                      ((2, "x"), None), ((9, "z"), None), ((1, "y"), "five")]:
        value = None if line is None else {"line": line}
        mock.send(made.topic, [value], key=json.dumps({"a": key[0], "b": key[1]}).encode(), partition=0)
    until(lambda: made.partitions("next_offset, records", "partition = 0") == [(8, 8)])
    assert made.rows() == [(1, "x", "four"), (1, "y", "five")]
    mock.send(made.topic, [None], partition=0)
    until(lambda: "without a key" in (made.view("last_error")[0] or ""))
    made.alter("SEEK (0, 0)")
    until(lambda: "without a key" in (made.view("last_error")[0] or ""))
    assert made.rows() == [(1, "x", "four"), (1, "y", "five")]


def test_pause_resume_and_seek(source, mock):
    made = source("id int, o bigint")
    mock.send(made.topic, [{"id": i} for i in range(5)], partition=0)
    made.create("(id, o = offset)")
    until(lambda: made.count() == 5)
    made.alter("PAUSE")
    mock.send(made.topic, [{"id": i} for i in range(5, 8)], partition=0)
    until(lambda: made.view("state") == ("paused",))
    time.sleep(1)
    assert made.count() == 5
    assert made.partitions("state, next_offset", "partition = 0") == [("paused", 5)]
    made.alter("RESUME")
    until(lambda: made.count() == 8)
    made.alter("SEEK (0, 6)")
    until(lambda: made.count() == 10)
    made.alter("SEEK (0, 'earliest')")
    until(lambda: made.count() == 18)
    made.alter("PAUSE")
    made.alter("SEEK latest")
    mock.send(made.topic, [{"id": 8}], partition=0)
    made.alter("RESUME")
    until(lambda: made.partitions("next_offset, lag", "partition = 0") == [(9, 0)])
    assert made.count() == 18
    mock.send(made.topic, [{"id": 9}], partition=0)
    until(lambda: made.count() == 19)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="partition 77"):
        made.alter("SEEK (77, 1)")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="invalid place"):
        made.alter("SEEK 'nowhere'")


def test_pause_holds_when_it_returns(source, sql, mock):
    made = source("id int")
    mock.send(made.topic, [{"id": i} for i in range(20000)], partition=0)
    made.create()
    until(lambda: made.count() > 0)
    made.alter("PAUSE")
    before = made.count()
    time.sleep(1)
    assert made.count() == before
    made.alter("RESUME")
    until(lambda: made.count() == 20000, 60)
    sql.execute(f"DROP SOURCE {made.name}")
    mock.send(made.topic, [{"id": -1}], partition=0)
    time.sleep(1)
    assert made.count() == 20000


def test_lag(source, mock):
    made = source("id int PRIMARY KEY")
    mock.send(made.topic, [{"id": 1}, b"?"] + [{"id": i} for i in range(2, 12)], partition=3)
    made.create()
    until(lambda: made.partitions("state, next_offset, high_watermark, lag", "partition = 3") == [("failed", 1, 12, 11)])
    made.alter("SEEK (3, 2)")
    until(lambda: made.partitions("state, lag", "partition = 3") == [("running", 0)])
    until(lambda: made.view("state, partitions, lag") == ("running", 4, 0))
    assert made.partitions("records", "partition = 3") == [(10,)]


def test_start_latest(source, mock):
    made = source("id int")
    mock.send(made.topic, [{"id": 1}], partition=0)
    made.create(start="latest")
    until(lambda: made.partitions("next_offset", "partition = 0") == [(1,)])
    mock.send(made.topic, [{"id": 2}], partition=0)
    until(lambda: made.rows() == [(2,)])


def test_a_topic_that_comes_later(source, mock):
    made = source("id int")
    made.create(start="latest")
    until(lambda: "topic" in (made.view("last_error")[0] or "").lower())
    time.sleep(1.5)
    mock.send(made.topic, [{"id": 1}])
    until(lambda: made.rows() == [(1,)])
    until(lambda: made.view("last_error") == (None,))


def test_no_broker(source):
    made = source("id int", brokers="127.0.0.1:1")
    made.create()
    state, error = until(lambda: (lambda row: row if row[1] else None)(made.view("state, last_error")))
    assert state == "waiting" and ("refused" in error.lower() or "broker" in error.lower())


def test_table_changes(source, sql, mock):
    made = source("id int PRIMARY KEY, line text")
    made.create("(id, line)")
    mock.send(made.topic, [{"id": 1, "line": "a"}], partition=0)
    until(lambda: made.count() == 1)
    sql.execute(f"ALTER TABLE {made.name} RENAME COLUMN id TO number")
    sql.execute(f"ALTER TABLE {made.name} RENAME COLUMN line TO text")
    sql.execute(f"ALTER TABLE {made.name} ADD COLUMN more int DEFAULT 3")
    mock.send(made.topic, [{"number": 2, "text": "b"}], partition=0)
    until(lambda: made.count() == 2)
    assert made.rows() == [(1, "a", 3), (2, "b", 3)]
    sql.execute(f"ALTER TABLE {made.name} DROP COLUMN text")
    mock.send(made.topic, [{"number": 3}], partition=0)
    until(lambda: made.count() == 3)
    kept = sql.execute("SELECT DISTINCT source FROM kafka.source_offsets ORDER BY 1 DESC").fetchone()[0]
    sql.execute(f"DROP TABLE {made.name}")
    assert made.view("source") is None
    until(lambda: sql.execute(f"SELECT count(*) FROM kafka.source_offsets WHERE source = {kept}").fetchone()[0] == 0)


def test_statements(source, sql, mock):
    made = source("id int PRIMARY KEY, g int GENERATED ALWAYS AS (id + 1) STORED")
    name = made.name
    head = f"CREATE SOURCE {name} FROM KAFKA (brokers = '{mock.brokers}', topic = 't'"
    for text, error in [
        (f"{head}, what = 1) INTO {name}", "unrecognized parameter"),
        (f"{head}, format = xml) INTO {name}", "invalid format"),
        (f"{head}, plugin.library.paths = 'x') INTO {name}", "unrecognized parameter"),
        (f"{head}, security.protocol = 'magic') INTO {name}", "security.protocol"),
        (f"{head}, dead_letters = nowhere) INTO {name}", "does not exist"),
        (f"{head}, dead_letters = {name}) INTO {name}", "has no column"),
        (f"{head}) INTO nowhere", "does not exist"),
        (f"{head}) INTO {name} (x)", "does not exist"),
        (f"{head}) INTO {name} (id, id)", "more than once"),
        (f"{head}) INTO {name} (g)", "generated"),
        (f"{head}) INTO {name} (id = '$$')", "syntax error"),
        (f"{head}) INTO {name} (id = sometimes)", "cannot come from"),
        (f"{head}, format = raw) INTO {name} (id)", "no fields"),
        (f"{head}, format = avro) INTO {name}", "registry"),
        (f"CREATE SOURCE {name} FROM KAFKA (topic = 't') INTO {name}", "needs brokers"),
        (f"CREATE SOURCE {name} FROM pulsar (topic = 't') INTO {name}", "not supported"),
        (f"ALTER SOURCE nowhere PAUSE", "does not exist"),
        (f"DROP SOURCE nowhere", "does not exist"),
    ]:
        with pytest.raises(psycopg.Error, match=error):
            sql.execute(text)
        assert made.view("source") is None
    made.create()
    with pytest.raises(psycopg.errors.DuplicateObject):
        made.create()
    sql.execute(f"CREATE SOURCE IF NOT EXISTS {name} FROM KAFKA (brokers 'x', topic 'y') INTO {name}")
    sql.execute(f"DROP SOURCE {name}")
    sql.execute(f"DROP SOURCE IF EXISTS {name}")
    with pytest.raises(psycopg.Error):
        sql.execute(f"BEGIN; {head}) INTO {name}")
    sql.rollback()
    with sql.transaction(force_rollback=True):
        made.create()
        assert made.view("source") == (name,)
    assert made.view("source") is None


def test_privileges(source, sql, mock):
    made = source("id int")
    role = f"{made.name}_role"
    sql.execute(f"CREATE ROLE {role}")
    sql.execute(f"GRANT ALL ON {made.name} TO {role}")
    sql.execute(f"SET ROLE {role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        made.create()
    sql.execute("RESET ROLE")
    made.create(**{"sasl.password": "very secret"})
    for text in ["SET (\"source:x\" = '{}')", f'RESET ("source:{made.name}")']:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="unrecognized parameter"):
            sql.execute(f"ALTER TABLE {made.name} {text}")
    shown = sql.execute(f"SELECT reloptions FROM pg_class WHERE relname = '{made.name}'").fetchone()[0]
    assert "secret" not in str(shown)
    sql.execute(f"SET ROLE {role}")
    for text in [f"ALTER SOURCE {made.name} PAUSE", f"DROP SOURCE {made.name}", "SELECT * FROM kafka.source_offsets"]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute(text)
    assert made.view("topic") == (made.topic,)
    sql.execute("RESET ROLE")
    sql.execute(f"REVOKE ALL ON {made.name} FROM {role}")
    sql.execute(f"DROP ROLE {role}")


def test_own_topics(source, sql):
    """A table's change stream is a topic too: by time, with what a real log answers."""
    first = f"o{uuid.uuid4().hex[:10]}"
    sql.execute(f"CREATE TABLE {first} (id int PRIMARY KEY) WITH (change_stream = on)")
    sql.execute(f"INSERT INTO {first} SELECT generate_series(1, 100)")
    time.sleep(0.05)
    now = sql.execute("SELECT now()::text").fetchone()[0]
    time.sleep(0.05)
    sql.execute(f"INSERT INTO {first} SELECT generate_series(101, 150)")
    made = source("id int PRIMARY KEY", brokers=KAFKA)
    made.topic = f"public.{first}"
    made.create(start=now)
    until(lambda: made.count() == 50)
    assert made.rows() == [(i,) for i in range(101, 151)]
    until(lambda: made.view("state, lag") == ("running", 0))
    sql.execute(f"TRUNCATE {made.name}")
    made.alter("SEEK earliest")
    until(lambda: made.count() == 150)
    sql.execute(f"DROP TABLE {first}")


def test_exactly_once_over_kills(node, mock):
    """Killed ten times in the middle of reading: each record is a row once, and none is missing."""
    kills = int(os.environ.get("QUATRAIN_KILLS", "10"))
    running = node()
    topic = f"kills-{uuid.uuid4().hex[:8]}"
    total = 40_000
    for partition in range(4):
        mock.send(topic, [{"id": i} for i in range(partition, total, 4)], partition=partition)

    def sql():
        return connect(running.ports["pg"])

    with sql() as connection:
        # Without a key: a record that came twice would be two rows.
        connection.execute("CREATE TABLE t (id int, p int, o bigint)")
        connection.execute(
            f"CREATE SOURCE s FROM KAFKA (brokers = '{mock.brokers}', topic = '{topic}') "
            "INTO t (id, p = partition, o = offset)")
    in_the_middle = 0
    for kill in range(kills):
        wanted = total * (kill + 1) // (kills + 2)
        with sql() as connection:
            until(lambda: connection.execute("SELECT count(*) FROM t").fetchone()[0] >= wanted, 120)
            in_the_middle += connection.execute("SELECT count(*) FROM t").fetchone()[0] < total
        running.kill()
        running.start()
    assert in_the_middle == kills
    with sql() as connection:
        def positions():
            return connection.execute("SELECT sum(next_offset) FROM quatrain.source_partitions").fetchone()[0]
        until(lambda: positions() == total, 120)
        assert connection.execute("SELECT count(*), count(DISTINCT id), min(id), max(id) FROM t").fetchone() == (
            total, total, 0, total - 1)
        assert connection.execute("SELECT count(DISTINCT (p, o)) FROM t").fetchone()[0] == total


def test_exactly_once_over_failover(cluster, mock):  # noqa: F811
    """One of three nodes is killed: the others take its partitions over."""
    topic = f"failover-{uuid.uuid4().hex[:8]}"
    total = 20_000
    for partition in range(4):
        mock.send(topic, [{"id": i} for i in range(partition, total // 2, 4)], partition=partition)
    with connect(cluster[0].ports["pg"]) as connection:
        def ask(text):
            for _ in range(600):
                try:
                    return connection.execute(text).fetchone()[0]
                except psycopg.Error as error:
                    assert error.sqlstate in ("40001", "08007", "40P01"), error
                    time.sleep(0.1)
            raise AssertionError(text)

        connection.execute("CREATE TABLE t (id int, p int, o bigint)")
        connection.execute(
            f"CREATE SOURCE s FROM KAFKA (brokers = '{mock.brokers}', topic = '{topic}') "
            "INTO t (id, p = partition, o = offset)")
        until(lambda: ask("SELECT count(*) FROM t") > 500, 120)
        until(lambda: ask("SELECT count(DISTINCT node) FROM quatrain.source_partitions WHERE state = 'running'") > 1, 60)
        cluster[2].kill()
        for partition in range(4):
            mock.send(topic, [{"id": i} for i in range(total // 2 + partition, total, 4)], partition=partition)
        until(lambda: ask("SELECT coalesce(sum(next_offset), 0) FROM quatrain.source_partitions") == total, 180)
        assert ask("SELECT count(*) FROM t") == total
        assert ask("SELECT count(DISTINCT id) FROM t") == total
        assert ask("SELECT count(DISTINCT (p, o)) FROM t") == total


class Registry(http.server.BaseHTTPRequestHandler):
    """Of schemas; the second half of the answer comes a moment later, in pieces."""

    schemas = {}
    asked = []

    def do_GET(self):
        self.asked.append((self.path, self.headers.get("Authorization")))
        schema = self.schemas.get(self.path.rsplit("/", 1)[1])
        self.protocol_version = "HTTP/1.1"
        body = json.dumps({"schema": json.dumps(schema)} if schema else {"error_code": 40403}).encode()
        self.send_response(200 if schema else 404)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (body[:10], body[10:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(0.05)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def registry():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://who:what@127.0.0.1:{server.server_port}/sub"
    server.shutdown()


def number(value):
    """Avro's: zigzag, seven bits to a byte."""
    value = value << 1 ^ value >> 63
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def text(value):
    return number(len(value.encode())) + value.encode()


def test_avro(source, sql, mock, registry):
    Registry.schemas = {"7": {"type": "record", "name": "poem", "fields": [
        {"name": "id", "type": "int"}, {"name": "line", "type": ["null", "string"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "inner", "type": {"type": "record", "name": "inner", "fields": [{"name": "x", "type": "double"}]}},
        {"name": "raw", "type": "bytes"},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["haiku", "sonnet"]}}]}}

    def poem(i, schema=7):
        return struct.pack(">bI", 0, schema) + (
            number(i) + (number(1) + text("ü" * i) if i % 2 else number(0)) + number(1_700_000_000_123_456)
            + number(19_000) + number(2) + (-1234).to_bytes(2, "big", signed=True)
            + number(2) + text("a") + text("b") + number(0) + struct.pack("<d", 1.25) + number(2) + b"\x00\xff" + number(1))

    made = source(
        "id int PRIMARY KEY, line text, at timestamptz, day date, price numeric, tags text[], x float8, raw bytea, kind text")
    dead = f"{made.name}_dead"
    sql.execute(f'CREATE TABLE {dead} ("offset" bigint, value bytea, error text)')
    made.create(
        "(id, line, at, day, price, tags, x = '$.inner.x', raw, kind)", format="avro", registry=registry, dead_letters=dead)
    mock.send(made.topic, [poem(1), poem(2), poem(3)[:-3], b"{}", poem(4, 9), poem(5)], partition=0)
    until(lambda: made.partitions("next_offset, dead_letters", "partition = 0") == [(6, 3)])
    rows = made.rows("id, line, extract(epoch from at), day, price, tags, x, raw, kind")
    assert [row[:2] for row in rows] == [(1, "ü"), (2, None), (5, "ü" * 5)]
    assert float(rows[0][2]) == 1_700_000_000.123456 and rows[0][3] == datetime.date(2022, 1, 8)
    assert str(rows[0][4]) == "-12.34" and rows[0][5:] == (["a", "b"], 1.25, b"\x00\xff", "sonnet")
    errors = [row[0] for row in sql.execute(f'SELECT error FROM {dead} ORDER BY "offset"').fetchall()]
    assert "Avro" in errors[0] and "schema" in errors[1] and "no schema 9" in errors[2]
    assert Registry.asked[0] == ("/sub/schemas/ids/7", "Basic d2hvOndoYXQ=")
    assert sum(path.endswith("/7") for path, _ in Registry.asked) <= 2
    sql.execute(f"DROP SOURCE {made.name}")
    sql.execute(f"DROP TABLE {dead}")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="https"):
        made.create("(id)", format="avro", registry="https://example.com")


def test_registry_that_is_away(source, mock):
    made = source("id int")
    made.create(format="avro", registry="http://127.0.0.1:1")
    mock.send(made.topic, [struct.pack(">bI", 0, 3) + number(1)], partition=0)
    until(lambda: made.partitions("state", "partition = 0") == [("waiting",)])
    assert "registry" in made.view("last_error")[0]
    assert made.partitions("next_offset", "partition = 0") == [(0,)]

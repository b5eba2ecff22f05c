"""Topics in Avro, read by Confluent's deserializer with the node's own registry, by fastavro, and by our own sources."""

import datetime
import decimal
import json
import struct
import urllib.request
import uuid

import psycopg
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from conftest import connect, until
from test_librdkafka import read
from test_nodes import cluster, define  # noqa: F401

UTC = datetime.timezone.utc


class Place:
    """A node with a registry."""

    def __init__(self, ports):
        self.kafka = ports["kafka"]
        self.url = f"http://{ports['http']}"
        self.sql = connect(ports["pg"])

    @property
    def registry(self):
        """A new client: one keeps the first "latest" that it sees."""
        return SchemaRegistryClient({"url": self.url})

    def get(self, path):
        """The answer, and its type."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer), answer.headers["Content-Type"]

    def table(self, name, columns, *more):
        self.sql.execute(f"CREATE TABLE {name} ({columns}) WITH (distributed_by = 'globally')")
        self.sql.execute(f"ALTER TABLE {name} SET (change_stream = on)")
        for statement in more:
            self.sql.execute(statement)

    def messages(self, topic, count):
        reader = Consumer({"bootstrap.servers": self.kafka, "group.id": uuid.uuid4().hex, "check.crcs": True})
        reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        found = read(reader, count)
        reader.close()
        return found

    def decoded(self, topic, count):
        """Keys and values by new deserializers: nothing is remembered."""
        decode = AvroDeserializer(SchemaRegistryClient({"url": self.url}))
        return [tuple(
            decode(part, SerializationContext(topic, field))
            for part, field in ((message.key(), MessageField.KEY), (message.value(), MessageField.VALUE)))
            for message in self.messages(topic, count)]


@pytest.fixture
def place(node):
    made = Place(node("--http-port", "0").ports)
    yield made
    made.sql.close()


def schema_id(part):
    assert part[0] == 0
    return struct.unpack(">I", part[1:5])[0]


def test_types(place):
    place.sql.execute("CREATE TYPE mood AS ENUM ('sad', 'glad')")
    place.sql.execute("CREATE DOMAIN day AS date CHECK (value > '2000-01-01')")
    place.table(
        "t",
        "id int PRIMARY KEY, b bool NOT NULL, s smallint, l bigint, f real, d double precision, n numeric(9,2), free numeric, "
        "line text NOT NULL, v varchar(9), c char(3), raw bytea, day day, at time, tz timetz, ts timestamp, tstz timestamptz, "
        "i interval, u uuid, j json, jb jsonb, ip inet, m mood, ms mood[], a int[], ns numeric(5,1)[], big numeric(40,10)",
        "CREATE TOPIC types ON t WITH (format = avro)",
        "INSERT INTO t VALUES (1, true, -2, 1234567890123, 1.5, -0.1, -12.34, 0.10, 'Zeile ü', 'v', 'c', '\\x00ff', '2026-11-29', "
        "'12:34:56.789012', '12:00+02', '2026-11-29 01:02:03.456789', '2026-11-29 01:02:03.456789+01', '1 day 2 hours', "
        "'00112233-4455-6677-8899-aabbccddeeff', '{\"a\": [1]}', '{\"b\": null}', '10.0.0.1/8', 'glad', '{sad,glad}', "
        "'{1,NULL,3}', '{1.5,-0.1}', 123456789012345678901234567890.0123456789)",
        "INSERT INTO t (id, b, line) VALUES (2, false, '')")
    (key, one), (_, two) = place.decoded("types", 2)
    assert key == {"id": 1}
    assert one == {
        "id": 1, "b": True, "s": -2, "l": 1234567890123, "f": 1.5, "d": -0.1, "n": decimal.Decimal("-12.34"), "free": "0.10",
        "line": "Zeile ü", "v": "v", "c": "c  ", "raw": b"\x00\xff", "day": datetime.date(2026, 11, 29),
        "at": datetime.time(12, 34, 56, 789012), "tz": "12:00:00+02", "ts": datetime.datetime(2026, 11, 29, 1, 2, 3, 456789),
        "tstz": datetime.datetime(2026, 11, 29, 0, 2, 3, 456789, UTC), "i": "1 day 02:00:00",
        "u": uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"), "j": '{"a": [1]}', "jb": '{"b": null}', "ip": "10.0.0.1/8",
        "m": "glad", "ms": ["sad", "glad"], "a": [1, None, 3], "ns": [decimal.Decimal("1.5"), decimal.Decimal("-0.1")],
        "big": decimal.Decimal("123456789012345678901234567890.0123456789")}
    assert two == {**dict.fromkeys(one), "id": 2, "b": False, "line": ""}
    schema = json.loads(place.registry.get_latest_version("types-value").schema.schema_str)
    assert (schema["namespace"], schema["name"]) == ("public", "t")
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["id"] == {"name": "id", "type": "int"} and fields["line"] == {"name": "line", "type": "string"}
    assert fields["v"] == {"name": "v", "type": ["null", "string"], "default": None}
    key = json.loads(place.registry.get_latest_version("types-key").schema.schema_str)
    assert (key["namespace"], key["name"], key["fields"]) == ("public.t", "key", [{"name": "id", "type": "int"}])


def test_changes_and_keys(place):
    place.table(
        "t", "id int, place text, line text, PRIMARY KEY (id, place)", "CREATE TOPIC a ON t WITH (format = avro, columns = (line))",
        "CREATE TOPIC k ON t WITH (format = avro, key = line, compression = zstd)",
        "CREATE TOPIC q ON (SELECT upper(line) AS loud, id * 2 AS twice FROM t WHERE id > 0) WITH (format = avro)",
        "INSERT INTO t VALUES (1, 'x', 'one')", "UPDATE t SET line = 'two'", "DELETE FROM t",
        "INSERT INTO t VALUES (-1, 'y', NULL)", "TRUNCATE t")
    key = {"id": 1, "place": "x"}
    assert place.decoded("a", 5) == [
        (key, {"line": "one"}), (key, {"line": "two"}), (key, None), ({"id": -1, "place": "y"}, {"line": None}), (None, None)]
    assert [key for key, _ in place.decoded("k", 5)] == [
        {"line": "one"}, {"line": "two"}, {"line": "two"}, {"line": None}, None]
    assert place.decoded("q", 4) == [
        (key, {"loud": "ONE", "twice": 2}), (key, {"loud": "TWO", "twice": 2}), (key, None), (None, None)]
    place.table("nokey", "line text", "CREATE TOPIC nokey ON nokey WITH (format = avro)", "INSERT INTO nokey VALUES ('a')")
    assert place.decoded("nokey", 1) == [(None, {"line": "a"})]
    assert sorted(place.registry.get_subjects()) == [
        "a-key", "a-value", "k-key", "k-value", "nokey-value", "q-key", "q-value"]


def test_schemas_follow_the_table(place, node):
    place.table("t", "id int PRIMARY KEY, line text", "CREATE TOPIC a ON t WITH (format = avro)", "INSERT INTO t VALUES (1, 'one')")
    first = schema_id(place.messages("a", 1)[0].value())
    for statement in ("ALTER TABLE t ADD COLUMN more int DEFAULT 3", "ALTER TABLE t RENAME COLUMN line TO words",
                      "ALTER TABLE t ALTER COLUMN more TYPE bigint", "ALTER TABLE t RENAME TO u", "ALTER TABLE u DROP COLUMN words"):
        before = place.registry.get_latest_version("a-value")
        place.sql.execute(statement)
        after = place.registry.get_latest_version("a-value")
        assert after.version == before.version + 1 and after.schema_id > before.schema_id, statement
    assert place.decoded("a", 1) == [({"id": 1}, {"id": 1, "more": 3})]
    # A consumer that had it from before still reads it.
    assert [f["name"] for f in json.loads(place.registry.get_schema(first).schema_str)["fields"]] == ["id", "line"]
    versions = place.registry.get_versions("a-value")
    assert versions == [1, 2, 3, 4, 5, 6]
    ids = [place.registry.get_version("a-value", number).schema_id for number in versions]
    assert ids[0] == first and len(set(ids)) == 6
    # What changes no column changes no schema; other topics' numbers are their own.
    place.sql.execute("ALTER TABLE u SET (change_retention = '1 day')")
    place.sql.execute("CREATE INDEX ON u (more)")
    place.sql.execute("CREATE TOPIC b ON u WITH (format = avro)")
    assert place.registry.get_versions("a-value") == versions
    assert place.registry.get_latest_version("b-value").schema_id > ids[-1]
    # A format of before and its schemas come back.
    place.sql.execute("ALTER TOPIC a SET (format = json)")
    assert json.loads(place.messages("a", 1)[0].value()) == {"id": 1, "more": 3}
    place.sql.execute("ALTER TOPIC a SET (format = avro)")
    assert schema_id(place.messages("a", 1)[0].value()) == ids[-1]


def test_ids_survive_a_restart(node):
    started = node("--http-port", "0")
    place = Place(started.ports)
    place.table("t", "id int PRIMARY KEY, line text", "CREATE TOPIC a ON t WITH (format = avro)", "INSERT INTO t VALUES (1, 'one')",
                "ALTER TABLE t ADD COLUMN more int")
    before = place.get("/subjects/a-value/versions/1"), place.messages("a", 1)[0].value()
    started.kill()
    started.start()
    place = Place(started.ports)
    assert (place.get("/subjects/a-value/versions/1"), place.messages("a", 1)[0].value()) == before
    place.sql.execute("CREATE TOPIC b ON t WITH (format = avro)")
    assert place.registry.get_latest_version("b-value").schema_id > place.registry.get_latest_version("a-key").schema_id


def test_rows_that_do_not_fit(place):
    """What the schema has no place for is told by another one, and holds up nobody."""
    place.table(
        "t", "id int PRIMARY KEY, line text, at timestamptz, day date, n numeric(5,1), a int[], t time",
        "INSERT INTO t VALUES (1, NULL)", "UPDATE t SET line = 'x'", "ALTER TABLE t ALTER COLUMN line SET NOT NULL",
        "CREATE TOPIC a ON t WITH (format = avro)",
        "INSERT INTO t VALUES (2, 'y', 'infinity', '-infinity', 'NaN', '{{1,2},{3,4}}', '24:00')", "INSERT INTO t VALUES (3, 'z')")
    found = [value for _, value in place.decoded("a", 4)]
    nulls = dict.fromkeys(["at", "day", "n", "a", "t"])
    assert found == [
        {"id": 1, "line": None, **nulls}, {"id": 1, "line": "x", **nulls},
        {"id": 2, "line": "y", "at": "infinity", "day": "-infinity", "n": "NaN", "a": "{{1,2},{3,4}}", "t": "24:00:00"},
        {"id": 3, "line": "z", **nulls}]
    ids = [schema_id(message.value()) for message in place.messages("a", 4)]
    assert ids[0] == ids[2] and ids[1] == ids[3] and ids[0] != ids[1]
    assert place.registry.get_latest_version("a-value").schema_id == ids[1]
    assert place.registry.get_versions("a-value") == [1]


def test_the_registry_only_reads(place):
    place.table("t", "id int PRIMARY KEY", "CREATE TOPIC a ON t WITH (format = avro)")
    known = place.registry.get_latest_version("a-value")
    assert place.registry.lookup_schema("a-value", known.schema).schema_id == known.schema_id
    for call, code in [
            (lambda: place.registry.register_schema("a-value", Schema('"string"', "AVRO")), 40301),
            (lambda: place.registry.delete_subject("a-value"), 405),
            (lambda: place.registry.set_compatibility("a-value", "FULL"), 405),
            (lambda: place.registry.lookup_schema("a-value", Schema('"string"', "AVRO")), 40403),
            (lambda: place.registry.get_version("a-value", 9), 40402),
            (lambda: place.registry.get_latest_version("nothing"), 40401),
            (lambda: place.registry.get_schema(4), 40403)]:
        with pytest.raises(SchemaRegistryError) as refused:
            call()
        assert refused.value.error_code == code
    assert place.registry.get_compatibility("a-value") == "NONE"
    kind = "application/vnd.schemaregistry.v1+json"
    assert place.get("/mode") == ({"mode": "READONLY"}, kind)
    assert place.get("/subjects") == (["a-key", "a-value"], kind)
    place.sql.execute("DROP TOPIC a")
    assert place.registry.get_subjects() == []


def test_names(place):
    place.sql.execute('CREATE SCHEMA "odd names"')
    place.table('"odd names"."1 t"', 'id int PRIMARY KEY, "größe" int', 'CREATE TOPIC a ON "odd names"."1 t" WITH (format = avro)',
                'INSERT INTO "odd names"."1 t" VALUES (1, 2)')
    assert place.decoded("a", 1) == [({"id": 1}, {"id": 1, "gr_u00f6_u00dfe": 2})]
    place.table("t", 'id int PRIMARY KEY, "a b" int, a_u0020b int')
    with pytest.raises(psycopg.errors.DuplicateColumn):
        place.sql.execute("CREATE TOPIC b ON t WITH (format = avro)")
    place.sql.execute("CREATE TOPIC b ON t WITH (format = avro, columns = (id))")


def test_our_own_source_reads_it(place):
    place.table("t", "id int PRIMARY KEY, line text, at timestamptz, n numeric(9,2), tags text[]",
                "CREATE TOPIC a ON t WITH (format = avro)",
                "INSERT INTO t VALUES (1, 'one', '2026-11-29 12:00Z', -1.50, '{a,NULL}'), (2, NULL, 'infinity', 'NaN', NULL)",
                "CREATE TABLE copy (id int PRIMARY KEY, line text, at timestamptz, n numeric(9,2), tags text[])",
                f"CREATE SOURCE copy FROM KAFKA (brokers = '{place.kafka}', topic = 'a', format = avro, "
                f"registry = '{place.url}', tombstones = 'delete', on_conflict = 'update') INTO copy "
                "(id = key '$.id', line, at, n, tags)")
    place.sql.execute("SET timezone = 'UTC'")
    select = "SELECT id, line, at::text, n::text, tags FROM {} ORDER BY id"
    until(lambda: place.sql.execute(select.format("t")).fetchall() == place.sql.execute(select.format("copy")).fetchall())
    place.sql.execute("ALTER TABLE t ADD COLUMN more int")
    place.sql.execute("UPDATE t SET line = 'uno', more = 5 WHERE id = 1")
    place.sql.execute("DELETE FROM t WHERE id = 2")
    until(lambda: place.sql.execute("SELECT id, line FROM copy").fetchall() == [(1, "uno")])


def test_every_node_has_the_schemas(cluster):  # noqa: F811
    places = [Place(member.ports) for member in cluster]
    define(
        cluster[0], "CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, line text) WITH (distributed_by = 'globally')",
        "ALTER TABLE t SET (change_stream = on)", "CREATE TOPIC IF NOT EXISTS a ON t WITH (format = avro)",
        "INSERT INTO t SELECT i, 'line' FROM generate_series(1, 100) i ON CONFLICT DO NOTHING")
    values = [message.value() for message in places[0].messages("a", 100)]
    for other in places[1:]:
        assert [message.value() for message in other.messages("a", 100)] == values
        assert other.registry.get_schema(schema_id(values[0])).schema_str == places[0].registry.get_schema(
            schema_id(values[0])).schema_str
    define(cluster[1], "ALTER TABLE t ADD COLUMN IF NOT EXISTS more int")
    number = schema_id(places[1].messages("a", 1)[0].value())
    # At once: the node may have heard of the change less than who asks.
    assert json.loads(places[2].registry.get_schema(number).schema_str)["fields"][2]["name"] == "more"
    cluster[0].kill()

    def is_back():
        try:
            return schema_id(places[2].messages("a", 100)[0].value()) == number
        except AssertionError:
            return False

    until(is_back, 60)
    assert places[2].registry.get_latest_version("a-value").schema_id == number

"""cassandra-driver with its defaults: connecting, preparing, paging, batches, conditions."""

import datetime
import decimal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from cassandra import InvalidRequest
from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.protocol import SyntaxException
from cassandra.query import BatchStatement, BatchType, SimpleStatement
from cassandra.util import Date, Duration, Time

from conftest import CQL, KEYSPACE, address


def rows(session, text, *arguments):
    return [tuple(row) for row in session.execute(text, *arguments)]


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("compression", [False, "lz4"])
def test_versions_and_compression(version, compression):
    host, port = address(CQL)
    with Cluster([host], port=port, protocol_version=version, compression=compression) as cluster:
        session = cluster.connect()
        text = "x" * 300_000
        assert rows(session, "SELECT key FROM system.local") == [("local",)]
        with pytest.raises(InvalidRequest):
            session.execute("SELECT * FROM system.local WHERE key = %s AND nothing = 1", (text,))


def test_the_schema_is_known_to_the_driver(cluster, cql, table):
    name = table("a int, b text, c int static, d map<text, int>, PRIMARY KEY ((a), b)", "WITH CLUSTERING ORDER BY (b DESC)")
    known = cluster.metadata.keyspaces[KEYSPACE].tables[name.split(".")[1]]
    assert [column.name for column in known.partition_key] == ["a"]
    assert [column.name for column in known.clustering_key] == ["b"]
    assert known.columns["c"].is_static and known.columns["d"].cql_type == "map<text, int>"
    assert "CLUSTERING ORDER BY (b DESC)" in known.export_as_string()
    assert cluster.metadata.token_map is not None and cluster.metadata.token_map.ring


def test_tokens_are_the_partitioners(cluster, cql, table):
    one = table("a int PRIMARY KEY")
    two = table("a int, b text, PRIMARY KEY ((a, b))")
    single = cql.prepare(f"INSERT INTO {one} (a) VALUES (?)")
    double = cql.prepare(f"INSERT INTO {two} (b, a) VALUES (?, ?)")
    hasher = cluster.metadata.token_map.token_class
    for number in range(20):
        bound = single.bind((number,))
        cql.execute(bound)
        token = rows(cql, f"SELECT token(a) FROM {one} WHERE a = {number}")[0][0]
        assert token == hasher.from_key(bound.routing_key).value
        bound = double.bind((f"text{number}", number))
        cql.execute(bound)
        token = rows(cql, f"SELECT token(a, b) FROM {two} WHERE a = {number} AND b = 'text{number}'")[0][0]
        assert token == hasher.from_key(bound.routing_key).value


VALUES = {
    "ascii": "plain", "bigint": 2**62, "blob": b"\x00\xff", "boolean": True, "decimal": decimal.Decimal("-1.50"),
    "double": 1.5, "float": 2.5, "inet": "192.168.0.1", "smallint": -5, "tinyint": 7, "text": "héllo",
    "time": Time("01:02:03.456"), "date": Date("2020-02-29"), "timestamp": datetime.datetime(2021, 1, 2, 3, 4, 5, 678000),
    "timeuuid": uuid.UUID("50554d6e-29bb-11e5-b345-feff819cdc9f"), "uuid": uuid.UUID(int=5),
    "varint": -(10**30), "duration": Duration(1, 2, 3_000_000), "list<text>": ["x", "y", "x"],
    "set<int>": {1, 2, 3}, "map<text, frozen<list<int>>>": {"k": [1, 2]}, "tuple<int, text>": (5, "z"),
    "frozen<list<int>>": [3, 1], "frozen<map<int, text>>": {2: "b", 1: "a"}, "list<frozen<tuple<int, int>>>": [(1, 2)],
}


@pytest.mark.parametrize("kind", VALUES)
def test_every_type_comes_back(cql, table, kind):
    name = table(f"k int PRIMARY KEY, v {kind}")
    insert = cql.prepare(f"INSERT INTO {name} (k, v) VALUES (?, ?)")
    cql.execute(insert, (1, VALUES[kind]))
    cql.execute(insert, (2, None))
    found = dict(rows(cql, f"SELECT k, v FROM {name}"))
    value = found[1]
    if kind.startswith(("set", "map", "frozen<map")):
        value = type(VALUES[kind])(value)
    assert value == VALUES[kind] and found[2] is None
    # JSON there and back.
    text = rows(cql, f"SELECT JSON v FROM {name} WHERE k = 1")[0][0]
    cql.execute(f"INSERT INTO {name} JSON %s", (text[:-1] + ', "k": 3}',))
    assert rows(cql, f"SELECT v FROM {name} WHERE k = 3") == rows(cql, f"SELECT v FROM {name} WHERE k = 1")


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind not in ("duration",) and "<" not in kind])
def test_every_scalar_is_a_key(cql, table, kind):
    name = table(f"p {kind}, c {kind}, v int, PRIMARY KEY (p, c)")
    cql.execute(cql.prepare(f"INSERT INTO {name} (p, c, v) VALUES (?, ?, 1)"), (VALUES[kind], VALUES[kind]))
    select = cql.prepare(f"SELECT p, c, v FROM {name} WHERE p = ? AND c = ?")
    assert rows(cql, select, (VALUES[kind], VALUES[kind])) == [(VALUES[kind], VALUES[kind], 1)]
    assert len(rows(cql, f"SELECT * FROM {name}")) == 1


def test_user_types(cql, table):
    cql.execute(f"CREATE TYPE IF NOT EXISTS {KEYSPACE}.address (street text, zip int)")
    name = table("k int PRIMARY KEY, v frozen<address>, w address")
    cql.execute(f"INSERT INTO {name} (k, v, w) VALUES (1, {{street: 's', zip: 9}}, {{zip: 3}})")
    cql.execute(f"UPDATE {name} SET w.street = 't' WHERE k = 1")
    [(v, w, street)] = rows(cql, f"SELECT v, w, w.street FROM {name}")
    assert (v.street, v.zip, w.street, w.zip, street) == ("s", 9, "t", 3, "t")
    with pytest.raises(InvalidRequest):
        cql.execute(f"DROP TYPE {KEYSPACE}.address")


def test_pages(cql, table):
    name = table("p int, c int, v text, PRIMARY KEY (p, c)")
    insert = cql.prepare(f"INSERT INTO {name} (p, c, v) VALUES (?, ?, 'v')")
    execute_concurrent_with_args(cql, insert, [(i % 7, i) for i in range(300)])
    for size in (1, 13, 100, 5_000):
        found = rows(cql, SimpleStatement(f"SELECT p, c FROM {name}", fetch_size=size))
        assert sorted(found) == sorted((i % 7, i) for i in range(300))
        found = rows(cql, SimpleStatement(f"SELECT c FROM {name} WHERE p = 3 ORDER BY c DESC", fetch_size=size))
        assert found == [(i,) for i in range(299, -1, -1) if i % 7 == 3]
        found = rows(cql, SimpleStatement(f"SELECT c FROM {name} WHERE p IN (1, 2) LIMIT 50", fetch_size=size))
        assert len(found) == 50
    # The state goes on over another connection.
    result = cql.execute(SimpleStatement(f"SELECT c FROM {name} WHERE p = 3", fetch_size=10))
    state, first = result.paging_state, list(result.current_rows)
    host, port = address(CQL)
    with Cluster([host], port=port) as other:
        rest = other.connect().execute(SimpleStatement(f"SELECT c FROM {name} WHERE p = 3", fetch_size=1_000), paging_state=state)
        assert [row.c for row in first] + [row.c for row in rest] == [i for i in range(300) if i % 7 == 3]


def test_a_page_of_large_rows_ends_early(cql, table):
    """However many rows are asked for: no reply needs more memory than a page may."""
    name = table("p int, c int, v blob, PRIMARY KEY (p, c)")
    insert = cql.prepare(f"INSERT INTO {name} (p, c, v) VALUES (?, ?, ?)")
    for number in range(24):
        cql.execute(insert, (number % 2, number, bytes([number]) * (1 << 20)))
    for text in (f"SELECT c, v FROM {name}", f"SELECT c, v FROM {name} WHERE p = 1"):
        result = cql.execute(SimpleStatement(text, fetch_size=1_000))
        count = 12 if "WHERE" in text else 24
        assert 1 <= len(result.current_rows) < count and result.has_more_pages
        found = sorted((row.c, row.v) for row in result)
        expected = [number for number in range(24) if count == 24 or number % 2 == 1]
        assert found == [(number, bytes([number]) * (1 << 20)) for number in expected]


def test_clustering(cql, table):
    name = table("p int, a int, b int, v int, PRIMARY KEY (p, a, b)", "WITH CLUSTERING ORDER BY (a DESC, b ASC)")
    insert = cql.prepare(f"INSERT INTO {name} (p, a, b, v) VALUES (1, ?, ?, 0)")
    for a in range(4):
        for b in range(4):
            cql.execute(insert, (a, b))

    def found(where):
        return rows(cql, f"SELECT a, b FROM {name} WHERE p = 1 {where}")

    everything = sorted(((a, b) for a in range(4) for b in range(4)), key=lambda pair: (-pair[0], pair[1]))
    assert found("") == everything
    assert found("ORDER BY a ASC") == everything[::-1]
    assert found("AND a > 1 AND a <= 3") == [pair for pair in everything if 1 < pair[0] <= 3]
    assert found("AND a = 2 AND b >= 1 AND b < 3") == [(2, 1), (2, 2)]
    assert found("AND a IN (3, 0) AND b IN (2, 1)") == [(3, 1), (3, 2), (0, 1), (0, 2)]
    assert found("AND (a, b) = (2, 3)") == [(2, 3)]
    assert found("AND (a, b) IN ((2, 3), (0, 0))") == [(2, 3), (0, 0)]
    assert found("AND (a, b) > (2, 1)") == [pair for pair in everything if pair > (2, 1)]
    assert found("PER PARTITION LIMIT 2") == everything[:2]
    assert rows(cql, f"SELECT a, count(*), max(b) FROM {name} WHERE p = 1 GROUP BY p, a") == [(a, 4, 3) for a in (3, 2, 1, 0)]
    with pytest.raises(InvalidRequest, match="ALLOW FILTERING"):
        found("AND v = 0")
    assert len(found("AND v = 0 ALLOW FILTERING")) == 16
    cql.execute(f"DELETE FROM {name} WHERE p = 1 AND a >= 2")
    assert found("") == [pair for pair in everything if pair[0] < 2]
    cql.execute(f"DELETE FROM {name} WHERE p = 1 AND a = 1")
    assert found("") == [(0, b) for b in range(4)]
    cql.execute(f"DELETE FROM {name} WHERE p = 1")
    assert found("") == []


def test_static_columns(cql, table):
    name = table("p int, c int, s text static, v int, PRIMARY KEY (p, c)")
    cql.execute(f"INSERT INTO {name} (p, s) VALUES (1, 'only')")
    assert rows(cql, f"SELECT * FROM {name}") == [(1, None, "only", None)]
    cql.execute(f"INSERT INTO {name} (p, c, v) VALUES (1, 1, 1)")
    cql.execute(f"INSERT INTO {name} (p, c, s) VALUES (1, 2, 'new')")
    assert rows(cql, f"SELECT c, s, v FROM {name} WHERE p = 1") == [(1, "new", 1), (2, "new", None)]
    assert rows(cql, f"SELECT DISTINCT p, s FROM {name}") == [(1, "new")]
    assert rows(cql, f"UPDATE {name} SET s = 'x' WHERE p = 1 IF s = 'no'") == [(False, "new")]
    assert rows(cql, f"UPDATE {name} SET s = 'x', v = 5 WHERE p = 1 AND c = 1 IF s = 'new'") == [(True,)]
    assert rows(cql, f"SELECT c, s, v FROM {name} WHERE p = 1") == [(1, "x", 5), (2, "x", None)]
    cql.execute(f"DELETE FROM {name} WHERE p = 1")
    assert rows(cql, f"SELECT * FROM {name}") == []


def test_conditions(cql, table):
    name = table("k int PRIMARY KEY, v int, m map<text, int>")
    assert rows(cql, f"INSERT INTO {name} (k, v, m) VALUES (1, 1, {{'a': 1}}) IF NOT EXISTS") == [(True,)]
    [row] = cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 2) IF NOT EXISTS")
    assert (row.applied, row.k, row.v) == (False, 1, 1)
    assert rows(cql, f"UPDATE {name} SET v = 3 WHERE k = 1 IF v = 1 AND m['a'] = 1") == [(True,)]
    assert rows(cql, f"UPDATE {name} SET v = 4 WHERE k = 1 IF v IN (7, 8)") == [(False, 3)]
    assert rows(cql, f"UPDATE {name} SET v = 4 WHERE k = 1 IF v > 2") == [(True,)]
    assert rows(cql, f"UPDATE {name} SET v = 4 WHERE k = 9 IF v = 1") == [(False,)]
    assert rows(cql, f"UPDATE {name} SET v = 4 WHERE k = 9 IF EXISTS") == [(False,)]
    assert rows(cql, f"DELETE FROM {name} WHERE k = 1 IF v = 4") == [(True,)]
    assert rows(cql, f"SELECT * FROM {name}") == []
    with pytest.raises(InvalidRequest):
        cql.execute(f"UPDATE {name} USING TIMESTAMP 5 SET v = 4 WHERE k = 1 IF EXISTS")


def test_one_of_many_wins(cql, table):
    name = table("k int PRIMARY KEY, winner int")
    insert = cql.prepare(f"INSERT INTO {name} (k, winner) VALUES (?, ?) IF NOT EXISTS")

    def race(contender):
        return [cql.execute(insert, (k, contender)).one().applied for k in range(5)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(race, range(8)))
    for k in range(5):
        winners = [contender for contender, result in enumerate(results) if result[k]]
        assert len(winners) == 1
        assert rows(cql, f"SELECT winner FROM {name} WHERE k = {k}") == [(winners[0],)]


def test_increments_by_conditions_lose_none(cql, table):
    name = table("k int PRIMARY KEY, v int")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 0)")
    read = cql.prepare(f"SELECT v FROM {name} WHERE k = 1")
    swap = cql.prepare(f"UPDATE {name} SET v = ? WHERE k = 1 IF v = ?")

    def work(_):
        done = 0
        while done < 10:
            value = cql.execute(read).one().v
            done += cql.execute(swap, (value + 1, value)).one().applied

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert rows(cql, f"SELECT v FROM {name}") == [(60,)]


def test_counters(cql, table):
    name = table("k int, c int, n counter, PRIMARY KEY (k, c)")
    add = cql.prepare(f"UPDATE {name} SET n = n + ? WHERE k = 1 AND c = ?")
    results = execute_concurrent_with_args(cql, add, [(i, i % 2) for i in range(100)], concurrency=50)
    assert all(result.success for result in results)
    assert rows(cql, f"SELECT c, n FROM {name} WHERE k = 1") == [(0, sum(range(0, 100, 2))), (1, sum(range(1, 100, 2)))]
    batch = BatchStatement(batch_type=BatchType.COUNTER)
    batch.add(f"UPDATE {name} SET n = n - 1 WHERE k = 1 AND c = 0")
    batch.add(f"UPDATE {name} SET n = n + 5 WHERE k = 2 AND c = 0")
    cql.execute(batch)
    assert rows(cql, f"SELECT n FROM {name} WHERE k = 2") == [(5,)]
    with pytest.raises(InvalidRequest):
        cql.execute(f"INSERT INTO {name} (k, c, n) VALUES (1, 1, 1)")


def test_batches_are_whole(cql, table):
    name = table("k int PRIMARY KEY, v int")
    insert = cql.prepare(f"INSERT INTO {name} (k, v) VALUES (?, ?)")
    batch = BatchStatement()
    for k in range(50):
        batch.add(insert, (k, k))
    batch.add(SimpleStatement(f"DELETE FROM {name} WHERE k = %s"), (7,))
    cql.execute(batch)
    assert sorted(rows(cql, f"SELECT k FROM {name}")) == [(k,) for k in range(50) if k != 7]
    with pytest.raises(InvalidRequest):
        cql.execute(f"BEGIN BATCH INSERT INTO {name} (k) VALUES (100); INSERT INTO {name} (v) VALUES (1); APPLY BATCH")
    assert rows(cql, f"SELECT k FROM {name} WHERE k = 100") == []
    conditional = f"BEGIN BATCH UPDATE {name} SET v = 1 WHERE k = 1 IF v = %d; INSERT INTO {name} (k, v) VALUES (1, 5); APPLY BATCH"
    assert rows(cql, conditional % 8)[0][0] is False
    assert rows(cql, conditional % 1) == [(True,)]
    with pytest.raises(InvalidRequest, match="multiple partitions"):
        cql.execute(
            f"BEGIN BATCH UPDATE {name} SET v = 1 WHERE k = 1 IF v = 1; INSERT INTO {name} (k, v) VALUES (2, 5); APPLY BATCH")


def test_write_times(cql, table):
    name = table("k int PRIMARY KEY, v int, w int")
    for timestamp, value in ((1_000, 10), (500, 9), (1_000, 8), (1_000, 11)):
        cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, {value}) USING TIMESTAMP {timestamp}")
    assert rows(cql, f"SELECT v, writetime(v) FROM {name}") == [(11, 1_000)]
    cql.execute(f"DELETE v FROM {name} USING TIMESTAMP 1500 WHERE k = 1")
    cql.execute(f"UPDATE {name} USING TIMESTAMP 1400 SET v = 1 WHERE k = 1")
    assert rows(cql, f"SELECT v FROM {name}") == [(None,)]
    cql.execute(f"DELETE FROM {name} USING TIMESTAMP 2000 WHERE k = 1")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 1) USING TIMESTAMP 1999")
    assert rows(cql, f"SELECT * FROM {name}") == []
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 1) USING TIMESTAMP 2001")
    assert rows(cql, f"SELECT k, v FROM {name}") == [(1, 1)]


def test_time_to_live(cql, table):
    name = table("k int PRIMARY KEY, v int, w int")
    cql.execute(f"INSERT INTO {name} (k, v, w) VALUES (1, 1, 1) USING TTL 1000")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (2, 1) USING TTL 1")
    cql.execute(f"UPDATE {name} USING TTL 1 SET v = 5 WHERE k = 3")
    cql.execute(f"UPDATE {name} SET w = 5 WHERE k = 3")
    cql.execute(f"UPDATE {name} SET v = 2 WHERE k = 1")
    [(v, w)] = rows(cql, f"SELECT ttl(v), ttl(w) FROM {name} WHERE k = 1")
    assert v is None and 990 < w <= 1000
    time.sleep(2.1)
    assert sorted(rows(cql, f"SELECT k, v, w FROM {name}")) == [(1, 2, 1), (3, None, 5)]
    cql.execute(f"UPDATE {name} SET w = null WHERE k = 3")
    assert rows(cql, f"SELECT k FROM {name}") == [(1,)]
    with pytest.raises(InvalidRequest):
        cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 1) USING TTL 630720001")


def test_collections(cql, table):
    name = table("k int PRIMARY KEY, l list<int>, s set<int>, m map<text, int>")
    cql.execute(f"INSERT INTO {name} (k, l, s, m) VALUES (1, [1], {{1}}, {{'a': 1}})")
    cql.execute(f"UPDATE {name} SET l = l + [2, 3], s = s + {{5, 4}}, m = m + {{'b': 2}} WHERE k = 1")
    cql.execute(f"UPDATE {name} SET l = [0] + l, m['c'] = 3 WHERE k = 1")
    cql.execute(f"UPDATE {name} SET l[1] = 9, s = s - {{1}}, m = m - {{'a'}} WHERE k = 1")
    cql.execute(f"DELETE l[3], m['b'] FROM {name} WHERE k = 1")
    [row] = cql.execute(f"SELECT * FROM {name}")
    assert (row.l, set(row.s), dict(row.m)) == ([0, 9, 2], {4, 5}, {"c": 3})
    cql.execute(f"UPDATE {name} SET l = l - [0, 9, 2], s = {{}} WHERE k = 1")
    [row] = cql.execute(f"SELECT * FROM {name}")
    assert (row.l, row.s) == (None, None)
    assert rows(cql, f"SELECT k FROM {name} WHERE m CONTAINS KEY 'c' ALLOW FILTERING") == [(1,)]
    assert rows(cql, f"SELECT k FROM {name} WHERE m CONTAINS 4 ALLOW FILTERING") == []
    assert rows(cql, f"SELECT k FROM {name} WHERE m['c'] = 3 ALLOW FILTERING") == [(1,)]
    with pytest.raises(InvalidRequest):
        cql.execute(f"UPDATE {name} USING TTL 5 SET m['x'] = 1 WHERE k = 1")


def test_indexes(cql, table):
    name = table("k int, c int, v text, PRIMARY KEY (k, c)")
    for number in range(40):
        cql.execute(f"INSERT INTO {name} (k, c, v) VALUES ({number}, 0, 'v{number % 4}')")
    cql.execute(f"CREATE INDEX ON {name} (v)")
    found = rows(cql, SimpleStatement(f"SELECT k FROM {name} WHERE v = 'v1'", fetch_size=3))
    assert sorted(found) == [(number,) for number in range(1, 40, 4)]
    cql.execute(f"UPDATE {name} SET v = 'other' WHERE k = 1 AND c = 0")
    cql.execute(f"DELETE FROM {name} WHERE k = 5")
    assert len(rows(cql, f"SELECT k FROM {name} WHERE v = 'v1'")) == 8
    assert rows(cql, f"SELECT k FROM {name} WHERE v = 'other'") == [(1,)]


def test_prepared_statements_follow_the_schema(cql, table):
    name = table("k int PRIMARY KEY, v int")
    select = cql.prepare(f"SELECT * FROM {name} WHERE k = ?")
    insert = cql.prepare(f"INSERT INTO {name} (k, v) VALUES (?, ?)")
    cql.execute(insert, (1, 1))
    cql.execute(f"ALTER TABLE {name} ADD w text")
    cql.execute(f"UPDATE {name} SET w = 'new' WHERE k = 1")
    assert rows(cql, select, (1,)) == [(1, 1, "new")]
    cql.execute(f"ALTER TABLE {name} DROP v")
    assert rows(cql, select, (1,)) == [(1, "new")]
    with pytest.raises(InvalidRequest):
        cql.execute(insert, (1, 1))


def test_unset_values(cql, table):
    from cassandra.query import UNSET_VALUE
    name = table("k int PRIMARY KEY, v int, w int")
    insert = cql.prepare(f"INSERT INTO {name} (k, v, w) VALUES (:k, :v, :w)")
    cql.execute(insert, {"k": 1, "v": 1, "w": 1})
    cql.execute(insert, {"k": 1, "v": UNSET_VALUE, "w": None})
    assert rows(cql, f"SELECT k, v, w FROM {name}") == [(1, 1, None)]


REFUSED = [
    ("SELEC 1", SyntaxException), ("SELECT * FROM", SyntaxException), ("INSERT INTO t (a) VALUES (1", SyntaxException),
    ("SELECT * FROM nowhere", InvalidRequest), ("SELECT * FROM nowhere.nothing", InvalidRequest),
    ("CREATE MATERIALIZED VIEW v AS SELECT * FROM nothing WHERE a IS NOT NULL PRIMARY KEY (a)", InvalidRequest),
    ("CREATE FUNCTION f (a int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS 'return a;'", InvalidRequest),
    ("CREATE TRIGGER x ON t USING 'y'", InvalidRequest), ("USE nowhere", InvalidRequest),
    (f"CREATE TABLE {KEYSPACE}.bad (a int)", InvalidRequest),
    (f"CREATE TABLE {KEYSPACE}.bad (a list<int> PRIMARY KEY)", InvalidRequest),
    (f"CREATE TABLE {KEYSPACE}.bad (a int PRIMARY KEY, b nothing)", InvalidRequest),
    (f"CREATE TABLE {KEYSPACE}.bad (a int PRIMARY KEY) WITH nothing = 1", SyntaxException),
]


@pytest.mark.parametrize("text,error", REFUSED)
def test_refusals(cql, text, error):
    with pytest.raises(error):
        cql.execute(text)


def test_unknown_levels_of_consistency_do_not_matter(cql, table):
    from cassandra import ConsistencyLevel
    name = table("k int PRIMARY KEY")
    for level in (ConsistencyLevel.ANY, ConsistencyLevel.ALL, ConsistencyLevel.EACH_QUORUM, ConsistencyLevel.LOCAL_ONE):
        cql.execute(SimpleStatement(f"INSERT INTO {name} (k) VALUES ({level})", consistency_level=level))
    assert len(rows(cql, SimpleStatement(f"SELECT * FROM {name}", consistency_level=ConsistencyLevel.ALL))) == 4

"""Indexes on collections and static columns, functions and aggregates, traces: as drivers and cqlsh see them."""

import random
import threading
import time

import psycopg
import pytest
from cassandra import FunctionFailure, InvalidRequest
from cassandra.concurrent import execute_concurrent_with_args

from conftest import KEYSPACE


def rows(session, text, *arguments):
    return [tuple(row) for row in session.execute(text, *arguments)]


def test_indexes_on_collections(cluster, cql, sql, table):
    name = table("k int PRIMARY KEY, l list<int>, s set<text>, m map<text, decimal>, f frozen<set<int>>")
    for target in ("l", "s", "keys(m)", "values(m)", "entries(m)", "full(f)"):
        cql.execute(f"CREATE INDEX ON {name} ({target})")
    insert = cql.prepare(f"INSERT INTO {name} (k, l, s, m, f) VALUES (?, ?, ?, ?, ?)")
    execute_concurrent_with_args(
        cql, insert, [(n, [n % 7, n], {f"s{n % 5}"}, {f"k{n % 3}": n % 4}, {n % 2}) for n in range(200)])
    for where, test in (
            ("l CONTAINS 3", lambda n: n % 7 == 3 or n == 3), ("s CONTAINS 's2'", lambda n: n % 5 == 2),
            ("m CONTAINS KEY 'k1'", lambda n: n % 3 == 1), ("m CONTAINS 2.0", lambda n: n % 4 == 2),
            ("m['k0'] = 1", lambda n: n % 3 == 0 and n % 4 == 1), ("f = {1}", lambda n: n % 2 == 1)):
        found = sorted(k for k, in rows(cql, f"SELECT k FROM {name} WHERE {where}"))
        assert found == [n for n in range(200) if test(n)], where
    # SQL's writes keep them too.
    sql.execute(f"update {name} set l = array[1000], s = '{{}}' where k < 100")
    assert len(rows(cql, f"SELECT k FROM {name} WHERE l CONTAINS 1000")) == 100
    assert sorted(k for k, in rows(cql, f"SELECT k FROM {name} WHERE s CONTAINS 's2'")) == [n for n in range(100, 200) if n % 5 == 2]
    assert len(rows(cql, f"SELECT k FROM {name} WHERE l CONTAINS 3")) == len([n for n in range(100, 200) if n % 7 == 3])
    keyspace, bare = name.split(".")
    targets = {row[0]["target"] for row in rows(
        cql, f"SELECT options FROM system_schema.indexes WHERE keyspace_name = '{keyspace}' AND table_name = '{bare}'")}
    assert targets == {"values(l)", "values(s)", "keys(m)", "values(m)", "entries(m)", "full(f)"}
    assert "entries(m)" in cluster.metadata.keyspaces[keyspace].tables[bare].export_as_string()


def test_an_index_on_a_static_column(cql, sql, table):
    name = table("p int, c int, s text static, PRIMARY KEY (p, c)")
    insert = cql.prepare(f"INSERT INTO {name} (p, c, s) VALUES (?, ?, ?)")
    execute_concurrent_with_args(cql, insert, [(n % 20, n, f"s{n % 20 % 4}") for n in range(200)])
    cql.execute(f"CREATE INDEX ON {name} (s)")
    assert sorted(rows(cql, f"SELECT p, c FROM {name} WHERE s = 's1'")) == sorted((n % 20, n) for n in range(200) if n % 20 % 4 == 1)
    cql.execute(f"DELETE s FROM {name} WHERE p = 1")
    assert {p for p, _ in rows(cql, f"SELECT p, c FROM {name} WHERE s = 's1'")} == {5, 9, 13, 17}
    # The table of the static columns goes with its own.
    schema, bare = name.split(".")
    sql.execute(f"drop table {name}")
    assert sql.execute("select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = %s and relname like %s",
                       (schema, f"{bare}%")).fetchone() == (0,)


def test_functions_and_aggregates(cluster, cql, table):
    name = table("k int PRIMARY KEY, v double, tags set<text>, u map<text, int>")
    cql.execute(f"CREATE OR REPLACE FUNCTION {KEYSPACE}.area(r double) RETURNS NULL ON NULL INPUT RETURNS double LANGUAGE lua AS 'return 2 * r'")
    cql.execute(f"CREATE OR REPLACE FUNCTION {KEYSPACE}.size(t set<text>) CALLED ON NULL INPUT RETURNS int LANGUAGE lua AS 'if t == nil then return 0 end return #t'")
    cql.execute(f"CREATE OR REPLACE FUNCTION {KEYSPACE}.more(m map<text, int>) CALLED ON NULL INPUT RETURNS map<text, int> LANGUAGE lua AS 'm.more = 1 return m'")
    cql.execute(f"CREATE OR REPLACE FUNCTION {KEYSPACE}.least(a double, b double) CALLED ON NULL INPUT RETURNS double LANGUAGE sql AS 'least(a, b)'")
    cql.execute(f"CREATE OR REPLACE AGGREGATE {KEYSPACE}.smallest(double) SFUNC least STYPE double")
    for n in range(1, 11):
        cql.execute(f"INSERT INTO {name} (k, v, tags, u) VALUES (%s, %s, %s, %s)", (n, n + 0.5, {"a", "b"}, {"x": n}))
    assert rows(cql, f"SELECT {KEYSPACE}.area(v), {KEYSPACE}.size(tags), {KEYSPACE}.more(u) FROM {name} WHERE k = 3") == [(7.0, 2, {"x": 3, "more": 1})]
    assert rows(cql, f"SELECT smallest(v) FROM {name}") == [(1.5,)]
    prepared = cql.prepare(f"INSERT INTO {name} (k, v) VALUES (?, area(?))")
    cql.execute(prepared, (99, 4.0))
    assert rows(cql, f"SELECT v FROM {name} WHERE k = 99") == [(8.0,)]
    with pytest.raises(FunctionFailure):
        cql.execute(f"SELECT more(u) FROM {name} WHERE k = 99")
    cluster.refresh_keyspace_metadata(KEYSPACE)
    known = cluster.metadata.keyspaces[KEYSPACE]
    assert known.functions["area(double)"].language == "lua" and known.aggregates["smallest(double)"].state_func == "least"
    assert "LANGUAGE lua" in rows(cql, f"DESCRIBE FUNCTION {KEYSPACE}.area")[0][3]
    with pytest.raises(InvalidRequest, match="referenced"):
        cql.execute(f"DROP FUNCTION {KEYSPACE}.least")
    for text in ("AGGREGATE smallest", "FUNCTION least", "FUNCTION area(double)", "FUNCTION size", "FUNCTION more"):
        cql.execute(f"DROP {text}")


def test_views_follow_their_tables(cluster, cql, sql, table):
    name = table("p int, c int, v int, w text, PRIMARY KEY (p, c)")
    view = name + "v"
    execute_concurrent_with_args(
        cql, cql.prepare(f"INSERT INTO {name} (p, c, v, w) VALUES (?, ?, ?, ?)"), [(n % 20, n, n % 7, f"w{n}") for n in range(300)])
    stop = threading.Event()
    faults = []

    def change(seed):
        choice = random.Random(seed)
        try:
            while not stop.is_set():
                key = choice.randrange(300)
                kind = choice.randrange(6)
                if kind < 4:
                    cql.execute(f"UPDATE {name} SET v = {choice.randrange(9)} WHERE p = {key % 20} AND c = {key}")
                elif kind == 4:
                    cql.execute(f"DELETE FROM {name} WHERE p = {key % 20} AND c = {key}")
                else:
                    cql.execute(f"UPDATE {name} SET v = 100 WHERE p = {key % 20} AND c = {key} IF v = {choice.randrange(9)}")
        except Exception as error:  # noqa: BLE001: told below
            faults.append(error)

    threads = [threading.Thread(target=change, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    # The view is made while they work.
    cql.execute(
        f"CREATE MATERIALIZED VIEW {view} AS SELECT * FROM {name} WHERE v IS NOT NULL AND p IS NOT NULL AND c IS NOT NULL "
        "PRIMARY KEY (v, p, c)")
    time.sleep(2)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults, faults[0]
    base = sorted(rows(cql, f"SELECT v, p, c, w FROM {name}"), key=str)
    assert [row for row in base if row[0] is not None] == sorted(rows(cql, f"SELECT v, p, c, w FROM {view}"), key=str)
    cluster.refresh_keyspace_metadata(KEYSPACE)
    assert view.split(".")[1] in cluster.metadata.keyspaces[KEYSPACE].views
    # SQL reads both, and writes neither: it would leave the view behind.
    assert sql.execute(f"select count(*) from {view}").fetchone()[0] == len([row for row in base if row[0] is not None])
    for text in (f"update {name} set v = 1", f"delete from {view}", f"insert into {name} values (1, 1, 1, 'x')"):
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            sql.execute(text)
    sql.execute(f"truncate {name}")
    assert rows(cql, f"SELECT * FROM {view}") == []
    cql.execute(f"DROP MATERIALIZED VIEW {view}")


def test_traces(cql, table):
    name = table("k int PRIMARY KEY, v int")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 2)", trace=True).get_query_trace()
    result = cql.execute(f"SELECT v FROM {name} WHERE k = 1", trace=True)
    trace = result.get_query_trace(max_wait_sec=10)
    assert trace.request_type == "Execute CQL3 query" and trace.parameters["query"].startswith("SELECT v")
    assert trace.duration.total_seconds() > 0 and trace.coordinator == "127.0.0.1"
    assert any("rows came from tablet" in event.description for event in trace.events)
    assert all(event.source_elapsed <= trace.duration for event in trace.events)
    assert cql.execute(f"SELECT v FROM {name}").response_future.get_all_query_traces() == []

"""The same rows seen by CQL and by SQL."""

import time

import psycopg
import pytest
from cassandra import InvalidRequest

from conftest import KEYSPACE


def rows(cql, text, *arguments):
    return [tuple(row) for row in cql.execute(text, *arguments)]


def test_a_cql_table_is_a_sql_table(cql, sql, table):
    name = table("p int, c text, v int, l list<int>, m map<text, int>, PRIMARY KEY (p, c)", "WITH CLUSTERING ORDER BY (c DESC)")
    cql.execute(f"INSERT INTO {name} (p, c, v, l, m) VALUES (1, 'a', 5, [1, 2], {{'k': 7}})")
    assert sql.execute(f"select * from {name}").fetchall() == [(1, "a", 5, [1, 2], {"k": 7})]
    sql.execute(f"insert into {name} values (1, 'b', 6, '{{3}}', '{{\"q\": 8}}'), (2, 'a', 7, null, null)")
    sql.execute(f"update {name} set v = v + 1, m = m || '{{\"z\": 1}}' where p = 1")
    found = rows(cql, f"SELECT c, v, l, m FROM {name} WHERE p = 1")
    assert [(c, v, values, dict(m)) for c, v, values, m in found] == [("b", 7, [3], {"q": 8, "z": 1}), ("a", 6, [1, 2], {"k": 7, "z": 1})]
    sql.execute(f"delete from {name} where p = 1 and c = 'a'")
    assert rows(cql, f"SELECT p, c FROM {name}") in ([(1, "b"), (2, "a")], [(2, "a"), (1, "b")])
    assert sql.execute(f"select c from {name} where p = 1 order by c desc").fetchall() == [("b",)]


def test_a_sql_table_is_a_cql_table(cql, sql):
    sql.execute("drop table if exists conformance.made_in_sql")
    sql.execute(
        "create table conformance.made_in_sql (id int, at timestamptz, name text check (name <> ''), tags text[], primary key (id, at))"
        " with (distributed_by = 'id')")
    cql.execute("INSERT INTO made_in_sql (id, at, name, tags) VALUES (1, '2020-01-02 03:04:05Z', 'x', ['a', 'b'])")
    assert sql.execute("select id, name, tags from conformance.made_in_sql").fetchall() == [(1, "x", ["a", "b"])]
    with pytest.raises(InvalidRequest, match="check constraint"):
        cql.execute("INSERT INTO made_in_sql (id, at, name) VALUES (2, '2020-01-02 03:04:05Z', '')")
    for text in ("INSERT INTO made_in_sql (id, at) VALUES (1, 5) USING TTL 5", "INSERT INTO made_in_sql (id, at) VALUES (1, 5) USING TIMESTAMP 5",
                 "SELECT writetime(name) FROM made_in_sql"):
        with pytest.raises(InvalidRequest, match="made in SQL"):
            cql.execute(text)
    assert rows(cql, "UPDATE made_in_sql SET name = 'y' WHERE id = 1 AND at = '2020-01-02 03:04:05Z' IF name = 'x'") == [(True,)]
    assert sql.execute("select name from conformance.made_in_sql").fetchall() == [("y",)]


def test_what_sql_alone_can_write_is_read_only(cql, sql):
    sql.execute("drop table if exists conformance.with_unique")
    sql.execute("create table conformance.with_unique (id int primary key, name text unique)")
    sql.execute("insert into conformance.with_unique values (1, 'x')")
    assert rows(cql, "SELECT * FROM with_unique") == [(1, "x")]
    with pytest.raises(InvalidRequest, match="unique"):
        cql.execute("INSERT INTO with_unique (id, name) VALUES (2, 'x')")
    sql.execute("drop table if exists conformance.with_json")
    sql.execute("create table conformance.with_json (id int primary key, v jsonb)")
    with pytest.raises(InvalidRequest, match="no counterpart"):
        cql.execute("SELECT * FROM with_json")


def test_sql_writes_are_newer_than_what_they_replace(cql, sql, table):
    name = table("k int PRIMARY KEY, v int")
    future = (int(time.time()) + 3_600) * 1_000_000
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 1) USING TIMESTAMP {future}")
    sql.execute(f"update {name} set v = 2 where k = 1")
    assert rows(cql, f"SELECT v, writetime(v) FROM {name}") == [(2, future + 1)]
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 3)")
    assert rows(cql, f"SELECT v FROM {name}") == [(2,)]
    sql.execute(f"delete from {name}")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 4)")
    assert rows(cql, f"SELECT v FROM {name}") == []
    sql.execute(f"insert into {name} values (1, 5)")
    assert rows(cql, f"SELECT v FROM {name}") == [(5,)]


def test_what_has_expired_sql_does_not_see(cql, sql, table):
    name = table("k int PRIMARY KEY, v int, w int")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 1) USING TTL 1")
    cql.execute(f"INSERT INTO {name} (k, w) VALUES (2, 1)")
    cql.execute(f"UPDATE {name} USING TTL 1 SET v = 1 WHERE k = 2")
    time.sleep(2.1)
    assert sql.execute(f"select * from {name}").fetchall() == [(2, None, 1)]
    assert sql.execute(f"select * from {name} where k = 2").fetchall() == [(2, None, 1)]
    sql.execute(f"update {name} set w = 3 where k = 2 and v is null")
    assert rows(cql, f"SELECT * FROM {name}") == [(2, None, 3)]


def test_static_columns_are_a_table_beside(cql, sql, table):
    name = table("p int, c int, s text static, PRIMARY KEY (p, c)")
    cql.execute(f"INSERT INTO {name} (p, c, s) VALUES (1, 1, 'x')")
    assert sql.execute(f"select p, c, s from {name} join {name}$static using (p)").fetchall() == [(1, 1, "x")]
    sql.execute(f"update {name}$static set s = 'y'")
    assert rows(cql, f"SELECT c, s FROM {name}") == [(1, "y")]


def test_one_transaction_over_both(cql, sql, table):
    name = table("k int PRIMARY KEY, v int")
    cql.execute(f"INSERT INTO {name} (k, v) VALUES (1, 1)")
    with pytest.raises(psycopg.errors.DivisionByZero), sql.transaction():
        sql.execute(f"update {name} set v = 2")
        sql.execute("select 1 / 0")
    assert rows(cql, f"SELECT v FROM {name}") == [(1,)]


def test_definitions_cross(cql, sql, table):
    name = table("k int PRIMARY KEY, v int, s int")
    sql.execute(f"alter table {name} add column w text default 'd'")
    cql.execute(f"INSERT INTO {name} (k, w) VALUES (1, 'x')")
    sql.execute(f"alter table {name} drop column v")
    assert rows(cql, f"SELECT * FROM {name}") == [(1, None, "x")]
    cql.execute(f"CREATE INDEX ON {name} (s)")
    assert "Index Scan" in str(sql.execute(f"explain select * from {name} where s = 1").fetchall())
    sql.execute(f"drop table {name}")
    with pytest.raises(InvalidRequest, match="unconfigured table"):
        cql.execute(f"SELECT * FROM {name}")


def test_tables_of_other_clients_stay_theirs(cql, sql):
    for text in ("SELECT * FROM redis.keys", "SELECT * FROM cql.deletions", "SELECT * FROM pg_catalog.pg_class"):
        with pytest.raises(InvalidRequest, match="does not exist"):
            cql.execute(text)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("drop table cql.deletions")
    assert KEYSPACE in [row[0] for row in sql.execute("select nspname from pg_namespace").fetchall()]

"""The same keys seen by Redis clients and by SQL."""

import time

import psycopg
import pytest

from conftest import RESP
from wire import Connection


def rows(sql, query, *arguments):
    return sql.execute(query, arguments).fetchall()


def test_strings_both_ways(client, sql):
    client.set("a", "one")
    assert rows(sql, "select db, key, type, value from redis.keys") == [(0, "a", "string", "one")]
    sql.execute("update redis.keys set value = 'two' where key = 'a'")
    assert client.get("a") == "two"
    sql.execute("insert into redis.keys (key, value) values ('b', 'three')")
    assert client.get("b") == "three"
    sql.execute("delete from redis.keys where key = 'a'")
    assert client.get("a") is None


def test_joins_with_ordinary_tables(client, sql):
    sql.execute("create table if not exists redis_poets (name text primary key, born int)")
    sql.execute("insert into redis_poets values ('hafez', 1325) on conflict do nothing")
    client.set("hafez", "1326")
    assert rows(
        sql, "select born, value::int from redis_poets join redis.keys on key = name where name = 'hafez'") == [(1325, 1326)]
    sql.execute("drop table redis_poets")


def test_one_transaction_over_both(client, sql):
    sql.execute("create table if not exists ledger (id int primary key)")
    with pytest.raises(psycopg.errors.DivisionByZero), sql.transaction():
        sql.execute("insert into ledger values (1)")
        sql.execute("insert into redis.keys (key, value) values ('total', '1')")
        sql.execute("select 1 / 0")
    assert client.get("total") is None
    with sql.transaction():
        sql.execute("insert into ledger values (1)")
        sql.execute("insert into redis.keys (key, value) values ('total', '1')")
        assert client.get("total") is None
    assert client.get("total") == "1"
    sql.execute("drop table ledger")


def test_expiry_both_ways(client, sql):
    client.set("a", "x", px=300)
    assert rows(sql, "select expires_at > now() from redis.keys") == [(True,)]
    sql.execute("insert into redis.keys (key, value, expires_at) values ('b', 'y', now() + interval '300 ms')")
    assert client.get("b") == "y"
    time.sleep(0.4)
    assert rows(sql, "select key from redis.keys") == []
    assert client.get("a") is None and client.get("b") is None
    sql.execute("insert into redis.keys (key, value) values ('b', 'again')")
    assert client.get("b") == "again"


def test_elements_count_in_their_key(client, sql):
    sql.execute("insert into redis.hash (key, field, value) values ('h', 'a', '1'), ('h', 'b', '2')")
    assert client.type("h") == "hash"
    assert rows(sql, "select type, length from redis.keys where key = 'h'") == [("hash", 2)]
    sql.execute("delete from redis.hash where field = 'a'")
    assert rows(sql, "select length from redis.keys where key = 'h'") == [(1,)]
    sql.execute("delete from redis.hash where field = 'b'")
    assert client.exists("h") == 0
    sql.execute("insert into redis.set (key, member) values ('s', 'm')")
    client.delete("s")
    assert rows(sql, "select * from redis.set") == []


def test_a_key_takes_its_elements_along(client, sql):
    sql.execute("insert into redis.zset (key, member, score) values ('z', 'm', 1.5), ('z', 'n', 2)")
    sql.execute("delete from redis.keys where key = 'z'")
    assert rows(sql, "select * from redis.zset") == []


def test_lists_have_no_gaps(client, sql):
    sql.execute("insert into redis.list (key, position, value) values ('l', 0, 'a'), ('l', 1, 'b'), ('l', -1, 'z')")
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute("insert into redis.list (key, position, value) values ('l', 7, 'x')")
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute("delete from redis.list where key = 'l' and position = 0")
    assert rows(sql, "select length, first from redis.keys where key = 'l'") == [(3, -1)]
    sql.execute("delete from redis.list where key = 'l'")
    assert client.exists("l") == 0


@pytest.mark.parametrize("statement", [
    "drop table redis.keys", "truncate redis.hash", "create index on redis.keys (value)", "drop schema redis cascade",
    "alter table redis.keys add column x int", "alter table redis.set rename to sets"])
def test_their_form_is_fixed(sql, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute(statement)


@pytest.mark.parametrize("statement", [
    "insert into redis.keys (key, type) values ('k', 'hash')", "update redis.keys set type = 'set' where key = 'k'",
    "insert into redis.stream (key, id, fields) values ('x', gen_random_uuid(), '{a,b}')"])
def test_what_sql_cannot_keep_whole_is_refused(client, sql, statement):
    client.set("k", "v")
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        sql.execute(statement)


def test_the_key_holds_something_else(client, sql):
    client.set("k", "v")
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute("insert into redis.hash (key, field, value) values ('k', 'f', 'v')")


def test_a_row_of_sql_ends_a_wait(client, sql):
    waiting = Connection(RESP)
    waiting.send("BLPOP", "queue", "10")
    time.sleep(0.2)
    sql.execute("insert into redis.list (key, position, value) values ('queue', 0, 'job')")
    begin = time.monotonic()
    assert waiting.read() == [b"queue", b"job"]
    # Sessions look again once a second by themselves.
    assert time.monotonic() - begin < 0.7
    assert client.exists("queue") == 0
    waiting.close()


def test_sql_invalidates_clients_caches(client, sql):
    client.set("cached", "one")
    caching = Connection(RESP)
    caching.call("HELLO", "3")
    assert caching.call("CLIENT", "TRACKING", "ON") == "OK"
    assert caching.call("GET", "cached") == b"one"
    sql.execute("update redis.keys set value = 'two' where key = 'cached'")
    assert caching.read() == [b"invalidate", [b"cached"]]
    assert caching.call("GET", "cached") == b"two"
    caching.close()

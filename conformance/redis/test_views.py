"""Rows of ordinary tables as hashes: ALTER TABLE … SET (redis_key = 'user:{id}')."""

import psycopg
import pytest
import redis

from conftest import RESP, address


@pytest.fixture
def users(sql):
    sql.execute("drop table if exists users cascade")
    sql.execute(
        "create table users (id int primary key, name text not null, age int check (age >= 0), joined date,"
        " mail text unique)")
    sql.execute("alter table users set (redis_key = 'user:{id}')")
    yield sql
    sql.execute("drop table users cascade")


@pytest.fixture(params=[2, 3])
def client(request):
    host, port = address(RESP)
    connection = redis.Redis(host=host, port=port, decode_responses=True, protocol=request.param)
    connection.flushall()
    yield connection
    connection.close()


def test_reading(users, client):
    users.execute("insert into users values (7, 'Hafez', 64, '2020-01-02', null), (8, 'Rumi', null, null, 'r@x')")
    assert client.hgetall("user:7") == {"id": "7", "name": "Hafez", "age": "64", "joined": "2020-01-02"}
    assert client.hget("user:8", "name") == "Rumi" and client.hget("user:8", "age") is None
    assert client.hmget("user:8", "id", "mail", "nothing") == ["8", "r@x", None]
    assert client.hlen("user:8") == 3 and client.hexists("user:8", "mail") and not client.hexists("user:8", "age")
    assert client.hkeys("user:8") == ["id", "name", "mail"] and client.hvals("user:8") == ["8", "Rumi", "r@x"]
    assert client.hstrlen("user:8", "name") == 4
    assert client.hscan("user:8", match="n*") == (0, {"name": "Rumi"})
    assert client.exists("user:7", "user:8", "user:9") == 2
    assert client.type("user:7") == "hash" and client.type("user:9") == "none"
    assert client.ttl("user:7") == -1 and client.ttl("user:9") == -2
    assert client.hgetall("user:9") == {}
    assert client.hgetall("user:007") == {}
    assert client.hgetall("userx") == {}


def test_writing(users, client):
    assert client.hset("user:1", mapping={"name": "Saadi", "age": "80"}) == 2
    assert users.execute("select name, age from users where id = 1").fetchone() == ("Saadi", 80)
    assert client.hset("user:1", mapping={"name": "Sa'di", "joined": "1210-01-01"}) == 1
    assert users.execute("select name, joined::text from users").fetchone() == ("Sa'di", "1210-01-01")
    assert client.hdel("user:1", "age", "joined", "mail", "nothing") == 2
    assert users.execute("select age, joined from users").fetchone() == (None, None)
    assert client.hset("user:1", "id", "1") == 0
    assert client.delete("user:1", "user:2") == 1
    assert users.execute("select count(*) from users").fetchone() == (0,)
    assert client.hdel("user:1", "name") == 0


def test_checks(users, client):
    users.execute("insert into users values (1, 'a', 1, null, 'm')")
    for command, reason in [
        (["HSET", "user:1", "age", "old"], "invalid input syntax for type integer"),
        (["HSET", "user:1", "age", "-1"], "violates check constraint"),
        (["HSET", "user:1", "shoe", "42"], 'table "users" has no column "shoe"'),
        (["HSET", "user:1", "id", "2"], "is part of the key"),
        (["HSET", "user:2", "age", "2"], "null value in column"),
        (["HSET", "user:2", "name", "b", "mail", "m"], "duplicate key value"),
        (["HSET", "user:x", "name", "b"], "invalid input syntax for type integer"),
        (["HGETALL", "user:x"], "invalid input syntax for type integer"),
        (["HSET", "user:02", "name", "b"], "in its usual form"),
        (["HDEL", "user:1", "name"], "null value in column"),
        (["HDEL", "user:1", "id"], "is part of the key"),
        (["HINCRBY", "user:1", "age", "1"], "'hincrby' does not work on keys of the Redis view of table"),
        (["SET", "user:1", "x"], "'set' does not work"),
        (["DEL", "user:1", "other"], "cannot be used together with others"),
        (["EVAL", "return 1", "1", "user:1"], "'eval' does not work"),
        (["HSET", "user:1", "age"], "wrong number of arguments"),
    ]:
        with pytest.raises(redis.ResponseError, match=reason):
            client.execute_command(*command)
    assert users.execute("select count(*) from users").fetchone() == (1,)
    with pytest.raises(redis.ResponseError):
        client.pipeline(transaction=True).hget("user:1", "name").execute()
    assert client.pipeline(transaction=False).hget("user:1", "name").get("k").execute() == ["a", None]


def test_scan(users, client):
    users.execute("insert into users select n, 'n' || n from generate_series(1, 250) n")
    for number in range(30):
        client.set(f"plain:{number}", 1)
    names = list(client.scan_iter(count=20))
    assert len(names) == len(set(names)) == 280
    assert set(client.scan_iter(match="user:2?")) == {f"user:2{digit}" for digit in range(10)}
    assert set(client.scan_iter(_type="string")) == {f"plain:{number}" for number in range(30)}
    assert len(set(client.scan_iter(_type="hash", count=7))) == 250


def test_definition(users, client):
    users.execute("create table pairs (a text, b int, c text, primary key (a, b)) ")
    users.execute("alter table pairs set (redis_key = 'pair:{b}/{a}')")
    try:
        assert client.hset("pair:5/x/y", "c", "v") == 1
        assert users.execute("select * from pairs").fetchall() == [("x/y", 5, "v")]
        assert list(client.scan_iter(match="pair*")) == ["pair:5/x/y"]
        found = users.execute("select key, table_name from quatrain.redis_views order by 1").fetchall()
        assert found == [("pair:{b}/{a}", "pairs"), ("user:{id}", "users")]
        for pattern, reason in [
            ("user", "names no column"), ("{a}{b}", "begins with a column"), ("x{a}{b}", "no text stands between"),
            ("x{a}", "must name the columns of the primary key"), ("x{a", "a brace is not closed"),
        ]:
            with pytest.raises(psycopg.Error, match=reason):
                users.execute(f"alter table pairs set (redis_key = '{pattern}')")
        with pytest.raises(psycopg.Error, match="must name the columns"):
            users.execute("create table other (a int primary key) with (redis_key = 'o:{b}')")
        users.execute("alter table pairs reset (redis_key)")
        assert client.hset("pair:5/x/y", "c", "own") == 1
        assert users.execute("select count(*) from redis.hash where key = 'pair:5/x/y'").fetchone() == (1,)
    finally:
        users.execute("drop table pairs")


def test_privileges(users, client):
    """The role's privileges on the table count."""
    host, port = address(RESP)
    users.execute("insert into users values (1, 'a')")
    client.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "+@all", "~*")
    users.execute("grant select on users to reader")
    with redis.Redis(host=host, port=port, username="reader", password="secret", decode_responses=True) as reader:
        assert reader.hget("user:1", "name") == "a"
        with pytest.raises(redis.exceptions.NoPermissionError, match="permission denied for table users"):
            reader.hset("user:1", "name", "b")
    users.execute("revoke select on users from reader")
    client.execute_command("ACL", "DELUSER", "reader")

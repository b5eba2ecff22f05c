"""Fields of hashes that expire, as in Redis 7.4, and what the hash is without them."""

import time

import pytest
import redis

FAR = 100_000


def call(client, *arguments):
    return client.execute_command(*arguments)


def expire(client, key, milliseconds, *fields):
    return call(client, "HPEXPIRE", key, milliseconds, "FIELDS", len(fields), *fields)


def wait_for(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def test_fields_go_and_the_rest_stays(client):
    client.hset("h", mapping={"a": 1, "b": 2, "c": 3})
    assert expire(client, "h", 200, "a", "none") == [1, -2]
    assert call(client, "HLEN", "h") == 3
    time.sleep(0.25)
    assert call(client, "HLEN", "h") == 2
    assert client.hgetall("h") == {"b": "2", "c": "3"}
    assert client.hget("h", "a") is None and not client.hexists("h", "a")
    assert call(client, "HRANDFIELD", "h", -50, "WITHVALUES").count("a") == 0
    assert client.hset("h", "a", "new") == 1
    assert call(client, "HLEN", "h") == 3
    assert call(client, "HTTL", "h", "FIELDS", 1, "a") == [-1]
    assert client.hdel("h", "a", "b", "c") == 3
    assert client.exists("h") == 0


def test_a_hash_ends_with_its_last_field(client):
    client.hset("h", mapping={"a": 1, "b": 2})
    expire(client, "h", 100, "a")
    expire(client, "h", 300, "b")
    time.sleep(0.15)
    assert client.exists("h") == 1 and call(client, "HLEN", "h") == 1
    time.sleep(0.2)
    assert client.exists("h") == 0 and client.type("h") == "none"
    assert call(client, "HLEN", "h") == 0
    client.sadd("h", "now a set")
    assert client.smembers("h") == {"now a set"}


def test_the_last_one_may_be_another(client):
    client.hset("h", mapping={"a": 1, "b": 2})
    expire(client, "h", FAR, "a")
    expire(client, "h", 100, "b")
    client.hdel("h", "a")
    time.sleep(0.15)
    assert client.exists("h") == 0


def test_conditions(client):
    client.hset("h", mapping={"stays": 1, "goes": 2})
    expire(client, "h", FAR, "goes")

    def conditional(condition, milliseconds, field):
        return call(client, "HPEXPIRE", "h", milliseconds, condition, "FIELDS", 1, field)[0]

    assert conditional("NX", FAR, "goes") == 0 and conditional("XX", FAR, "stays") == 0
    assert conditional("GT", FAR * 2, "stays") == 0
    assert conditional("GT", FAR // 2, "goes") == 0 and conditional("GT", FAR * 2, "goes") == 1
    assert conditional("LT", FAR * 3, "goes") == 0 and conditional("LT", FAR, "goes") == 1
    assert conditional("LT", FAR, "stays") == 1
    assert call(client, "HPERSIST", "h", "FIELDS", 3, "stays", "stays", "none") == [1, -1, -2]


def test_times(client):
    at = int(time.time()) + 1_000
    client.hset("h", "a", 1)
    assert call(client, "HEXPIREAT", "h", at, "FIELDS", 1, "a") == [1]
    assert call(client, "HEXPIRETIME", "h", "FIELDS", 1, "a") == [at]
    assert call(client, "HPEXPIRETIME", "h", "FIELDS", 1, "a") == [at * 1_000]
    assert 990 <= call(client, "HTTL", "h", "FIELDS", 1, "a")[0] <= 1_000
    assert 990_000 <= call(client, "HPTTL", "h", "FIELDS", 1, "a")[0] <= 1_000_000
    assert client.hincrby("h", "a", 4) == 5
    assert call(client, "HEXPIRETIME", "h", "FIELDS", 1, "a") == [at]
    assert call(client, "HEXPIREAT", "h", 1, "FIELDS", 1, "a") == [2]
    assert client.exists("h") == 0
    assert call(client, "HTTL", "h", "FIELDS", 2, "a", "b") == [-2, -2]
    assert call(client, "HEXPIRE", "h", 10, "FIELDS", 1, "a") == [-2]


@pytest.mark.parametrize("arguments, message", [
    (("HEXPIRE", "h", -1, "FIELDS", 1, "a"), "invalid expire time, must be >= 0"),
    (("HEXPIRE", "h", 2**62, "FIELDS", 1, "a"), "invalid expire time in 'hexpire' command"),
    (("HEXPIRE", "h", "x", "FIELDS", 1, "a"), "value is not an integer or out of range"),
    (("HEXPIRE", "h", 1, "FIELD", 1, "a"), "Mandatory argument FIELDS is missing or not at the right position"),
    (("HEXPIRE", "h", 1, "FIELDS", 0, "a"), "Parameter `numFields` should be greater than 0"),
    (("HEXPIRE", "h", 1, "FIELDS", 2, "a"), "The `numfields` parameter must match the number of arguments"),
    (("HTTL", "h", "FIELDS", 0, "a"), "Number of fields must be a positive integer"),
])
def test_errors(client, arguments, message):
    client.hset("h", "a", 1)
    with pytest.raises(redis.ResponseError, match=message.replace("(", r"\(")):
        call(client, *arguments)


def test_copies_keep_their_times(client):
    client.hset("h", mapping={"a": 1, "b": 2})
    expire(client, "h", 150, "a")
    assert client.copy("h", "other{h}") and client.rename("h", "third")
    time.sleep(0.2)
    for key in ("other{h}", "third"):
        assert client.hgetall(key) == {"b": "2"} and call(client, "HLEN", key) == 1


def test_what_has_expired_is_removed(client, sql):
    client.hset("h", mapping={f"f{number}": number for number in range(300)})
    expire(client, "h", 100, *(f"f{number}" for number in range(1, 300)))
    wait_for(lambda: sql.execute("select length from redis.keys where key = 'h'").fetchone() == (300,), 1)
    time.sleep(1.2)
    assert call(client, "HLEN", "h") == 1
    client.hset("h", "another", 1)
    assert sql.execute("select length from redis.keys where key = 'h'").fetchone() == (2,)


def test_fields_of_sql(client, sql):
    client.hset("h", "stays", 1)
    sql.execute(
        "insert into redis.hash (key, field, value, expires_at) values ('h', 'a', '1', now() + interval '200 ms'),"
        " ('all', 'a', '1', now() + interval '200 ms')")
    assert call(client, "HLEN", "h") == 2
    assert 0 < call(client, "HPTTL", "h", "FIELDS", 1, "a")[0] <= 200
    time.sleep(0.3)
    assert call(client, "HLEN", "h") == 1 and call(client, "HLEN", "all") == 0
    sql.execute("update redis.hash set expires_at = now() + interval '100 ms' where key = 'h'")
    time.sleep(0.15)
    assert call(client, "HLEN", "h") == 0
    client.hset("h", "b", 1)
    assert client.hdel("h", "b") == 1 and client.exists("h") == 0

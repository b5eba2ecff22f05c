"""INFO's hits, misses and expired keys, and what is told of a key that is not there: as a real Redis has them."""

import time

import pytest

from conftest import RESP
from wire import Connection

STEPS = [
    ["SET", "s", "v"],
    ["GET", "s"],
    ["GET", "none"],
    ["MGET", "s", "none", "h"],
    ["EXISTS", "s", "none", "s"],
    ["TTL", "none"],
    ["TYPE", "s"],
    ["STRLEN", "s"],
    ["OBJECT", "ENCODING", "s"],
    ["OBJECT", "REFCOUNT", "none"],
    ["MEMORY", "USAGE", "none"],
    ["GETRANGE", "none", "0", "1"],
    ["GETBIT", "s", "1"],
    ["APPEND", "s", "x"],
    ["INCR", "n"],
    ["DUMP", "none"],
    ["HSET", "h", "f", "1"],
    ["HGET", "h", "f"],
    ["HMGET", "h", "f", "g"],
    ["HGETALL", "none"],
    ["HGET", "s", "f"],
    ["LPUSH", "l", "a"],
    ["LRANGE", "l", "0", "-1"],
    ["LLEN", "none"],
    ["SADD", "set", "a"],
    ["SMEMBERS", "set"],
    ["SISMEMBER", "none", "a"],
    ["ZADD", "z", "1", "a"],
    ["ZRANGE", "z", "0", "-1"],
    ["ZSCORE", "none", "a"],
    ["XADD", "x", "1-1", "a", "b"],
    ["XLEN", "x"],
    ["XRANGE", "none", "-", "+"],
    ["DEL", "n", "none"],
    ["EVAL", "return redis.call('get', KEYS[1])", "1", "s"],
    ["EVAL", "return redis.call('set', KEYS[1], 1)", "1", "t"],
    ["MULTI"],
    ["GET", "s"],
    ["GET", "none"],
    ["EXEC"],
]


def numbers(connection):
    lines = connection.call("INFO", "stats").decode().splitlines()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return [int(found[name]) for name in ("keyspace_hits", "keyspace_misses", "expired_keys")]


@pytest.fixture
def ours():
    connection = Connection(RESP)
    connection.call("FLUSHALL")
    yield connection
    connection.call("FLUSHALL")
    connection.close()


def both(ours, reference):
    for connection in (ours, reference):
        connection.call("FLUSHALL")
        connection.call("CONFIG", "RESETSTAT")
    return ours, reference


def test_hits_and_misses(ours, reference):
    both(ours, reference)
    inside = False
    for step in STEPS:
        ours.call(*step)
        reference.call(*step)
        inside = step[0] == "MULTI" or inside and step[0] != "EXEC"
        if not inside:
            assert numbers(ours) == numbers(reference), step
    assert numbers(ours)[0] > 10 and numbers(ours)[1] > 10


def test_expired(ours, reference):
    for connection in both(ours, reference):
        for key in "abc":
            connection.call("SET", key, "v", "PX", "50")
        connection.call("HSET", "h", "f", "1")
        connection.call("PEXPIRE", "h", "50")
        time.sleep(0.1)
        # A write finds one of them first.
        connection.call("APPEND", "a", "x")
        deadline = time.monotonic() + 10
        while numbers(connection)[2] < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        assert numbers(connection)[2] == 4


def test_event_of_a_miss(ours, reference, peer):
    heard = []
    for connection, target in zip(both(ours, reference), (RESP, peer)):
        connection.call("CONFIG", "SET", "notify-keyspace-events", "Em")
        try:
            listener = Connection(target)
            listener.call("PSUBSCRIBE", "__keyevent@0__:*")
            for step in (["GET", "none"], ["SET", "s", "1"], ["GET", "s"], ["HGETALL", "gone"], ["APPEND", "new", "x"],
                         ["OBJECT", "ENCODING", "quiet"], ["EXISTS", "other"]):
                connection.call(*step)
            heard.append([listener.read() for _ in range(3)])
            listener.close()
        finally:
            connection.call("CONFIG", "SET", "notify-keyspace-events", "")
    assert heard[0] == heard[1]
    assert [message[3] for message in heard[0]] == [b"none", b"gone", b"other"]

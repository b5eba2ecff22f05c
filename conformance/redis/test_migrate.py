"""MIGRATE to another server, to a real Redis where there is one, and to another database of the node itself."""

import socket
import threading
import time

import pytest

from conftest import RESP
from wire import Connection, Failure

HOST, PORT = RESP.rsplit(":", 1)


@pytest.fixture
def ours():
    connection = Connection(RESP)
    connection.call("FLUSHALL")
    yield connection
    connection.call("FLUSHALL")
    connection.close()


@pytest.fixture
def there(reference, peer):
    """Another server: its address and a connection."""
    reference.call("FLUSHALL")
    yield peer.rsplit(":", 1), reference
    reference.call("FLUSHALL")


@pytest.fixture
def silent():
    """A port that takes connections and never answers; its commands are kept."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard, accepted = threading.Event(), []

    def serve():
        try:
            while True:
                connection, _ = listener.accept()
                accepted.append(connection)
                connection.recv(1)
                heard.set()
        except OSError:
            return  # closed at the end of the test

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1], heard
    listener.close()
    for connection in accepted:
        connection.close()


def test_keys_move_with_their_time(ours, there):
    (host, port), redis = there
    ours.call("HSET", "h", "a", "1", "b", "2")
    ours.call("SET", "s", "x", "PX", 50_000)
    assert ours.call("MIGRATE", host, port, "h", 0, 5_000) == "OK"
    assert ours.call("MIGRATE", host, port, "", 3, 5_000, "KEYS", "s", "missing") == "OK"
    assert ours.call("DBSIZE") == 0
    assert redis.call("HGET", "h", "b") == b"2"
    assert redis.call("TTL", "h") == -1
    redis.call("SELECT", 3)
    assert redis.call("GET", "s") == b"x"
    assert 40_000 < redis.call("PTTL", "s") <= 50_000
    redis.call("SELECT", 0)
    assert ours.call("MIGRATE", host, port, "h", 0, 5_000) == "NOKEY"
    assert ours.call("MIGRATE", host, port, "", 0, 5_000, "KEYS", "h", "s") == "NOKEY"


def test_copies_and_replacements(ours, there):
    (host, port), redis = there
    redis.call("SET", "b", "theirs")
    for key in "abc":
        ours.call("RPUSH", key, "x", "y")
    reply = ours.call("MIGRATE", host, port, "", 0, 5_000, "COPY", "KEYS", "a", "b", "c")
    assert reply == Failure("ERR Target instance replied with error: BUSYKEY Target key name already exists.")
    assert ours.call("DBSIZE") == 3
    assert redis.call("LRANGE", "c", 0, -1) == [b"x", b"y"]
    # What has arrived goes, what was refused stays.
    redis.call("DEL", "a", "c")
    reply = ours.call("MIGRATE", host, port, "", 0, 5_000, "KEYS", "a", "b", "c")
    assert reply == Failure("ERR Target instance replied with error: BUSYKEY Target key name already exists.")
    assert ours.call("KEYS", "*") == [b"b"]
    assert ours.call("MIGRATE", host, port, "b", 0, 5_000, "REPLACE") == "OK"
    assert redis.call("LRANGE", "b", 0, -1) == [b"x", b"y"]
    assert ours.call("DBSIZE") == 0


def test_logins(ours, there):
    (host, port), redis = there
    redis.call("CONFIG", "SET", "requirepass", "secret")
    redis.call("ACL", "SETUSER", "mover", "on", ">pw", "~*", "+@all")
    try:
        ours.call("SET", "k", "v")
        assert "NOAUTH" in str(ours.call("MIGRATE", host, port, "k", 0, 5_000))
        assert "WRONGPASS" in str(ours.call("MIGRATE", host, port, "k", 0, 5_000, "AUTH", "wrong"))
        assert ours.call("GET", "k") == b"v"
        assert ours.call("MIGRATE", host, port, "k", 0, 5_000, "COPY", "AUTH", "secret") == "OK"
        assert ours.call("MIGRATE", host, port, "k", 0, 5_000, "REPLACE", "AUTH2", "mover", "pw") == "OK"
        assert ours.call("EXISTS", "k") == 0
    finally:
        redis.call("CONFIG", "SET", "requirepass", "")
        redis.call("ACL", "DELUSER", "mover")


def test_faults(ours, silent):
    port, _ = silent
    ours.call("SET", "k", "v")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    assert ours.call("MIGRATE", "127.0.0.1", closed, "k", 0, 500) == Failure(
        "IOERR error or timeout connecting to the client")
    begin = time.monotonic()
    assert ours.call("MIGRATE", "127.0.0.1", port, "k", 0, 300) == Failure(
        "IOERR error or timeout reading to target instance")
    assert 0.2 < time.monotonic() - begin < 10
    assert ours.call("GET", "k") == b"v"
    assert str(ours.call("MIGRATE", "127.0.0.1", port, "k", "x", 300)).startswith("ERR value is not")
    assert str(ours.call("MIGRATE", "127.0.0.1", port, "k", 0, 300, "KEYS", "k")).startswith("ERR When using MIGRATE KEYS")


def test_nobody_writes_meanwhile(ours, silent):
    """A write that comes while the key is under way waits, and is not lost."""
    port, heard = silent
    ours.call("SET", "k", "1")
    ours.send("MIGRATE", "127.0.0.1", port, "k", 0, 1_500)
    assert heard.wait(10)
    other = Connection(RESP)
    begin = time.monotonic()
    assert other.call("INCR", "k") == 2
    assert time.monotonic() - begin > 0.3
    assert isinstance(ours.read(), Failure)
    assert ours.call("GET", "k") == b"2"
    other.close()


def test_to_another_database_of_this_node(ours):
    ours.call("CONFIG", "SET", "notify-keyspace-events", "KEA")
    try:
        listener = Connection(RESP)
        listener.call("PSUBSCRIBE", "__key*__:k")
        ours.call("ZADD", "k", 1, "a", 2, "b")
        assert ours.call("MIGRATE", HOST, PORT, "k", 5, 5_000) == "OK"
        assert ours.call("EXISTS", "k") == 0
        seen = [listener.read()[2:] for _ in range(3)]
        assert [b"__keyspace@0__:k", b"zadd"] in seen
        assert [b"__keyspace@5__:k", b"restore"] in seen
        assert [b"__keyspace@0__:k", b"del"] in seen
        listener.close()
    finally:
        ours.call("CONFIG", "SET", "notify-keyspace-events", "")
    ours.call("SELECT", 5)
    assert ours.call("ZRANGE", "k", 0, -1) == [b"a", b"b"]


def test_what_cannot_be_carried_is_refused(ours, silent):
    port, _ = silent
    ours.call("HSET", "h", "f", "v")
    ours.call("HEXPIRE", "h", 100, "FIELDS", 1, "f")
    assert "expiry of a hash's fields" in str(ours.call("MIGRATE", "127.0.0.1", port, "h", 0, 500))
    assert ours.call("HGET", "h", "f") == b"v"

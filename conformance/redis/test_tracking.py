"""Client-side caching: who hears of which keys, in which order, in RESP3 and by a second connection in RESP2."""

import time

import pytest
import redis as redis_py

from conftest import RESP, address
from wire import Connection, Failure

CHANNEL = "__redis__:invalidate"


class Client(Connection):
    """Speaks RESP3; `read` also reads what the server says by itself."""

    def __init__(self):
        super().__init__(RESP)
        self.call("HELLO", 3)

    def drain(self):
        self.send("PING")
        while self.read() != "PONG":
            pass

    def nothing(self):
        """Nothing has come: the answer to PING is next."""
        return self.call("PING") == "PONG"


@pytest.fixture
def clients():
    made = []

    def make(kind=Client):
        client = kind() if kind is Client else kind(RESP)
        made.append(client)
        return client

    make().call("FLUSHALL")
    yield make
    for client in made:
        client.close()


def heard(client, key):
    assert client.read() == [b"invalidate", [key.encode()]]


def test_reads_are_remembered_once(clients):
    reader, writer = clients(), clients()
    reader.call("CLIENT", "TRACKING", "ON")
    writer.call("MSET", "a", 1, "b", 2)
    reader.call("MGET", "a", "b")
    writer.call("SET", "a", 3)
    heard(reader, "a")
    # It is told once; b is remembered still.
    writer.call("SET", "a", 4)
    writer.call("DEL", "b")
    heard(reader, "b")
    # What the client itself changes it hears behind the reply.
    reader.call("GET", "a")
    assert reader.call("INCR", "a") == 5
    heard(reader, "a")
    assert reader.nothing()


def test_expiry_and_sql_are_told(clients, sql):
    reader = clients()
    reader.call("CLIENT", "TRACKING", "ON")
    reader.call("SET", "short", "x", "PX", 50)
    reader.call("GET", "short")
    heard(reader, "short")
    reader.call("SET", "k", "x")
    reader.call("GET", "k")
    sql.execute("update redis.keys set value = 'y' where key = 'k'")
    heard(reader, "k")


def test_broadcast_by_prefix(clients):
    listener, writer = clients(), clients()
    listener.call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a:", "PREFIX", "b:")
    writer.call("SET", "c:1", 1)
    writer.call("SET", "a:1", 1)
    heard(listener, "a:1")
    writer.call("SET", "b:1", 1)
    heard(listener, "b:1")
    reply = listener.call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a")
    assert reply == Failure(
        "ERR Prefix 'a' overlaps with an existing prefix 'a:'. Prefixes for a single client must not overlap.")
    assert listener.call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "c:") == "OK"
    writer.call("SET", "c:1", 2)
    heard(listener, "c:1")
    info = dict(listener.call("CLIENT", "TRACKINGINFO"))
    assert info[b"flags"] == [b"on", b"bcast"] and sorted(info[b"prefixes"]) == [b"a:", b"b:", b"c:"]
    assert listener.nothing()


@pytest.mark.parametrize("mode", [[], ["BCAST"]])
def test_own_changes_with_noloop(clients, mode):
    """Also of keys on several tablets, in MULTI and in scripts."""
    reader, writer = clients(), clients()
    reader.call("CLIENT", "TRACKING", "ON", "NOLOOP", *mode)
    keys = [f"k{n}" for n in range(20)]
    reader.call("MGET", *keys, "other")
    reader.call("MSET", *[word for key in keys for word in (key, 1)])
    reader.call("MGET", *keys)
    reader.call("MULTI")
    for key in keys:
        reader.call("INCR", key)
    reader.call("EXEC")
    reader.call("MGET", *keys)
    reader.call("EVAL", "redis.call('set', KEYS[1], 5) redis.call('set', KEYS[2], 5)", 2, "k1", "k2")
    writer.call("SET", "other", 1)
    heard(reader, "other")
    assert reader.nothing()


def test_opt_in_and_out(clients):
    reader, writer = clients(), clients()
    writer.call("MSET", "a", 1, "b", 1)
    reader.call("CLIENT", "TRACKING", "ON", "OPTIN")
    assert "OPTOUT mode" in str(reader.call("CLIENT", "CACHING", "NO"))
    reader.call("GET", "a")
    reader.call("CLIENT", "CACHING", "YES")
    reader.call("GET", "b")
    writer.call("MSET", "a", 2)
    writer.call("SET", "b", 2)
    heard(reader, "b")
    # It is for all of a transaction, and for the next command only.
    reader.call("CLIENT", "CACHING", "YES")
    reader.call("MULTI")
    reader.call("GET", "a")
    reader.call("GET", "b")
    reader.call("EXEC")
    reader.call("GET", "c")
    writer.call("SET", "c", 1)
    writer.call("SET", "b", 3)
    heard(reader, "b")
    writer.call("SET", "a", 3)
    heard(reader, "a")
    assert "can't switch OPTIN/OPTOUT" in str(reader.call("CLIENT", "TRACKING", "ON", "OPTOUT"))
    reader.call("CLIENT", "TRACKING", "OFF")
    reader.call("CLIENT", "TRACKING", "ON", "OPTOUT")
    reader.call("CLIENT", "CACHING", "NO")
    reader.call("GET", "a")
    reader.call("GET", "b")
    writer.call("SET", "a", 4)
    writer.call("SET", "b", 4)
    heard(reader, "b")
    assert reader.nothing()


def test_redirected_to_a_subscriber(clients):
    """RESP2: one connection reads, another one hears."""
    listener, reader, writer = clients(Connection), clients(Connection), clients()
    number = listener.call("CLIENT", "ID")
    assert listener.call("SUBSCRIBE", CHANNEL) == [b"subscribe", CHANNEL.encode(), 1]
    assert reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", number) == "OK"
    assert reader.call("CLIENT", "GETREDIR") == number
    reader.call("GET", "a")
    writer.call("SET", "a", 1)
    assert listener.read() == [b"message", CHANNEL.encode(), [b"a"]]
    writer.call("FLUSHALL")
    assert listener.read() == [b"message", CHANNEL.encode(), None]
    assert "does not exist" in str(reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", 1 << 60))


def test_a_redirection_breaks(clients):
    listener, reader, writer = Connection(RESP), clients(), clients()
    number = listener.call("CLIENT", "ID")
    reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", number)
    listener.call("QUIT")
    listener.close()
    reader.call("GET", "a")
    writer.call("SET", "a", 1)
    assert reader.read() == [b"tracking-redir-broken", number]
    info = dict(reader.call("CLIENT", "TRACKINGINFO"))
    assert info[b"flags"] == [b"on", b"broken_redirect"] and info[b"redirect"] == number


def test_scripts_that_read_nothing(clients):
    reader, writer = clients(), clients()
    reader.call("CLIENT", "TRACKING", "ON")
    reader.call("EVAL", "redis.call('set', 'other{t}', 1)", 2, "a{t}", "b{t}")
    reader.call("EVAL_RO", "redis.call('ping')", 2, "a{t}", "b{t}")
    writer.call("MSET", "a{t}", 1, "b{t}", 1)
    assert reader.nothing()
    reader.call("EVAL", "redis.call('get', KEYS[1])", 2, "a{t}", "b{t}")
    writer.call("SET", "b{t}", 2)
    heard(reader, "b{t}")
    # What was noted by a read before stays so.
    reader.call("GET", "b{t}")
    reader.call("EVAL", "return 1", 1, "b{t}")
    writer.call("SET", "b{t}", 3)
    heard(reader, "b{t}")


@pytest.mark.parametrize("command", ["FLUSHALL", "FLUSHDB"])
def test_flushes_are_one_message(clients, command):
    reader, broadcast, writer = clients(), clients(), clients()
    reader.call("CLIENT", "TRACKING", "ON")
    broadcast.call("CLIENT", "TRACKING", "ON", "BCAST")
    writer.call("MSET", *[word for n in range(50) for word in (f"k{n}", n)])
    for n in range(50):
        reader.call("GET", f"k{n}")
    time.sleep(0.3)
    broadcast.drain()
    writer.call(command, "ASYNC")
    # One for all tablets.
    time.sleep(0.3)
    assert reader.read() == [b"invalidate", None]
    assert reader.nothing()
    assert broadcast.read() == [b"invalidate", None]
    assert broadcast.nothing()
    # Behind the reply of who does it itself, and where there is nothing to remove.
    reader.call("GET", "k1")
    reader.call("MULTI")
    reader.call(command)
    assert reader.call("EXEC") == ["OK"]
    assert reader.read() == [b"invalidate", None]
    assert reader.nothing()


def test_the_table_has_a_limit(clients):
    reader, writer = clients(), clients()
    reader.call("CLIENT", "TRACKING", "ON")
    keys = [f"k{n}" for n in range(30)]
    for key in keys:
        reader.call("GET", key)
    try:
        writer.call("CONFIG", "SET", "tracking-table-max-keys", 10)
        forgotten = [reader.read() for _ in range(20)]
        assert len({message[1][0] for message in forgotten}) == 20
        client = redis_py.Redis(*address(RESP))
        assert client.info("stats")["tracking_total_keys"] <= 10
        assert client.info("clients")["tracking_clients"] >= 1
        client.close()
        assert reader.nothing()
    finally:
        writer.call("CONFIG", "SET", "tracking-table-max-keys", 1_000_000)


def test_a_command_that_waited_is_answered_first(clients):
    waiter, writer = clients(), clients()
    waiter.call("RPUSH", "to{t}", "x")
    waiter.call("CLIENT", "TRACKING", "ON")
    waiter.call("LRANGE", "to{t}", 0, -1)
    waiter.call("GET", "other")
    waiter.send("BLMOVE", "from{t}", "to{t}", "LEFT", "LEFT", 0)
    # While it waits it hears of other keys.
    while writer.call("CLIENT", "LIST").find(b"flags=bt") < 0:
        pass
    writer.call("SET", "other", 1)
    heard(waiter, "other")
    writer.call("RPUSH", "from{t}", "y")
    assert waiter.read() == b"y"
    heard(waiter, "to{t}")


def test_without_replies_messages_come(clients):
    reader, writer = clients(), clients()
    reader.call("CLIENT", "TRACKING", "ON")
    reader.call("GET", "a")
    reader.send("CLIENT", "REPLY", "OFF")
    writer.call("SET", "a", 1)
    heard(reader, "a")
    assert reader.call("CLIENT", "REPLY", "ON") == "OK"
    assert reader.nothing()


def test_rows_of_tables(clients, sql):
    """Keys that are rows are told like others, whatever writes the row."""
    sql.execute("drop table if exists cached")
    sql.execute("create table cached (b text, a int, name text, primary key (a, b))")
    sql.execute("alter table cached set (redis_key = 'cached:{b}:{a}')")
    try:
        sql.execute("insert into cached values ('x', 7, 'Hafez'), ('y', -8, 'Rumi')")
        reader, writer = clients(), clients()
        reader.call("CLIENT", "TRACKING", "ON")
        assert reader.call("HGET", "cached:x:7", "name") == b"Hafez"
        assert reader.call("HGET", "cached:y:-8", "name") == b"Rumi"
        sql.execute("update cached set name = 'Saadi' where a = 7")
        heard(reader, "cached:x:7")
        writer.call("HSET", "cached:y:-8", "name", "Attar")
        heard(reader, "cached:y:-8")
        assert reader.call("HGET", "cached:x:7", "name") == b"Saadi"
        sql.execute("alter table cached reset (redis_key)")
        assert reader.read() == [b"invalidate", None]
    finally:
        sql.execute("drop table cached")

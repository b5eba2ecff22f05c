"""Values go from here to Redis and back by DUMP and RESTORE; needs Redis, and is skipped without it."""

import pytest

from conftest import RESP
from wire import Connection

KEYS = {
    "string": [["SET", "k", "hello"]],
    "integer": [["SET", "k", "-70000"]],
    "long": [["SET", "k", "abc" * 5_000]],
    "list": [["RPUSH", "k", "a", "1", "", "x" * 300]],
    "long list": [["RPUSH", "k", *range(3_000)]],
    "intset": [["SADD", "k", 1, -5, 70_000]],
    "set": [["SADD", "k", "a", "b", 3]],
    "hash": [["HSET", "k", "f", "v", "g", 12]],
    "large hash": [["HSET", "k", *[word for n in range(600) for word in (f"f{n}", n)]]],
    "zset": [["ZADD", "k", 1.5, "a", "-inf", "b", 7, "c"]],
    "large zset": [["ZADD", "k", *[word for n in range(400) for word in (n / 3, f"m{n}")]]],
    "hll": [["PFADD", "k", *range(50)]],
    "stream": [
        ["XADD", "k", "1-1", "a", "1"], ["XADD", "k", "1-2", "a", "2"], ["XADD", "k", "5-0", "b", "3", "c", "x"],
        ["XDEL", "k", "1-2"], ["XGROUP", "CREATE", "k", "g", "0"], ["XGROUP", "CREATE", "k", "h", "$"],
        ["XREADGROUP", "GROUP", "g", "me", "COUNT", 1, "STREAMS", "k", ">"],
    ],
}
LOOKS = {
    "string": [["GET", "k"]],
    "list": [["LRANGE", "k", 0, -1]],
    "set": [["SMEMBERS", "k"]],
    "hash": [["HGETALL", "k"]],
    "zset": [["ZRANGE", "k", 0, -1, "WITHSCORES"]],
    "stream": [["XRANGE", "k", "-", "+"], ["XPENDING", "k", "g", "-", "+", 10], ["XINFO", "GROUPS", "k"]],
}


def shown(connection):
    replies = [connection.call(*look) for look in LOOKS[connection.call("TYPE", "k")]]
    if connection.call("TYPE", "k") in ("set", "hash"):
        # Their order means nothing.
        flat = replies[0]
        pairs = zip(flat[::2], flat[1::2]) if connection.call("TYPE", "k") == "hash" else flat
        return sorted(pairs)
    # Idle times go on.
    return [[part[:2] + part[3:] for part in reply] if look == 1 else reply for look, reply in enumerate(replies)]


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("direction", ["from Redis", "to Redis"])
def test_value_crosses(reference, name, direction):
    ours = Connection(RESP)
    source, target = (reference, ours) if direction == "from Redis" else (ours, reference)
    for connection in (source, target):
        connection.call("DEL", "k")
    for command in KEYS[name]:
        source.call(*command)
    payload = source.call("DUMP", "k")
    assert target.call("RESTORE", "k", 0, payload) == "OK"
    assert shown(target) == shown(source)
    if name == "hll":
        assert target.call("PFCOUNT", "k") == source.call("PFCOUNT", "k")
    assert str(target.call("RESTORE", "k", 0, payload)).startswith("BUSYKEY")
    ours.close()

"""maxmemory: what goes, what is refused, what is told. On a node of its own: what other tests leave behind for
the garbage collection would count as memory in use."""

import json
import os
import signal
import subprocess
import time

import pytest
import redis

BINARY = os.environ.get("QUATRAIN_BINARY")


@pytest.fixture
def client(tmp_path):
    if not BINARY:
        pytest.skip("QUATRAIN_BINARY names no program to start a node of")
    command = [
        BINARY, "run", "--data-dir", str(tmp_path / "node"), "--shards", "2", "--pg-port", "0", "--resp-port", "0",
        "--cql-port", "off", "--http-port", "off", "--rpc-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as node:
        try:
            line = node.stdout.readline()
            assert line.startswith("ready "), line
            host, port = json.loads(line[len("ready "):])["resp"].rsplit(":", 1)
            with redis.Redis(host=host, port=int(port), decode_responses=True) as made:
                yield made
        finally:
            node.send_signal(signal.SIGTERM)
            node.wait(20)


def settled(client):
    """Bytes in use once nothing is left of what was removed before: that goes some time later."""
    used, since = -1, 0.0
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = int(client.info("memory")["used_memory"])
        if now != used:
            used, since = now, time.monotonic()
        elif time.monotonic() > since + 1:
            break
        time.sleep(0.1)
    return used


@pytest.fixture
def limited(client):
    """A client, and how to set the limit to what is used now and so many bytes more."""

    def limit(policy, more):
        client.config_set("maxmemory-policy", policy)
        used = settled(client)
        client.config_set("maxmemory", used + more)
        time.sleep(1.2)

    yield client, limit
    client.config_set("maxmemory", 0)
    client.config_set("maxmemory-policy", "noeviction")


def fill(client, prefix, count, **options):
    pipe = client.pipeline(transaction=False)
    for number in range(count):
        pipe.set(f"{prefix}:{number}", "x" * 1000, **options)
    return pipe.execute(raise_on_error=False)


def test_noeviction(limited):
    client, limit = limited
    client.set("before", 1)
    client.config_set("maxmemory", 1)
    with pytest.raises(redis.exceptions.OutOfMemoryError, match="command not allowed when used memory"):
        client.set("a", 1)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.mset({f"many:{number}": 1 for number in range(50)})
    # What reads or removes is carried out.
    assert client.get("before") == "1" and client.delete("before") == 1
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.eval("return redis.call('set', KEYS[1], 1)", 1, "a")
    with pytest.raises(redis.ResponseError, match="allow-oom flag is not set"):
        client.eval("#!lua\nreturn 1", 0)
    assert client.eval("#!lua flags=allow-oom\nreturn redis.call('set', KEYS[1], 1)", 1, "a") == "OK"
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.pipeline(transaction=True).set("a", 2).execute()
    assert client.get("a") == "1"


@pytest.mark.parametrize("policy", ["allkeys-lfu", "allkeys-random"])
def test_allkeys(limited, policy):
    client, limit = limited
    evicted = client.info("stats")["evicted_keys"]
    limit(policy, 1 << 20)
    replies = fill(client, "k", 4000)
    assert all(reply is True for reply in replies)
    assert client.info("stats")["evicted_keys"] > evicted
    assert 100 < client.dbsize() < 3900


@pytest.mark.parametrize("policy", ["volatile-lru", "volatile-ttl"])
def test_volatile(limited, policy):
    """Only keys that expire go; without any the command is refused."""
    client, limit = limited
    assert all(fill(client, "keep", 200))
    limit(policy, 1 << 20)
    fill(client, "ends", 4000, ex=1000)
    assert sum(client.exists(f"keep:{number}") for number in range(200)) == 200
    assert client.dbsize() < 4000
    replies = fill(client, "stays", 8000)
    assert any(isinstance(reply, redis.exceptions.OutOfMemoryError) for reply in replies)


def test_recently_used_stay(limited):
    client, limit = limited
    limit("allkeys-lru", 2 << 20)
    fill(client, "hot", 20)
    fill(client, "cold", 400)
    # What comes between two looks at the hot keys fits into the limit: however slowly it comes, they are not the oldest.
    for number in range(6):
        time.sleep(1.1)
        pipe = client.pipeline(transaction=False)
        for hot in range(20):
            pipe.get(f"hot:{hot}")
        assert len(pipe.execute()) == 20
        fill(client, f"more{number}", 700)
    hot = sum(client.exists(f"hot:{number}") for number in range(20))
    cold = sum(client.exists(f"cold:{number}") for number in range(400))
    assert hot / 20 > cold / 400


def test_object(limited):
    client, limit = limited
    limit("allkeys-lfu", 100 << 20)
    client.set("a", 1)
    for _ in range(200):
        client.get("a")
    assert client.object("freq", "a") > 5
    with pytest.raises(redis.ResponseError, match="idle time not tracked"):
        client.object("idletime", "a")
    limit("allkeys-lru", 100 << 20)
    client.get("a")
    assert client.object("idletime", "a") <= 2
    with pytest.raises(redis.ResponseError, match="access frequency not tracked"):
        client.object("freq", "a")


def test_event(limited):
    client, limit = limited
    client.config_set("notify-keyspace-events", "Ee")
    try:
        pubsub = client.pubsub()
        pubsub.psubscribe("__keyevent@0__:evicted")
        assert pubsub.get_message(timeout=5)["type"] == "psubscribe"
        limit("allkeys-random", 1 << 19)
        fill(client, "k", 3000)
        assert pubsub.get_message(timeout=5)["data"].startswith("k:")
        pubsub.close()
    finally:
        client.config_set("notify-keyspace-events", "")

"""Blocking commands whose client, key and writer are at different nodes, and what ends a wait."""

import json
import os
import subprocess
import threading
import time

import pytest

from wire import Connection, Failure

BINARY = os.environ.get("QUATRAIN_BINARY")
pytestmark = pytest.mark.skipif(not BINARY, reason="QUATRAIN_BINARY names no executable")


def start(directory, number, seed=None):
    command = [
        BINARY, "run", "--data-dir", f"{directory}/node-{number}", "--name", f"node-{number}", "--shards", "2",
        "--pg-port", "0", "--resp-port", "0", "--http-port", "off", "--rpc-port", "0"]
    if seed:
        command += ["--join", seed]
    with open(f"{directory}/node-{number}.err", "w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    line = process.stdout.readline()
    assert line.startswith("ready "), open(f"{directory}/node-{number}.err").read()[-2000:]
    return process, json.loads(line[6:])


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    directory = tmp_path_factory.mktemp("waiting")
    first, one = start(directory, 1)
    second, two = start(directory, 2, one["rpc"])
    yield one["resp"], two["resp"]
    for process in (second, first):
        process.terminate()
        process.wait(30)


def timed(body):
    start = time.monotonic()
    result = body()
    return result, time.monotonic() - start


# Shorter than the second after which a session asks again by itself.
SOON = 0.7


@pytest.mark.parametrize("here, there", [(0, 1), (1, 0), (0, 0), (1, 1)])
def test_a_push_anywhere_ends_a_wait_anywhere(nodes, here, there):
    waiting, writing = Connection(nodes[here]), Connection(nodes[there])
    fast = 0
    for number in range(8):
        key = f"wait:{here}{there}:{number}"
        waiting.send("BLPOP", key, "20")
        time.sleep(0.2)
        writing.call("RPUSH", key, number)
        reply, seconds = timed(waiting.read)
        assert reply == [key.encode(), str(number).encode()]
        fast += seconds < SOON
    assert fast >= 6, f"{fast} of 8 wake-ups came before the session asked again"


def test_waiters_are_served_in_order(nodes):
    waiters = [Connection(nodes[0]) for _ in range(4)]
    for waiter in waiters:
        waiter.send("BLPOP", "order", "20")
        time.sleep(0.1)
    Connection(nodes[0]).call("RPUSH", "order", *range(4))
    assert [waiter.read()[1] for waiter in waiters] == [b"0", b"1", b"2", b"3"]


def test_waiters_for_sorted_sets_are_served_in_order(nodes):
    waiters = [Connection(nodes[0]) for _ in range(4)]
    for waiter in waiters:
        waiter.send("BZPOPMIN", "order:z", "20")
        time.sleep(0.15)
    Connection(nodes[0]).call("ZADD", "order:z", *[word for n in range(4) for word in (n, n)])
    assert [waiter.read()[1] for waiter in waiters] == [b"0", b"1", b"2", b"3"]


def test_keys_on_several_tablets(nodes):
    waiting, writing = Connection(nodes[1]), Connection(nodes[0])
    keys = [f"several:{number}" for number in range(6)]
    for key in reversed(keys):
        waiting.send("BLPOP", *keys, "20")
        time.sleep(0.3)
        writing.call("RPUSH", key, "x")
        assert waiting.read() == [key.encode(), b"x"]


def test_whoever_goes_away_takes_nothing(nodes):
    gone, stays, writing = (Connection(nodes[0]) for _ in range(3))
    gone.send("BLPOP", "gone", "20")
    time.sleep(0.2)
    stays.send("BLPOP", "gone", "20")
    time.sleep(0.2)
    gone.close()
    time.sleep(0.2)
    writing.call("RPUSH", "gone", "x")
    assert stays.read() == [b"gone", b"x"]


def test_whoever_goes_away_between_two_waits_takes_nothing(nodes):
    """It closes while neither of its commands waits: the second never begins to."""
    gone, other = Connection(nodes[0]), Connection(nodes[0])
    gone.send("BLPOP", "between:1", "0")
    gone.send("EVAL", "local n = 0 while n < 3e7 do n = n + 1 end return redis.call('set', 'between:done', 1)", 0)
    gone.send("BLPOP", "between:2", "0")
    time.sleep(0.2)
    other.call("RPUSH", "between:1", "x")
    gone.close()
    deadline = time.monotonic() + 20
    while other.call("GET", "between:done") != b"1" or b"blocked_clients:0" not in other.call("INFO", "clients"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    other.call("RPUSH", "between:2", "y")
    time.sleep(0.2)
    assert other.call("LRANGE", "between:2", 0, -1) == [b"y"]


@pytest.mark.parametrize("command", [
    ["BLPOP", "typed", 20], ["BLMPOP", 20, 1, "typed", "LEFT"], ["BLMOVE", "typed", "typed:to", "LEFT", "LEFT", 20],
    ["BZPOPMIN", "typed", 20], ["BZPOPMAX", "typed", 20], ["BZMPOP", 20, 1, "typed", "MIN"],
    ["XREAD", "BLOCK", 20_000, "STREAMS", "typed", "0"]], ids=lambda command: command[0])
def test_keys_of_another_type_are_waited_out(nodes, command):
    """For a new command they are errors, for one that waits none."""
    waiting, writing = Connection(nodes[0]), Connection(nodes[1])
    writing.call("DEL", "typed")
    waiting.send(*command)
    time.sleep(0.3)
    adds = {"l": ["RPUSH", "typed", "x"], "z": ["ZADD", "typed", 1, "x"], "s": ["XADD", "typed", "1-1", "f", "x"]}
    kind = {"X": "s"}.get(command[0][0], "z" if command[0][1] == "Z" else "l")
    # A while longer than a session waits until it asks again by itself.
    writing.call("SET", "typed", "x")
    time.sleep(1.2)
    for other in adds.keys() - {kind}:
        writing.call("DEL", "typed")
        writing.call(*adds[other])
    assert str(writing.call(*command)).startswith("WRONGTYPE")
    writing.call("DEL", "typed")
    writing.call(*adds[kind])
    reply = waiting.read()
    assert reply is not None and not isinstance(reply, Failure)


def test_held_back_by_a_pause_is_blocked(nodes):
    held, other = Connection(nodes[0]), Connection(nodes[0])
    other.call("CLIENT", "PAUSE", 60_000, "WRITE")
    try:
        held.send("SET", "paused", "1")
        deadline = time.monotonic() + 10
        while b"blocked_clients:1" not in other.call("INFO", "clients"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert other.call("GET", "paused") is None
        # Scripts that have said so change nothing.
        reads = "#!lua flags=no-writes\nreturn redis.call('exists', KEYS[1])"
        assert other.call("EVAL", reads, 1, "paused") == 0
        assert other.call("EVALSHA", other.call("SCRIPT", "LOAD", reads), 1, "paused") == 0
        assert other.pipeline([["MULTI"], ["EVAL", reads, 1, "paused"], ["EXEC"]])[2] == [0]
    finally:
        other.call("CLIENT", "UNPAUSE")
    assert held.read() == "OK"
    assert b"blocked_clients:0" in other.call("INFO", "clients")


def test_commands_behind_a_blocking_one_wait(nodes):
    waiting, writing = Connection(nodes[0]), Connection(nodes[0])
    waiting.send("BLPOP", "behind", "20")
    waiting.send("SET", "behind:after", "1")
    time.sleep(0.3)
    waiting.send("GET", "behind:after")
    assert writing.call("GET", "behind:after") is None
    writing.call("LPUSH", "behind", "x")
    assert [waiting.read() for _ in range(3)] == [[b"behind", b"x"], "OK", b"1"]


def test_time_runs_out(nodes):
    connection = Connection(nodes[1])
    reply, seconds = timed(lambda: connection.call("BLPOP", "nothing", "0.3"))
    assert reply is None and 0.3 <= seconds < 3
    assert connection.call("BLPOP", "nothing", "-1") == Failure("ERR timeout is negative")


def test_streams_wake_all_their_readers(nodes):
    readers = [Connection(nodes[number % 2]) for number in range(4)]
    for reader in readers:
        reader.send("XREAD", "BLOCK", "20000", "STREAMS", "news", "$")
    time.sleep(0.5)
    Connection(nodes[0]).call("XADD", "news", "5-0", "a", "b")
    for reader in readers:
        assert reader.read() == [[b"news", [[b"5-0", [b"a", b"b"]]]]]


def test_many_producers_and_consumers_lose_nothing(nodes):
    taken, lock = [], threading.Lock()

    def consume(number):
        connection = Connection(nodes[number % 2], timeout=60)
        while True:
            _, value = connection.call("BLPOP", "work", "0")
            if value == b"stop":
                return
            with lock:
                taken.append(value)

    consumers = [threading.Thread(target=consume, args=(number,)) for number in range(4)]
    for thread in consumers:
        thread.start()
    producers = [Connection(node) for node in nodes]
    for number in range(100):
        producers[number % 2].call("RPUSH", "work", number)
    for _ in consumers:
        producers[0].call("RPUSH", "work", "stop")
    for thread in consumers:
        thread.join(60)
        assert not thread.is_alive()
    assert sorted(int(value) for value in taken) == list(range(100))

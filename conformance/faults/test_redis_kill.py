"""kill -9 under a mixed load of Redis commands, again and again: what was acknowledged is there, and MULTI is whole or not
there at all. Starts its own node: QUATRAIN_BINARY names the executable, QUATRAIN_IO the backend."""

import json
import os
import random
import signal
import subprocess
import threading
import time

import redis

BINARY = os.environ["QUATRAIN_BINARY"]
IO = os.environ.get("QUATRAIN_IO", "auto")
ROUNDS = int(os.environ.get("QUATRAIN_KILLS", "20"))
CLIENTS = 6


class Node:
    def __init__(self, directory):
        self.process = subprocess.Popen(
            [BINARY, "run", "--data-dir", directory, "--shards", "2", "--pg-port", "0", "--resp-port", "0", "--http-port",
             "off", "--io", IO],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.host, self.port = json.loads(line[6:])["resp"].rsplit(":", 1)

    def connect(self):
        return redis.Redis(host=self.host, port=int(self.port), decode_responses=True, retry=None, socket_timeout=30)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Client:
    """Counts what it has been told; what was under way at the kill may be there or not."""

    def __init__(self, number):
        self.number = number
        self.acknowledged = {"incr": 0, "list": 0, "hash": 0, "pair": 0, "set": 0}
        self.under_way = None

    def key(self, kind):
        return f"{kind}:{self.number}"

    def step(self, connection, kind):
        count = self.acknowledged[kind] + 1
        if kind == "incr":
            connection.incr(self.key(kind))
        elif kind == "list":
            connection.rpush(self.key(kind), count)
        elif kind == "hash":
            connection.hset(self.key(kind), f"f{count}", count)
        elif kind == "set":
            connection.set(self.key(kind), count)
        else:
            # Two keys of different slots.
            with connection.pipeline(transaction=True) as pipeline:
                pipeline.set(self.key("pair-a"), count)
                pipeline.set(self.key("pair-b"), count)
                pipeline.execute()
        self.acknowledged[kind] = count

    def run(self, node, seed):
        draw = random.Random(seed)
        try:
            with node.connect() as connection:
                while True:
                    self.under_way = draw.choice(list(self.acknowledged))
                    self.step(connection, self.under_way)
                    self.under_way = None
        except (redis.exceptions.RedisError, OSError):
            pass

    def check(self, connection):
        found = {
            "incr": int(connection.get(self.key("incr")) or 0),
            "list": connection.llen(self.key("list")),
            "hash": connection.hlen(self.key("hash")),
            "set": int(connection.get(self.key("set")) or 0),
            "pair": int(connection.get(self.key("pair-a")) or 0),
        }
        assert connection.get(self.key("pair-a")) == connection.get(self.key("pair-b")), "half of a MULTI"
        for kind, count in found.items():
            most = self.acknowledged[kind] + (1 if self.under_way == kind else 0)
            assert self.acknowledged[kind] <= count <= most, (self.number, kind, count, self.acknowledged, self.under_way)
        values = connection.lrange(self.key("list"), 0, -1)
        assert values == [str(number + 1) for number in range(len(values))]
        self.acknowledged = found
        self.under_way = None


def test_kill_under_load(tmp_path):
    directory = str(tmp_path / "data")
    clients = [Client(number) for number in range(CLIENTS)]
    node = Node(directory)
    try:
        for round_number in range(ROUNDS):
            threads = [
                threading.Thread(target=client.run, args=(node, round_number * CLIENTS + client.number))
                for client in clients]
            for thread in threads:
                thread.start()
            time.sleep(random.Random(round_number).uniform(0.2, 0.5))
            node.kill()
            for thread in threads:
                thread.join(60)
            node = Node(directory)
            with node.connect() as connection:
                for client in clients:
                    client.check(connection)
    finally:
        node.kill()
    assert sum(sum(client.acknowledged.values()) for client in clients) > ROUNDS * CLIENTS

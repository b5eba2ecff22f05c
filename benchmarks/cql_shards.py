#!/usr/bin/env python3
"""Reads and writes of CQL by prepared statement on one shard and on two: the server's CPU for each, with connections that
send each request to the shard of its tablet, as Scylla's drivers do, and with connections that do not care.

usage: benchmarks/cql_shards.py QUATRAIN_EXECUTABLE [--requests N] [--rounds N] [--keys N]

16 connections with 32 requests under way on each, as in cql.py, whose requests these are. Where a key is, a connection of the
extension TABLETS_ROUTING_V1 is told, which the clock does not see. The client takes a core of its own: on a machine of two
the rates say little, and CPU time for each request what a second shard costs: it must not rise where requests go straight to
their shard.
"""

import argparse
import pathlib
import random
import selectors
import shutil
import statistics
import struct
import tempfile
import time

from cql import CONNECTIONS, CQL, STREAMS, Server


class Fields:
    def __init__(self, body):
        self.body, self.place = body, 0

    def take(self, count):
        self.place += count
        return self.body[self.place - count:self.place]

    def string(self):
        return self.take(struct.unpack(">H", self.take(2))[0]).decode()

    def bytes(self):
        return self.take(struct.unpack(">i", self.take(4))[0])

    def count(self):
        return struct.unpack(">H", self.take(2))[0]


class Shards:
    """Which shard has come to serve each connection, and which has each key."""

    def __init__(self, server, way, keys):
        self.server, self.way = server, way
        connection, self.first = self.open(routes=True)
        self.of_key = [self.owner(connection, key) for key in range(keys)]
        connection.close()

    def open(self, routes=False):
        connection = self.server.connect("cql")
        connection.sendall(CQL.frame(5, b""))
        fields = Fields(CQL.receive(connection))
        options = {fields.string(): [fields.string() for _ in range(fields.count())] for _ in range(fields.count())}
        names = [b"\0\x0bCQL_VERSION\0\x053.4.5"] + ([b"\0\x12TABLETS_ROUTING_V1\0\0"] if routes else [])
        connection.sendall(CQL.frame(1, struct.pack(">H", len(names)) + b"".join(names)))
        CQL.receive(connection)
        return connection, int(options["SCYLLA_SHARD"][0])

    def owner(self, connection, key):
        connection.sendall(self.way.request("read", key, 0))
        head = connection.recv(9, 0x100)
        fields = Fields(connection.recv(struct.unpack(">i", head[5:])[0], 0x100))
        assert head[4] == 8
        if not head[1] & 4:
            return self.first
        payload = {fields.string(): fields.bytes() for _ in range(fields.count())}
        tablet = Fields(payload["tablets-routing-v1"])
        tablet.bytes(), tablet.bytes()
        replicas = Fields(tablet.bytes())
        assert struct.unpack(">i", replicas.take(4)) == (1,)
        replica = Fields(replicas.bytes())
        replica.bytes()
        return struct.unpack(">i", replica.bytes())[0]

    def connections(self, isAware):
        """As many for each shard, or as they come."""
        found, shards = [], sorted(set(self.of_key))
        while len(found) < CONNECTIONS:
            connection, shard = self.open()
            if isAware and sum(other == shard for _, other in found) >= CONNECTIONS // len(shards):
                connection.close()
                continue
            found.append((connection, shard))
        return found

    def batches(self, kind, shard, isAware, choice):
        """Bytes of requests, and how many of them another shard has to answer."""
        keys = [key for key, owner in enumerate(self.of_key) if owner == shard or not isAware]
        made = []
        for _ in range(8):
            picked = [choice.choice(keys) for _ in range(STREAMS)]
            made.append((
                b"".join(self.way.request(kind, key, number) for number, key in enumerate(picked)),
                sum(self.of_key[key] != shard for key in picked)))
        return made


def run(server, shards, kind, requests, isAware):
    """Requests per second, the server's CPU microseconds for each, and which part of them another shard had to answer."""
    choice = random.Random(1)
    selector = selectors.DefaultSelector()
    state, forwarded, sent, done = {}, 0, 0, 0
    wanted = max(CONNECTIONS, requests // STREAMS)
    for connection, shard in shards.connections(isAware):
        state[connection] = [b"", 0, shards.batches(kind, shard, isAware, choice)]
        selector.register(connection, selectors.EVENT_READ)

    def send(connection):
        nonlocal forwarded, sent
        entry = state[connection]
        data, others = entry[2][sent % len(entry[2])]
        forwarded += others
        sent += 1
        connection.sendall(data)

    before, begun = server.cpu_seconds(), time.monotonic()
    for connection in state:
        send(connection)
    while done < sent:
        for key, _ in selector.select():
            entry = state[key.fileobj]
            piece = key.fileobj.recv(1 << 18)
            assert piece, "the server ended a connection"
            entry[0] += piece
            count, place = CQL.replies(entry[0], 0)
            entry[0] = entry[0][place:]
            entry[1] += count
            if entry[1] == STREAMS:
                entry[1] = 0
                done += 1
                if sent < wanted:
                    send(key.fileobj)
    elapsed, cpu = time.monotonic() - begun, server.cpu_seconds() - before
    for connection in state:
        connection.close()
    total = done * STREAMS
    return total / elapsed, cpu / total * 1e6, forwarded / total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("executable")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=10_000)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp())
    servers = []
    try:
        sets = {}
        for count in (1, 2):
            place = directory / str(count)
            place.mkdir()
            server = Server(options.executable, place, count)
            servers.append(server)
            way = CQL(server)
            connection = way.open(server)
            for key in range(options.keys):
                connection.sendall(way.request("write", key, 0))
                CQL.receive(connection)
            connection.close()
            sets[count] = (server, Shards(server, way, options.keys))
        figures = {}
        for _ in range(options.rounds):
            for kind in ("read", "write"):
                for name, count, isAware in (("1 shard", 1, True), ("2 shards, aware", 2, True), ("2 shards, plain", 2, False)):
                    server, shards = sets[count]
                    figures.setdefault((kind, name), []).append(run(server, shards, kind, options.requests, isAware))
        print(f"{'':6} {'':16} {'per second':>11} {'CPU µs':>8} {'per CPU second':>15} {'forwarded':>10}")
        for (kind, name), found in figures.items():
            rate, cpu, forwarded = (statistics.median(column) for column in zip(*found))
            print(f"{kind:6} {name:16} {rate:11,.0f} {cpu:8.2f} {1e6 / cpu:15,.0f} {forwarded:10.1%}")
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()

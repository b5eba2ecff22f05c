#!/usr/bin/env python3
"""Reads and writes of CQL by prepared statement, beside the same work over RESP and pgwire on the same server: the server's
CPU for each.

usage: benchmarks/cql.py QUATRAIN_EXECUTABLE [--requests N] [--rounds N] [--keys N] [--shards N]

Each way has 16 connections with 32 requests under way on each: streams of CQL, a pipeline of RESP, single statements between
Syncs of pgwire. One row by its key, 100 bytes of value. Replies do not wait for the disk (--durability relaxed). The server has
one shard unless told otherwise. Requests are bytes made before the clock starts; CPU time is that of the server's process. The
figures of one run of a busy machine mean little; the ratios of medians of several rounds do.
"""

import argparse
import json
import os
import pathlib
import random
import selectors
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS, STREAMS = 16, 32
VALUE = b"v" * 100


class Server:
    def __init__(self, executable, directory, shards):
        self.process = subprocess.Popen(
            [executable, "run", "--data-dir", str(directory / "data"), "--shards", str(shards), "--pg-port", "0", "--resp-port", "0",
             "--cql-port", "0", "--http-port", "off", "--rpc-port", "0", "--durability", "relaxed"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.ports = {name: int(address.rsplit(":", 1)[1]) for name, address in json.loads(line[6:]).items()}

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def connect(self, way):
        connection = socket.create_connection(("127.0.0.1", self.ports[way]))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class CQL:
    """Version 4 of the native protocol."""
    port = "cql"

    def __init__(self, server):
        self.control = server.connect("cql")
        self.startup(self.control)
        self.query("CREATE KEYSPACE IF NOT EXISTS b WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        self.query("CREATE TABLE IF NOT EXISTS b.t (a int PRIMARY KEY, v blob)")
        self.statements = {
            "read": self.prepare("SELECT v FROM b.t WHERE a = ?"), "write": self.prepare("INSERT INTO b.t (a, v) VALUES (?, ?)")}

    @staticmethod
    def frame(opcode, body, stream=0):
        return struct.pack(">BBhBi", 4, 0, stream, opcode, len(body)) + body

    @staticmethod
    def receive(connection):
        head = connection.recv(9, socket.MSG_WAITALL)
        body = connection.recv(struct.unpack(">i", head[5:])[0], socket.MSG_WAITALL) if head[5:] != b"\0\0\0\0" else b""
        assert head[4] != 0, body
        return body

    def startup(self, connection):
        connection.sendall(self.frame(1, b"\0\1\0\x0bCQL_VERSION\0\x053.4.5"))
        self.receive(connection)

    def query(self, text):
        self.control.sendall(self.frame(7, struct.pack(">i", len(text)) + text.encode() + b"\0\1\0"))
        return self.receive(self.control)

    def prepare(self, text):
        self.control.sendall(self.frame(9, struct.pack(">i", len(text)) + text.encode()))
        body = self.receive(self.control)
        return body[6:6 + struct.unpack(">H", body[4:6])[0]]

    def open(self, server):
        connection = server.connect("cql")
        self.startup(connection)
        return connection

    def request(self, kind, key, number):
        values = struct.pack(">ii", 4, key) + (struct.pack(">i", len(VALUE)) + VALUE if kind == "write" else b"")
        identifier = self.statements[kind]
        # Values, and no metadata with the rows, as drivers ask.
        body = struct.pack(">H", len(identifier)) + identifier + b"\0\1\3" + struct.pack(">H", 1 if kind == "read" else 2) + values
        return self.frame(10, body, number)

    @staticmethod
    def replies(data, place):
        """How many whole replies, and where the rest begins."""
        count = 0
        while len(data) - place >= 9:
            end = place + 9 + int.from_bytes(data[place + 5:place + 9], "big")
            if end > len(data):
                break
            assert data[place + 4] == 8, data[place:end]
            count, place = count + 1, end
        return count, place


class RESP:
    port = "resp"

    def __init__(self, server):
        pass

    def open(self, server):
        return server.connect("resp")

    def request(self, kind, key, number):
        name = b"key:%010d" % key
        if kind == "read":
            return b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(name), name)
        return b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(name), name, len(VALUE), VALUE)

    @staticmethod
    def replies(data, place):
        count = 0
        while place < len(data):
            line = data.find(b"\r\n", place)
            if line < 0:
                break
            end = line + 2
            if data[place:place + 1] == b"$":
                end += int(data[place + 1:line]) + 2
            assert data[place:place + 1] in b"$+", data[place:place + 80]
            if end > len(data):
                break
            count, place = count + 1, end
        return count, place


class PgWire:
    port = "pg"

    def __init__(self, server):
        control = self.open(server)
        text = b"create table if not exists p (a int primary key, v bytea)\0"
        control.sendall(b"Q" + struct.pack(">i", len(text) + 4) + text)
        self.wait(control)

    @staticmethod
    def message(kind, body):
        return kind + struct.pack(">i", len(body) + 4) + body

    def wait(self, connection):
        data, done = b"", 0
        place = 0
        while not done:
            data += connection.recv(1 << 16)
            done, place = self.replies(data, place)

    def open(self, server):
        connection = server.connect("pg")
        body = struct.pack(">i", 196_608) + b"user\0quatrain\0database\0quatrain\0\0"
        connection.sendall(struct.pack(">i", len(body) + 4) + body)
        self.wait(connection)
        if hasattr(self, "made"):
            for name, text in (
                    (b"read", b"select v from p where a = $1"),
                    (b"write", b"insert into p values ($1, $2) on conflict (a) do update set v = excluded.v")):
                connection.sendall(
                    self.message(b"P", name + b"\0" + text + b"\0\0\0") + self.message(b"S", b""))
                self.wait(connection)
        self.made = True
        return connection

    def request(self, kind, key, number):
        values = struct.pack(">ii", 4, key) + (struct.pack(">i", len(VALUE)) + VALUE if kind == "write" else b"")
        bind = b"\0" + kind.encode() + b"\0\0\1\0\1" + struct.pack(">H", 1 if kind == "read" else 2) + values + b"\0\1\0\1"
        return self.message(b"B", bind) + self.message(b"E", b"\0\0\0\0\0") + self.message(b"S", b"")

    @staticmethod
    def replies(data, place):
        count = 0
        while len(data) - place >= 5:
            end = place + 1 + int.from_bytes(data[place + 1:place + 5], "big")
            if end > len(data):
                break
            assert data[place:place + 1] != b"E", data[place:end]
            count += data[place:place + 1] == b"Z"
            place = end
        return count, place


def run(server, way, kind, requests, keys):
    """Requests per second, and the server's CPU microseconds for each."""
    choice = random.Random(1)
    batches = [b"".join(way.request(kind, choice.randrange(keys), number) for number in range(STREAMS)) for _ in range(64)]
    selector = selectors.DefaultSelector()
    connections = [way.open(server) for _ in range(CONNECTIONS)]
    state = {}
    before, begun = server.cpu_seconds(), time.monotonic()
    sent = done = 0
    for connection in connections:
        connection.sendall(batches[sent % len(batches)])
        sent += 1
        state[connection] = [b"", 0]
        selector.register(connection, selectors.EVENT_READ)
    batches_wanted = max(CONNECTIONS, requests // STREAMS)
    while done < batches_wanted:
        for key, _ in selector.select():
            connection = key.fileobj
            entry = state[connection]
            piece = connection.recv(1 << 18)
            assert piece, "the server ended a connection"
            entry[0] += piece
            count, place = way.replies(entry[0], 0)
            entry[0] = entry[0][place:]
            entry[1] += count
            if entry[1] == STREAMS:
                entry[1] = 0
                done += 1
                if sent < batches_wanted:
                    connection.sendall(batches[sent % len(batches)])
                    sent += 1
    elapsed, cpu = time.monotonic() - begun, server.cpu_seconds() - before
    for connection in connections:
        connection.close()
    total = done * STREAMS
    return total / elapsed, cpu / total * 1e6


def fill(server, way, keys):
    connection = way.open(server)
    for first in range(0, keys, STREAMS):
        connection.sendall(b"".join(way.request("write", key, key % STREAMS) for key in range(first, first + STREAMS)))
        data, count, place = b"", 0, 0
        while count < STREAMS:
            data += connection.recv(1 << 18)
            more, place = way.replies(data, place)
            count += more
    connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("executable")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--shards", type=int, default=1)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp())
    server = Server(options.executable, directory, options.shards)
    try:
        ways = {"CQL": CQL(server), "RESP": RESP(server), "pgwire": PgWire(server)}
        figures = {}
        for name, way in ways.items():
            fill(server, way, options.keys)
        for _ in range(options.rounds):
            for kind in ("read", "write"):
                for name, way in ways.items():
                    figures.setdefault((kind, name), []).append(run(server, way, kind, options.requests, options.keys))
        print(f"{'':6} {'way':8} {'per second':>11} {'CPU µs':>8} {'of RESP':>8}")
        for kind in ("read", "write"):
            usual = statistics.median(cpu for _, cpu in figures[kind, "RESP"])
            for name in ways:
                rate = statistics.median(rate for rate, _ in figures[kind, name])
                cpu = statistics.median(cpu for _, cpu in figures[kind, name])
                print(f"{kind:6} {name:8} {rate:11,.0f} {cpu:8.2f} {cpu / usual:8.2f}")
    finally:
        server.stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()

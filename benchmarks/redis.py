#!/usr/bin/env python3
"""Quatrain beside Redis on the same machine, in the same run: ratios, with the server's CPU per operation.

usage: benchmarks/redis.py QUATRAIN_EXECUTABLE [--requests N] [--clients N] [--rounds N] [--keys N] [--only memory]

Each server is alone while it is measured, with one shard or thread, by redis-benchmark on the loopback. `memory`: replies
do not wait for the disk (Redis without a log; Quatrain with --durability relaxed, which still writes one). `durable`: every reply
waits for the disk (Redis: appendfsync always). CPU time is that of the server's process. The figures of one run of a busy machine
mean little; the ratios of medians of several rounds do.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
COMMANDS = {
    "GET": ("get", "key:__rand_int__"),
    "SET": ("set", "key:__rand_int__", "x" * 100),
    "INCR": ("incr", "counter:__rand_int__"),
    "LPUSH": ("lpush", "list:{a}", "x" * 100),
    "ZADD": ("zadd", "zset:{a}", "__rand_int__", "m:__rand_int__"),
    "HSET": ("hset", "hash:{a}", "f:__rand_int__", "x" * 100),
}


class Server:
    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_bytes(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Rss:\s+(\d+)", text, re.M).group(1)) * 1024

    def benchmark(self, command, requests, clients, pipeline, keys):
        """Requests per second, and the server's CPU microseconds for each."""
        before = self.cpu_seconds()
        output = subprocess.run(
            ["redis-benchmark", "-h", "127.0.0.1", "-p", str(self.port), "-c", str(clients), "-n", str(requests),
             "-P", str(pipeline), "-r", str(keys), "--csv", *command],
            check=True, capture_output=True, text=True).stdout
        cpu = self.cpu_seconds() - before
        return float(output.strip().splitlines()[-1].split('","')[1].strip('"')), cpu / requests * 1e6

    def fill(self, keys, command):
        """So many keys of 16 bytes, each made by the command's words behind its key."""
        name, *words = command
        words = [name, b"", *words]
        lines = bytearray()
        for number in range(keys):
            words[1] = b"k:%014d" % number
            lines += b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        subprocess.run(
            ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), "--pipe"], input=bytes(lines), check=True,
            stdout=subprocess.DEVNULL)

    def used_memory(self):
        text = subprocess.run(
            ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), "info", "memory"], check=True, capture_output=True,
            text=True).stdout
        return int(re.search(r"^used_memory:(\d+)", text, re.M).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Quatrain(Server):
    name = "Quatrain"

    def __init__(self, executable, directory, durable):
        self.process = subprocess.Popen(
            [executable, "run", "--data-dir", str(directory / "quatrain"), "--shards", "1", "--pg-port", "0", "--resp-port",
             "0", "--http-port", "off", "--rpc-port", "0", "--durability", "sync" if durable else "relaxed", "--memory-limit", "8192"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.port = int(json.loads(line[6:])["resp"].rsplit(":", 1)[1])


class Redis(Server):
    name = "Redis"

    def __init__(self, _, directory, durable):
        (directory / "redis").mkdir()
        self.port = 26_399
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(directory / "redis"), "--appendonly",
             "yes" if durable else "no", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL)
        for _ in range(100):
            if subprocess.run(["redis-cli", "-p", str(self.port), "ping"], capture_output=True).stdout == b"PONG\n":
                return
            time.sleep(0.05)
        raise SystemExit("redis-server does not start")


def with_server(kind, executable, durable, body):
    directory = pathlib.Path(tempfile.mkdtemp())
    server = kind(executable, directory, durable)
    try:
        return body(server)
    finally:
        server.stop()
        shutil.rmtree(directory)


def measure(options, durable):
    for pipeline in (1, 16):
        for name, command in COMMANDS.items():
            if durable and name == "GET":
                continue
            requests = options.requests // (10 if durable and pipeline == 1 else 1)
            figures = {}
            for kind in (Quatrain, Redis):
                def body(server):
                    if name == "GET":
                        server.benchmark(COMMANDS["SET"], 20_000, options.clients, 16, options.keys)
                    server.benchmark(command, 2_000, options.clients, pipeline, options.keys)
                    return [server.benchmark(command, requests, options.clients, pipeline, options.keys)
                            for _ in range(options.rounds)]
                rounds = with_server(kind, options.executable, durable, body)
                figures[kind.name] = tuple(statistics.median(figure) for figure in zip(*rounds))
            (rate, cpu), (their_rate, their_cpu) = figures["Quatrain"], figures["Redis"]
            print(f"{'durable' if durable else 'memory':8} {name:6} pipeline {pipeline:2}: "
                  f"{rate:9.0f}/s {cpu:6.2f} us CPU, Redis {their_rate:9.0f}/s {their_cpu:6.2f} us: "
                  f"rate x {rate / their_rate:.2f}, CPU x {cpu / their_cpu:.2f}", flush=True)


def elements(name, of_each):
    """The command that makes a collection of ten elements."""
    return [name, *[word for number in range(10) for word in of_each(number)]]


FILLS = {
    "key (16 bytes, value of 100)": (1, [b"SET", b"v" * 100]),
    "field of hashes of 10": (10, elements(b"HSET", lambda n: (b"field%d" % n, b"value%02d" % n))),
    "member of sets of 10": (10, elements(b"SADD", lambda n: (b"member%d" % n,))),
    "member of sorted sets of 10": (10, elements(b"ZADD", lambda n: (b"%d" % n, b"member%d" % n))),
    "element of lists of 10": (10, elements(b"RPUSH", lambda n: (b"element%d" % n,))),
}


def memory(options):
    for name, (count, command) in FILLS.items():
        keys = options.fill // count
        figures = {}
        for kind in (Quatrain, Redis):
            def body(server):
                before = (server.resident_bytes(), server.used_memory())
                server.fill(keys, command)
                # What is written over while it is filled is collected meanwhile.
                time.sleep(3)
                after = (server.resident_bytes(), server.used_memory())
                return [(then - now) / (keys * count) for then, now in zip(after, before)]
            figures[kind.name] = with_server(kind, options.executable, False, body)
        (resident, used), (their_resident, their_used) = figures["Quatrain"], figures["Redis"]
        print(f"memory per {name}: {resident:.0f} bytes, Redis {their_resident:.0f}: x {resident / their_resident:.2f}; "
              f"used_memory {used:.0f}, Redis {their_used:.0f}: x {used / their_used:.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("executable")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--fill", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["memory"])
    options = parser.parse_args()
    if options.only:
        return memory(options)
    measure(options, durable=False)
    measure(options, durable=True)
    memory(options)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Sends the same random commands to a node and to a redis-server, and compares the replies.

    differential_keys.py --port PORT --reference PORT [--seed N] [--count N]

Strings, bitmaps, HyperLogLogs, expiry, keys, SORT; both databases 9 are emptied first. Prints the first
difference, with the commands on the same keys that came before it, and ends with 1.
"""

import argparse
import random
import socket
import sys


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.socket.sendall(b"".join(parts))
        return self.reply()

    def reply(self):
        line = self.file.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            if rest == b"-1":
                return None
            return self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        if kind == b":":
            return int(rest)
        return line


class Generator:
    """Random commands; sorted: replies whose order means nothing."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def key(self):
        return b"k%d" % self.random.randrange(8)

    def value(self):
        r = self.random
        return r.choice([
            lambda: str(r.randrange(-300, 300)).encode(),
            lambda: r.choice([b"", b"abc", b"3.25", b"9223372036854775807", b"1e3", b" 1"]),
            lambda: bytes(r.randrange(256) for _ in range(r.randrange(12))),
            lambda: bytes(r.choice(b"ab") for _ in range(r.randrange(60))),
        ])()

    def number(self):
        r = self.random
        return r.choice([r.randrange(-12, 12), r.randrange(-80, 80), "x", 2**63 - 1, -(2**63)])

    def small(self):
        return self.random.randrange(-10, 40)

    def field(self):
        r = self.random
        kind = r.choice(["i", "u"]) + str(r.choice([1, 3, 5, 8, 13, 16, 31, 32, 63, 64]))
        offset = r.choice(["", "#"]) + str(r.randrange(20))
        return r.choice([
            lambda: ["GET", kind, offset],
            lambda: ["SET", kind, offset, self.number()],
            lambda: ["INCRBY", kind, offset, self.number()],
            lambda: ["OVERFLOW", r.choice(["WRAP", "SAT", "FAIL"])],
        ])()

    def command(self):
        r = self.random
        k, v, n, s = self.key, self.value, self.number, self.small
        far = lambda: r.choice([1000, 5000, 100000, -1, 0, "x", 10**17])
        conditions = lambda: r.sample(["NX", "XX", "GT", "LT"], r.choice([0, 0, 1, 1, 2]))
        words = r.choice([
            lambda: ["SET", k(), v()],
            lambda: ["SET", k(), v()] + r.sample(["NX", "XX", "GET", "KEEPTTL"], r.randrange(3)),
            lambda: ["SET", k(), v(), r.choice(["EX", "PXAT"]), r.choice([100, 0, 10**11, "x"])],
            lambda: ["GET", k()],
            lambda: ["APPEND", k(), v()],
            lambda: ["STRLEN", k()],
            lambda: ["GETRANGE", k(), n(), n()],
            lambda: ["SUBSTR", k(), s(), s()],
            lambda: ["SETRANGE", k(), s(), v()],
            lambda: ["GETSET", k(), v()],
            lambda: ["GETDEL", k()],
            lambda: ["GETEX", k()] + r.choice([[], ["PERSIST"], ["EX", 100], ["PXAT", 1], ["EX"]]),
            lambda: ["SETNX", k(), v()],
            lambda: ["SETEX", k(), r.choice([100, 0, -1, "x"]), v()],
            lambda: ["PSETEX", k(), r.choice([100000, 0]), v()],
            lambda: ["MSET", k(), v(), k(), v()],
            lambda: ["MSETNX", k(), v(), k(), v()],
            lambda: ["MGET", k(), k(), k()],
            lambda: ["INCR", k()],
            lambda: ["DECRBY", k(), n()],
            lambda: ["INCRBY", k(), n()],
            lambda: ["INCRBYFLOAT", k(), r.choice(["1.5", "-2", "0.1", "1e10", "x", "3.0e-5"])],
            lambda: ["LCS", k(), k()] + r.sample(
                ["IDX", "WITHMATCHLEN", "LEN", "MINMATCHLEN"], r.randrange(3)),
            lambda: ["LCS", k(), k(), "IDX", "MINMATCHLEN", r.randrange(4), "WITHMATCHLEN"],
            lambda: ["SETBIT", k(), r.choice([s(), 100, 4294967296]), r.choice([0, 1, 1, 2])],
            lambda: ["GETBIT", k(), s()],
            lambda: ["BITCOUNT", k()],
            lambda: ["BITCOUNT", k(), s() - 20, s() - 20] + r.choice([[], ["BIT"], ["BYTE"], ["x"]]),
            lambda: ["BITPOS", k(), r.choice([0, 1])] + r.choice([
                [], [s() - 20], [s() - 20, s() - 20], [s() - 20, s() - 20, "BIT"]]),
            lambda: ["BITOP", r.choice(["AND", "OR", "XOR"]), k(), k(), k()],
            lambda: ["BITOP", "NOT", k(), k()],
            lambda: ["BITFIELD", k()] + sum((self.field() for _ in range(r.randrange(4))), []),
            lambda: ["BITFIELD_RO", k()] + self.field(),
            lambda: ["PFADD", b"h" + k()] + [v() for _ in range(r.randrange(4))],
            lambda: ["PFADD", b"h" + k()] + [r.randrange(10**6) for _ in range(200)],
            lambda: ["PFCOUNT", b"h" + k()],
            lambda: ["PFCOUNT", b"h" + k(), b"h" + k(), k()],
            lambda: ["PFMERGE", b"h" + k(), b"h" + k(), b"h" + k()],
            lambda: ["GET", b"h" + k()],
            lambda: ["PFDEBUG", r.choice(["ENCODING", "DECODE", "GETREG"]), b"h" + k()],
            lambda: ["DEL", k(), k()],
            lambda: ["UNLINK", k()],
            lambda: ["EXISTS", k(), k(), k()],
            lambda: ["TOUCH", k(), k()],
            lambda: ["TYPE", k()],
            lambda: ["RENAME", k(), k()],
            lambda: ["RENAMENX", k(), k()],
            lambda: ["COPY", k(), k()] + r.choice([[], ["REPLACE"], ["DB", 10], ["DB", 99]]),
            lambda: ["MOVE", k(), r.choice([10, 9, 99, "x"])],
            lambda: ["OBJECT", "ENCODING", k()],
            lambda: ["EXPIRE", k(), far()] + conditions(),
            lambda: ["PEXPIRE", k(), r.choice([10**6, 10**7, -5])] + conditions(),
            lambda: ["EXPIREAT", k(), r.choice([10**10, 5, 10**17])] + conditions(),
            lambda: ["PEXPIREAT", k(), r.choice([10**13, 5])] + conditions(),
            lambda: ["TTL", k()],
            lambda: ["EXPIRETIME", k()],
            lambda: ["PERSIST", k()],
            lambda: ["KEYS", r.choice(["*", "k[0-3]", "h*", "k?", "k1", "[^k]*"])],
            lambda: ["SORT", k()],
        ])()
        return words


def normal(words, reply):
    if words[0] == "KEYS" and isinstance(reply, list):
        return sorted(reply)
    if words[0] == "OBJECT" and reply == b"int":
        # What INCRBYFLOAT has left is a string to Redis, also where it is an integer.
        return b"embstr"
    return reply


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--reference", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20_000)
    options = parser.parse_args()
    generator = Generator(options.seed)
    ours, theirs = Client(options.port), Client(options.reference)
    for client in (ours, theirs):
        for db in (10, 9):
            client.send("SELECT", db)
            client.send("FLUSHDB")
    log = []
    for number in range(options.count):
        words = generator.command()
        log.append(words)
        mine, other = normal(words, ours.send(*words)), normal(words, theirs.send(*words))
        # A second may pass between the two.
        close = words[0] in ("TTL", "PTTL", "EXPIRETIME") and isinstance(mine, int) \
            and isinstance(other, int) and abs(mine - other) <= 1
        if mine != other and not close:
            print(f"seed {options.seed}, command {number}: {words}\n  ours:  {mine}\n  Redis: {other}")
            keys = {w for w in words[1:] if isinstance(w, bytes)}
            for earlier in log[-400:-1]:
                if keys & {w for w in earlier[1:] if isinstance(w, bytes)}:
                    print("  before:", earlier)
            return 1
    print(f"seed {options.seed}: {options.count} commands, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())

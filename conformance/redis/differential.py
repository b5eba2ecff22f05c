#!/usr/bin/env python3
"""Seeded random commands to two servers, whose replies must be equal.

usage: differential.py --ours HOST:PORT --theirs HOST:PORT [--commands N] [--seed N] [--types string,hash,…]

Both are flushed first. Replies whose order Redis leaves open are compared as multisets, times with a little leeway. The
first difference ends it, with what was sent to the same keys before, and the command that repeats it.
"""

import argparse
import random
import sys

from generators import GROUPS
from wire import Connection, Failure

UNORDERED = {
    "smembers", "sunion", "sinter", "sdiff", "hkeys", "hvals", "keys", "hgetall", "hscan", "sscan", "zscan", "scan",
    "config", "pubsub", "hrandfield", "srandmember", "zrandmember", "spop",
}
PAIRED = {"hgetall"}
TIMES = {"ttl", "pttl", "expiretime", "pexpiretime", "hpttl", "httl"}
LEEWAY_MILLISECONDS = 2_000


def flatten(reply):
    if isinstance(reply, list):
        return [flatten(item) for item in reply]
    if isinstance(reply, tuple):
        return [flatten(item) for item in reply]
    return reply


def canonical(command, reply):
    name = str(command[0]).lower()
    reply = flatten(reply)
    if isinstance(reply, list) and name in PAIRED:
        if reply and not isinstance(reply[0], list):
            reply = [reply[i : i + 2] for i in range(0, len(reply), 2)]
        return sorted(reply, key=repr)
    if isinstance(reply, list) and name in UNORDERED:
        if name in ("hscan", "sscan", "zscan", "scan") and len(reply) == 2:
            items = reply[1]
            if name in ("hscan", "zscan"):
                items = [items[i : i + 2] for i in range(0, len(items), 2)]
            return [reply[0], sorted(items, key=repr)]
        return sorted(reply, key=repr)
    return reply


def differs(command, ours, theirs) -> bool:
    a, b = canonical(command, ours), canonical(command, theirs)
    if a == b:
        return False
    if str(command[0]).lower() in TIMES and isinstance(a, int) and isinstance(b, int):
        leeway = LEEWAY_MILLISECONDS if str(command[0]).lower().startswith("p") else 2
        return min(a, b) < 0 or abs(a - b) > leeway
    return True


def run(ours: str, theirs: str, commands: int, seed: int, types: list[str], protocol: int, batch: int) -> int:
    draw = random.Random(seed)
    generators = [generator for name in types for generator in GROUPS[name]]
    connections = [Connection(ours), Connection(theirs)]
    for connection in connections:
        if protocol == 3:
            connection.call("HELLO", 3)
        connection.call("FLUSHALL")
    history = []
    done = 0
    reached: dict[str, int] = {}
    while done < commands:
        batch_commands = []
        for _ in range(min(batch, commands - done)):
            command = draw.choice(generators)(draw)
            batch_commands.append([argument for argument in command])
        replies = [connection.pipeline(batch_commands) for connection in connections]
        for command, a, b in zip(batch_commands, *replies):
            history.append(command)
            reached[str(command[0]).lower()] = reached.get(str(command[0]).lower(), 0) + 1
            if differs(command, a, b):
                keys = {argument for argument in command[1:] if str(argument).startswith("k:")}
                print(f"seed {seed}, after {done} commands:")
                for earlier in history[:-1]:
                    if keys & set(map(str, earlier[1:])):
                        print("   ", *earlier)
                print("  ->", *command)
                print("ours:  ", repr(a)[:2000])
                print("theirs:", repr(b)[:2000])
                print(f"repeat: differential.py --seed {seed} --commands {done + 1} --types {','.join(types)}"
                      f" --protocol {protocol} --batch {batch} …")
                return 1
            done += 1
    print(f"seed {seed}: {done} commands, {len(reached)} different ones, all replies equal")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--theirs", required=True)
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--types", default=",".join(GROUPS))
    parser.add_argument("--protocol", type=int, choices=(2, 3), default=2)
    parser.add_argument("--batch", type=int, default=20)
    options = parser.parse_args()
    return run(
        options.ours, options.theirs, options.commands, options.seed, options.types.split(","), options.protocol,
        options.batch)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs Redis' own test suite against a server that is there already, and counts per unit.

usage: suite.py --suite DIR --target HOST:PORT [--write FILE] [--reference FILE] [--units type/string,multi,…]

DIR is an unpacked source of Redis 7.0.15 (`apt-get source --download-only redis`), whose src/ holds the programs
redis-server, redis-cli and redis-benchmark: links to installed ones will do. --write keeps each test's result. With
--reference, a file that was written so by a run against a real redis-server, the tests that passed there are what counts:
those that do not pass here are listed, and the last line says how many of a hundred do.

Tests that need DEBUG, replicas of their own or much time are left out, in both runs. Databases 0 and 9 are emptied.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
from collections import Counter

UNITS = """
type/string type/incr type/list type/list-2 type/list-3 type/set type/zset type/hash type/stream type/stream-cgroups
expire scan keyspace multi scripting functions pubsub pubsubshard sort bitops bitfield geo hyperloglog introspection
introspection-2 tracking slowlog latency-monitor acl acl-v2 info info-command querybuf protocol auth other dump maxmemory
pause quit lazyfree violations
""".split()
TAGS = "-needs:debug -slow -needs:repl"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RESULT = re.compile(r"^\[(ok|err|exception|ignore|skip|timeout)\]: (.*)$")


def run(suite: pathlib.Path, target: str, unit: str, base_port: int, seconds: int) -> tuple[dict[str, str], str]:
    """The result of each test of a unit by the test's name, and everything that was printed."""
    host, port = target.rsplit(":", 1)
    script = suite / "tests" / "unit" / f"{unit}.tcl"
    if not script.exists():
        raise SystemExit(f"suite.py: there is no {script}")
    command = ["./runtest", "--host", host, "--port", port, "--single", f"unit/{unit}", "--tags", TAGS, "--durable",
               "--baseport", str(base_port), "--timeout", str(seconds)]
    process = subprocess.Popen(
        command, cwd=suite, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        printed, _ = process.communicate(timeout=seconds + 60)
    except subprocess.TimeoutExpired:
        # Its servers and clients too: the next unit wants their ports.
        os.killpg(process.pid, signal.SIGKILL)
        printed, _ = process.communicate()
    text = COLOUR.sub("", printed.decode(errors="replace"))
    found: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for line in text.splitlines():
        match = RESULT.match(line)
        if not match:
            continue
        kind, name = match.groups()
        if kind == "ok":
            name = re.sub(r" \(\d+ ms\)$", "", name)
        elif kind in ("err", "exception"):
            name = name.split(f" in tests/unit/{unit}.tcl")[0]
        # Several tests of a unit may have one name.
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name} #{seen[name]}"
        found[name] = kind
    return found, text


def ask(target: str, *words: str) -> list[str]:
    host, port = target.rsplit(":", 1)
    done = subprocess.run(["redis-cli", "-h", host, "-p", port, *words], capture_output=True, text=True, timeout=60)
    return done.stdout.splitlines()


def settings(target: str) -> dict[str, str]:
    lines = ask(target, "CONFIG", "GET", "*")
    return dict(zip(lines[::2], lines[1::2]))


def restore(target: str, before: dict[str, str]) -> None:
    """A test that ends in the middle leaves what it has set; the next unit begins without it."""
    ask(target, "CLIENT", "UNPAUSE")
    for name, value in settings(target).items():
        if name in before and before[name] != value:
            ask(target, "CONFIG", "SET", name, before[name])
    ask(target, "FLUSHALL")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", required=True, type=pathlib.Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--units", default=",".join(UNITS))
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--reference", type=pathlib.Path)
    parser.add_argument("--log", type=pathlib.Path, help="a directory for what each unit printed")
    parser.add_argument("--base-port", type=int, default=27800)
    parser.add_argument("--seconds", type=int, default=300, help="that a unit may take")
    options = parser.parse_args()
    wanted = json.loads(options.reference.read_text()) if options.reference else None
    results: dict[str, dict[str, str]] = {}
    passed_there = passed_here = 0
    before = settings(options.target)
    for unit in options.units.split(","):
        found, text = run(options.suite, options.target, unit, options.base_port, options.seconds)
        results[unit] = found
        restore(options.target, before)
        if options.log:
            options.log.mkdir(parents=True, exist_ok=True)
            (options.log / (unit.replace("/", "-") + ".txt")).write_text(text)
        counts = Counter(found.values())
        line = f"{unit}: {counts['ok']} ok, {counts['err'] + counts['exception'] + counts['timeout']} failed, " \
            f"{counts['ignore'] + counts['skip']} left out"
        if wanted is not None:
            there = [name for name, kind in wanted.get(unit, {}).items() if kind == "ok"]
            missing = [name for name in there if found.get(name) != "ok"]
            passed_there += len(there)
            passed_here += len(there) - len(missing)
            line += f"; {len(there) - len(missing)} of Redis' {len(there)}"
            print(line)
            for name in missing:
                print(f"    {found.get(name, 'did not run')}: {name}")
        else:
            print(line)
        sys.stdout.flush()
        if options.write:
            options.write.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    if wanted is not None and passed_there:
        print(f"{passed_here} of the {passed_there} tests that pass there pass here: {100 * passed_here / passed_there:.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())

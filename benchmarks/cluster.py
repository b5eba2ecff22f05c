#!/usr/bin/env python3
"""One node beside three, one shard beside two, and how long writes are away when a leader's node is killed.

usage: benchmarks/cluster.py QUATRAIN_EXECUTABLE [--seconds N] [--rounds N] [--clients N] [--kills N]

All nodes are on this machine and share its cores with pgbench: what three nodes cost is their CPU time per
transaction, not what three machines would reach. Every node answers only what is on disk at a majority.
With three nodes a third of the clients is connected to each of them. It needs the suites' Python
(scripts/python.sh), whose harness starts the nodes.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg
from postgres import cpu_seconds

ROOT = pathlib.Path(__file__).resolve().parent.parent
PGBENCH = subprocess.run(
    [str(ROOT / "scripts/pgbench.sh")], check=True, capture_output=True, text=True).stdout.strip()
MODES = {"select-only": ["-S"], "TPC-B": []}
SCALE = 10


def harness(executable):
    """conformance/cluster, for that executable."""
    os.environ["QUATRAIN_BINARY"] = os.path.realpath(executable)
    sys.path.insert(0, str(ROOT / "conformance/cluster"))
    import cluster
    return cluster


def pgbench(node, *arguments, **options):
    return subprocess.Popen(
        [PGBENCH, "-h", "127.0.0.1", "-p", node.ports["pg"], "-U", "quatrain", *arguments, "quatrain"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def finished(process):
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    return out


def latencies(directory):
    """Milliseconds of the transactions that the logs have."""
    found = []
    for log in pathlib.Path(directory).glob("pgbench_log.*"):
        with open(log) as lines:
            found += [int(line.split()[2]) / 1000 for line in lines]
        log.unlink()
    return sorted(found)


def one_round(nodes, mode, options, directory):
    """What pgbench does on all nodes at once: rates, CPU time and latencies."""
    share = max(1, options.clients // len(nodes))
    before = sum(cpu_seconds(node.process.pid) for node in nodes)
    runs = [pgbench(node, "-n", "-M", "prepared", "-c", str(share), "-j", "1", "-T", str(options.seconds),
                    "-l", "--sampling-rate=0.2", "--max-tries=100", *MODES[mode], cwd=directory)
            for node in nodes]
    reports = [finished(run) for run in runs]
    time.sleep(0.3)
    cpu = sum(cpu_seconds(node.process.pid) for node in nodes) - before
    count = sum(int(re.search(r"actually processed: (\d+)", report).group(1)) for report in reports)
    times = latencies(directory)
    return {
        "tps": sum(float(re.search(r"tps = ([\d.]+)", report).group(1)) for report in reports),
        "cpu": cpu / count * 1e6, "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}


CHUNK = 10_000


def fill(node):
    """pgbench's tables, in parts: what one transaction writes has to be in all logs at once."""
    finished(pgbench(node, "-i", "-q", "-I", "dtp", "-s", str(SCALE)))
    parts = [
        f"pgbench_branches (bid, bbalance) select i, 0 from generate_series(1, {SCALE}) i",
        "pgbench_tellers (tid, bid, tbalance) "
        f"select i, (i - 1) / 10 + 1, 0 from generate_series(1, {SCALE * 10}) i"]
    parts += [
        "pgbench_accounts (aid, bid, abalance, filler) select i, (i - 1) / 100000 + 1, 0, '' "
        f"from generate_series({first}, {first + CHUNK - 1}) i"
        for first in range(1, SCALE * 100_000, CHUNK)]
    with node.connect(autocommit=True) as connection:
        for part in parts:
            while True:
                try:
                    connection.execute(f"insert into {part}")
                    break
                except psycopg.errors.SerializationFailure:
                    pass  # Nothing was done; on a busy machine leaders change.


def throughput(suite, nodes, shards, options):
    """Medians by mode for a cluster of so many nodes and shards."""
    directory = tempfile.mkdtemp(prefix="quatrain-bench-")
    suite.Node.shards = shards
    made = suite.Cluster(directory, count=nodes)
    try:
        fill(made.nodes[0])
        made.settle()
        figures = {}
        for mode in MODES:
            rounds = [one_round(made.nodes, mode, options, directory) for _ in range(options.rounds)]
            figures[mode] = {key: statistics.median(item[key] for item in rounds) for key in rounds[0]}
        return figures
    finally:
        made.end()
        shutil.rmtree(directory, ignore_errors=True)


def failovers(suite, options):
    """Seconds from the death of the node that leads most until every row takes a write again."""
    directory = tempfile.mkdtemp(prefix="quatrain-bench-")
    suite.Node.shards = 1
    made = suite.Cluster(directory)
    try:
        made.prepare()
        return sorted(suite.failover(made) for _ in range(options.kills))
    finally:
        made.end()
        shutil.rmtree(directory, ignore_errors=True)


def table(title, names, columns):
    print(f"{title:32}" + "".join(f"{name:>18}" for name in names) + f"{'ratio':>9}")
    for mode in MODES:
        for key, unit in (("tps", "per s"), ("cpu", "CPU µs"), ("p50", "ms, median"), ("p99", "ms, 99 %")):
            one, other = (column[mode][key] for column in columns)
            print(f"{mode + ', ' + unit:32}{one:18.2f}{other:18.2f}{other / one:9.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("executable")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--kills", type=int, default=10)
    options = parser.parse_args()
    suite = harness(options.executable)
    one = throughput(suite, 1, 1, options)
    table("nodes of one shard", ["one", "three"], [one, throughput(suite, 3, 1, options)])
    print()
    table("shards of one node", ["one", "two"], [one, throughput(suite, 1, 2, options)])
    print()
    gaps = failovers(suite, options)
    print("writes away after a kill, s:", " ".join(f"{gap:.2f}" for gap in gaps),
          f"· median {statistics.median(gaps):.2f}")


if __name__ == "__main__":
    main()

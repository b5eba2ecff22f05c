"""kill -9 in the middle of pgbench with eight clients, again and again. After each start the
invariants of TPC-B hold, and no transaction that pgbench counted as done is missing."""

import os
import random
import re
import shutil
import subprocess
import threading
import time

import pytest

from test_kill import ROUNDS, Node

PGBENCH = os.environ.get("PGBENCH") or shutil.which("pgbench")
CLIENTS = 8


def pgbench(node, *arguments):
    return subprocess.run(
        [PGBENCH, "-h", node.host, "-p", node.port, "-U", "quatrain", *arguments, "quatrain"],
        capture_output=True, text=True, timeout=60)


def checked(node):
    """The rows of the history; TPC-B's sums must all be the same."""
    with node.connect() as connection:
        sums = [
            connection.execute(f"select coalesce(sum({column}), 0) from pgbench_{table}").fetchone()[0]
            for table, column in [
                ("accounts", "abalance"), ("tellers", "tbalance"), ("branches", "bbalance"),
                ("history", "delta"),
            ]
        ]
        assert len(set(sums)) == 1, f"the sums differ: {sums}"
        return connection.execute("select count(*) from pgbench_history").fetchone()[0]


@pytest.mark.skipif(PGBENCH is None, reason="pgbench is not installed")
def test_kill_under_pgbench(tmp_path):
    directory = str(tmp_path / "data")
    node = Node(directory)
    made = pgbench(node, "-i", "-q", "-s", "1")
    assert made.returncode == 0, made.stderr
    choice = random.Random(os.environ.get("QUATRAIN_SEED", "15"))
    before = checked(node)
    done = 0
    modes = ["simple", "extended", "prepared"]
    for number in range(ROUNDS):
        killer = threading.Timer(choice.uniform(0.3, 0.9), node.kill)
        killer.start()
        report = pgbench(node, "-n", "-c", str(CLIENTS), "-T", "20", "-M", modes[number % 3])
        killer.join()
        count = re.search(r"transactions actually processed: (\d+)", report.stdout)
        assert count, report.stderr
        processed = int(count.group(1))
        node = Node(directory)
        after = checked(node)
        # Each client may have one transaction whose end it did not hear of.
        assert before + processed <= after <= before + processed + CLIENTS, (
            f"round {number}: {before} and {processed} became {after}")
        before = after
        done += processed
    node.kill()
    assert done > 10 * ROUNDS, f"only {done} transactions in {ROUNDS} rounds"
    time.sleep(0.1)

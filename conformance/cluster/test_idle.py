"""What a cluster costs that nobody uses: 64 tablets on three nodes."""

import os
import time

import pytest

from cluster import Cluster

TICK = os.sysconf("SC_CLK_TCK")
SECONDS = int(os.environ.get("QUATRAIN_IDLE_SECONDS", "30"))
# DESIGN 7 wants two percent of a core, on a machine of its own; another's noise is not ours.
PERCENT_MAX = 4.0
MEBIBYTES_MAX = 120


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def proportional_bytes(process):
    """Private memory, and the node's part of what the processes share."""
    with open(f"/proc/{process.pid}/smaps_rollup") as rollup:
        return next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.end()


def test_idle(cluster):
    status = cluster.settle()
    assert status["tablets"] == 65
    time.sleep(3)
    before = [cpu_seconds(node.process) for node in cluster.nodes]
    time.sleep(SECONDS)
    used = [cpu_seconds(node.process) - start for node, start in zip(cluster.nodes, before)]
    percent = [seconds / SECONDS * 100 for seconds in used]
    memory = [proportional_bytes(node.process) / 2**20 for node in cluster.nodes]
    print("idle, % of a core:", " ".join(f"{value:.2f}" for value in percent),
          "· MiB:", " ".join(f"{value:.0f}" for value in memory))
    assert max(percent) < PERCENT_MAX, percent
    assert max(memory) < MEBIBYTES_MAX, memory

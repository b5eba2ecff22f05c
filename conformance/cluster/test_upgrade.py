"""Two adjacent versions of the program as one cluster: `--compatibility-level` makes a node take part as the
one before does, with the protocol and the feature level that it had."""

import subprocess
import time

import pytest

from cluster import BINARY, Cluster, Node, Workload, running, wait_for

NEWEST = 2
OLD = ["--compatibility-level", str(NEWEST - 1)]


@pytest.fixture
def cluster(tmp_path):
    with running(Cluster(tmp_path, options=lambda number: OLD)) as made:
        yield made


def level(node):
    return node.status()["featureLevel"]


def protocols(node):
    """Of the node's connections to the others."""
    return sorted(entry["protocolVersion"] for entry in node.status()["nodes"]
                  if "protocolVersion" in entry)


def change(cluster, node, options):
    """Ends the node's program and starts another."""
    node.end()
    node.options = options
    node.restart()
    cluster.settle(by=node)


def test_one_after_the_other(cluster, tmp_path):
    one, two, three = cluster.nodes
    assert {level(node) for node in cluster.nodes} == {NEWEST - 1}
    assert protocols(one) == [1, 1]
    work = Workload(cluster, in_order=True)
    time.sleep(0.5)
    change(cluster, one, [])
    # Old and new speak the old one's protocol; nothing has risen.
    assert protocols(one) == [1, 1] and level(one) == NEWEST - 1
    # Before it rises a node may go back.
    change(cluster, one, OLD)
    change(cluster, one, [])
    change(cluster, two, [])
    wait_for(lambda: protocols(one) == [1, 2])
    time.sleep(1)
    assert {level(node) for node in cluster.nodes} == {NEWEST - 1}
    change(cluster, three, [])
    wait_for(lambda: {level(node) for node in cluster.nodes} == {NEWEST})
    for node in cluster.nodes:
        wait_for(lambda: protocols(node) == [2, 2])
    time.sleep(0.5)
    work.stop()
    # Clients lose the node that ends, and nothing else.
    surprising = work.surprises({None, "57P01", "57P03"})
    print("errors but lost connections:", surprising[:5], "of", len(work.acknowledged), "transactions")
    assert not surprising
    work.check()

    # The level never falls: an older program is refused by its own data...
    three.end()
    run = subprocess.run(
        [BINARY, "run", "--data-dir", three.directory, "--pg-port", "0", "--http-port", "off",
         "--rpc-port", three.ports["rpc"], *OLD], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and "feature level is 2" in run.stderr, run.stderr
    # ... and as a new node by the others.
    stranger = Node(tmp_path, 9, one.addresses["rpc"], OLD)
    try:
        stranger.says("feature level is 2")
    finally:
        stranger.kill()
    three.restart()
    cluster.settle()


def test_who_was_away_while_the_level_rose(cluster):
    """It is upgraded, goes away, and comes back as it was before: nobody lets it in until it is upgraded."""
    one, two, three = cluster.nodes
    change(cluster, three, [])
    three.kill()
    for node in (one, two):
        node.end()
        node.options = []
        node.start()
    for node in (one, two):
        node.ready()
    wait_for(lambda: level(one) == NEWEST)
    three.options = OLD
    three.start()
    one.says("must be upgraded")
    three.says("must be upgraded")
    assert not any(entry["name"] == "node-3" and entry["state"] == "online"
                   for entry in one.status()["nodes"])
    three.kill()
    three.options = []
    three.restart()
    cluster.settle()

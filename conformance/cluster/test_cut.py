"""Networks cut apart, in one direction or both, under three processes in namespaces of their own."""

import time

import psycopg
import pytest

from certificates import Authority
from cluster import Workload, running
from namespaces import RemoteCluster

# What clients of a node that is cut off may hear; whoever waits for it gives up after three seconds.
EXPECTED = {"40001", "40P01", "08007", "57P03", "57014", None}


@pytest.fixture
def cluster(tmp_path):
    with running(RemoteCluster(tmp_path)) as made:
        yield made


def away(cluster, victim):
    """The other nodes' pairs with the victim, as it sends and as it hears."""
    others = [node.number for node in cluster.nodes if node is not victim]
    return [(victim.number, other) for other in others], [(other, victim.number) for other in others]


def cut_and_heal(cluster, cuts, victim=None, seconds=4):
    """Cuts, and demands that writes go on meanwhile and that nothing is lost; how long they were away."""
    work = Workload(cluster, patience="3s")
    time.sleep(1)
    for source, target in cuts(victim or cluster.busiest()):
        cluster.network.cut(source, target)
    begun = time.monotonic()
    time.sleep(seconds)
    gap = work.gap(begun + 0.5)
    cluster.network.heal()
    cluster.settle()
    resumed = time.monotonic()
    time.sleep(1.5)
    work.stop()
    print(f"writes go on {gap} s after the cut; {len(work.acknowledged)} transactions")
    assert gap is not None and gap < seconds, "writes do not go on"
    assert work.gap(resumed) is not None
    assert not work.surprises(EXPECTED), work.surprises(EXPECTED)[:5]
    work.check()


@pytest.mark.fast
def test_the_busiest_is_cut_off_under_tls(tmp_path):
    authority = Authority(tmp_path / "authority")
    made = RemoteCluster(
        tmp_path, lambda number, address: authority.options(f"node-{number}", f"IP:{address}"))
    with running(made) as cluster:
        cut_and_heal(cluster, lambda victim: sum(away(cluster, victim), []))


def test_the_busiest_is_not_heard(cluster):
    cut_and_heal(cluster, lambda victim: away(cluster, victim)[0])


def test_the_busiest_does_not_hear(cluster):
    cut_and_heal(cluster, lambda victim: away(cluster, victim)[1])


def test_two_do_not_hear_one_another(cluster):
    """The third one hears both."""
    cut_and_heal(
        cluster, lambda victim: sum((pairs[:1] for pairs in away(cluster, victim)), []), seconds=10)


def test_one_does_not_hear_another(cluster):
    """What its lost transactions have locked is given up after some seconds."""
    cut_and_heal(cluster, lambda victim: away(cluster, victim)[1][:1], seconds=10)


def test_all_are_cut_apart(cluster):
    """Nobody can write, nobody is told otherwise, and everything goes on afterwards."""
    work = Workload(cluster, patience="3s")
    time.sleep(1)
    for source in (1, 2, 3):
        for target in (1, 2, 3):
            if source != target:
                cluster.network.cut(source, target)
    time.sleep(2)
    with work.lock:
        told = len(work.acknowledged)
    with cluster.nodes[0].connect(autocommit=True, options="-c statement_timeout=1s") as connection:
        with pytest.raises(psycopg.Error):
            connection.execute("update accounts set balance = balance where id = 1")
    assert len(work.acknowledged) == told, "acknowledged without a majority"
    cluster.network.heal()
    cluster.settle()
    time.sleep(2)
    work.stop()
    assert len(work.acknowledged) > told
    work.check()

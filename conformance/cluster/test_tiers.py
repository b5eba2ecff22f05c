"""Two tiers of real processes: three nodes of the standard one and two of another, a table in each."""

import json
import subprocess
import time
import urllib.error

import psycopg
import pytest

from cluster import BINARY, Cluster, running, wait_for

TIER = "archive"


class TieredCluster(Cluster):
    """The last two nodes are of the tier, which has four tablets and, as far as it has nodes, three replicas."""

    def __init__(self, directory):
        super().__init__(directory, count=3)
        try:
            self.quatrain("tier", "create", TIER, "--replication-factor", "3", "--tablets", "4")
            self.options = lambda number: ("--tier", TIER) if number > 3 else ()
            self.add()
            self.add()
            self.settle_tiers()
        except BaseException:
            self.end()
            raise

    def quatrain(self, *arguments, at=0, fails=False):
        """A command of an operator; what it says."""
        found = subprocess.run(
            [BINARY, *arguments, "--http-port", self.nodes[at].ports["http"]], capture_output=True, text=True,
            timeout=30)
        assert (found.returncode != 0) == fails, found
        return found.stderr if fails else found.stdout

    def tiers(self):
        return {entry["name"]: entry for entry in json.loads(self.quatrain("tier", "list", "--json"))}

    def settle_tiers(self, tablets=4, seconds=40):
        """Waits until every tablet has what its tier can give: two nodes are a voter and a learner."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.nodes[0].status()
            ours = [t for t in status["tabletList"] if t.get("tier") == TIER]
            if not status["underReplicated"] and not status["leaderless"] and len(ours) == tablets \
                    and not any(t["isChanging"] for t in status["tabletList"]):
                return status
            time.sleep(0.1)
        raise AssertionError(f"the cluster does not settle: {status}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with running(TieredCluster(tmp_path_factory.mktemp("tiers"))) as made:
        with made.nodes[1].connect(autocommit=True) as connection:
            connection.execute(
                "create table old (id int primary key, account int not null references accounts, note text) "
                f"with (tier = '{TIER}')")
            connection.execute(
                "insert into old select i, i % 60, 'note ' || i from generate_series(0, 199) i")
        yield made


def numbers(cluster, places):
    return {cluster.number(cluster.nodes[place]) for place in places}


@pytest.mark.fast
def test_replicas_are_on_the_tiers_own_nodes(cluster):
    status = cluster.settle_tiers()
    standard, small = numbers(cluster, (0, 1, 2)), numbers(cluster, (3, 4))
    for tablet in status["tabletList"]:
        replicas = set(tablet["voters"] + tablet["learners"])
        if tablet["tablet"] == 0:
            assert replicas == standard | small, "the catalog is everywhere"
        else:
            assert replicas == (small if tablet["tier"] == TIER else standard), tablet
    assert {node["name"]: node["tier"] for node in status["nodes"]} == {
        **{f"node-{n}": "default" for n in (1, 2, 3)}, **{f"node-{n}": TIER for n in (4, 5)}}
    assert cluster.tiers() == {
        "default": {"name": "default", "replicationFactor": 3, "tablets": 64, "nodes": 3},
        TIER: {"name": TIER, "replicationFactor": 3, "tablets": 4, "nodes": 2}}
    assert TIER in cluster.quatrain("tier") and TIER in cluster.quatrain("node")
    with cluster.nodes[4].connect(autocommit=True) as connection:
        rows = connection.execute("select name, replication_factor, tablets, nodes from quatrain.tiers").fetchall()
        assert rows == [("default", 3, 64, 3), (TIER, 3, 4, 2)]
        assert connection.execute(
            "select tier, count(*) from quatrain.tablets group by tier order by tier").fetchall() == [
                (TIER, 4), ("default", 64), (None, 1)]
        # The view shows what each leader told last, which is up to a second old.
        wait_for(lambda: connection.execute(
            "select sum(rows) from quatrain.tablets where tier = %s", (TIER,)).fetchone()[0] >= 200, 10)
        assert connection.execute(
            "select reloptions from pg_class where relname = 'old'").fetchone() == ([f"tier={TIER}"],)


@pytest.mark.fast
def test_statements_and_transactions_over_both_tiers(cluster):
    with cluster.nodes[0].connect(autocommit=True) as one, cluster.nodes[4].connect() as other:
        for connection in (one, other):
            assert connection.execute("select count(*) from old").fetchone() == (200,)
            assert connection.execute(
                "select count(*), sum(a.balance) from old o join accounts a on a.id = o.account").fetchone() == (
                    200, 20000)
            assert connection.execute("select note from old where id = 77").fetchone() == ("note 77",)
        other.execute("update accounts set balance = balance - 1 where id = 5")
        other.execute("insert into old values (1000, 5, 'moved')")
        assert one.execute("select count(*) from old where id = 1000").fetchone() == (0,)
        other.commit()
        assert one.execute("select account from old where id = 1000").fetchone() == (5,)
        other.execute("delete from old where id = 1000")
        other.execute("update accounts set balance = balance + 1 where id = 5")
        other.rollback()
        # Keys of one tier refer to rows of the other.
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            one.execute("insert into old values (1001, 999, 'nobody')")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            one.execute("delete from accounts where id = 5")
        # Global indexes follow their table.
        one.execute("create unique index old_note on old (note)")
        assert one.execute("select id from old where note = 'note 9'").fetchone() == (9,)
        with pytest.raises(psycopg.errors.UniqueViolation):
            one.execute("insert into old values (1002, 1, 'note 9')")
        one.execute("update old set note = 'was 9' where id = 9")
        assert one.execute("select id from old where note = 'was 9'").fetchone() == (9,)
        one.execute("delete from old where id = 1000")
        one.execute("update accounts set balance = balance + 1 where id = 5")


@pytest.mark.fast
def test_what_is_refused(cluster, tmp_path):
    with cluster.nodes[2].connect(autocommit=True) as connection:
        for state, statement in (
                ("42704", "create table t (id int primary key) with (tier = 'nothing')"),
                ("42P16", f"create table t (id int primary key) with (tier = '{TIER}', "
                          "distributed_by = 'globally')"),
                ("0A000", "alter table old set (tier = 'default')"), ("0A000", "alter table old reset (tier)")):
            with pytest.raises(psycopg.Error) as error:
                connection.execute(statement)
            assert error.value.sqlstate == state, (statement, error.value)
        cluster.quatrain("tier", "create", "empty", "--tablets", "2")
        with pytest.raises(psycopg.Error) as error:
            connection.execute("create table t (id int primary key) with (tier = 'empty')")
        assert error.value.sqlstate == "55000" and '"empty" has no tablets yet' in str(error.value)
        # A tier without nodes is in nobody's way.
        connection.execute("create table t (id int primary key)")
        connection.execute("drop table t")
        cluster.quatrain("tier", "drop", "empty")
    assert "already" in cluster.quatrain("tier", "create", TIER, fails=True)
    assert "tables live in it" in cluster.quatrain("tier", "drop", TIER, fails=True)
    assert "cannot be dropped" in cluster.quatrain("tier", "drop", "default", fails=True)
    assert "no tier" in cluster.quatrain("tier", "drop", "nothing", fails=True)
    assert "1, 3 or 5" in cluster.quatrain("tier", "set", TIER, "--replication-factor", "2", fails=True)
    cluster.quatrain("tier", "create", "bad name", fails=True)
    # A node that names a tier that there is not is told which there are, and is not let in.
    stranger = cluster.made(9, cluster.seed())
    try:
        stranger.kill()
        stranger.options = ["--tier", "nothing"]
        stranger.directory += "-other"
        stranger.start()
        stranger.says(f'there is no tier "nothing"; there are: default, {TIER}')
    finally:
        stranger.kill()


@pytest.mark.fast
def test_a_node_of_the_small_tier_is_killed(cluster):
    cluster.quatrain("tier", "set", TIER, "--replication-factor", "1")
    cluster.quatrain("tier", "set", TIER, "--replication-factor", "3")
    cluster.settle_tiers()
    victim = cluster.nodes[4]
    with cluster.nodes[0].connect(autocommit=True) as connection:
        before = connection.execute("select sum(id) from old").fetchone()
        victim.kill()
        # The other tier does not notice, not even with its schema.
        begun = time.monotonic()
        connection.execute("update accounts set balance = balance where id = 7")
        connection.execute("alter table journal add column remark text")
        connection.execute("create table fresh (id int primary key)")
        connection.execute("drop table fresh")
        assert time.monotonic() - begun < 8
        # It keeps its tier, and another one is refused.
        victim.options = ["--tier", "default"]
        victim.start()
        assert victim.process.wait(20) != 0
        assert f'belongs to the tier "{TIER}"' in victim.said()
        victim.options = []
        victim.restart()
        cluster.settle_tiers()
        assert connection.execute("select sum(id) from old").fetchone() == before
        connection.execute("update old set note = note where id < 50")


@pytest.mark.fast
def test_a_tier_ends_when_its_tables_do(cluster):
    with cluster.nodes[0].connect(autocommit=True) as connection:
        connection.execute("drop table old")
        assert "nodes belong to it" in cluster.quatrain("tier", "drop", TIER, fails=True)
        for node in cluster.nodes[3:]:
            number = cluster.number(node)
            node.kill()
            cluster.quatrain("node", "expel", str(number))
        cluster.quatrain("tier", "drop", TIER)
        assert list(cluster.tiers()) == ["default"]
        status = cluster.settle(seconds=20)
        assert {tablet.get("tier") for tablet in status["tabletList"]} == {None, "default"}
        connection.execute("create table afterwards (id int primary key)")
        connection.execute("insert into afterwards values (1)")

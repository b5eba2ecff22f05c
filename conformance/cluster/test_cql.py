"""Drivers of Cassandra at three processes, while the leader of most tablets is killed and comes back: conditions
are linearizable, counters exact, and nothing acknowledged is lost."""

import os
import random
import threading
import time

import pytest
from cassandra import ConsistencyLevel, OperationTimedOut, Unavailable, WriteTimeout
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster as Driver, ExecutionProfile, NoHostAvailable
from cassandra.connection import ConnectionException
from cassandra.policies import FallthroughRetryPolicy, HostFilterPolicy, RoundRobinPolicy

from cluster import Cluster, Node

KILLS = int(os.environ.get("QUATRAIN_CQL_KILLS", "3"))
REGISTERS, COUNTERS = 8, 4
# What has not been done, for sure.
REFUSED = (Unavailable,)
# What may have been done: the driver does not say whether the request had left.
UNKNOWN = (WriteTimeout, OperationTimedOut, NoHostAvailable, ConnectionException)


class CQLNode(Node):
    """A node that drivers find at the same port after each start."""

    def start(self):
        self.options = ["--resp-port", "off", "--cql-port", self.ports.get("cql", "0")]
        super().start()

    def driver(self):
        """A driver that speaks with this node alone, and tells what happens instead of trying again."""
        port = int(self.ports["cql"])
        profile = ExecutionProfile(
            load_balancing_policy=HostFilterPolicy(RoundRobinPolicy(), lambda host: host.endpoint.port == port),
            retry_policy=FallthroughRetryPolicy(), request_timeout=15, consistency_level=ConsistencyLevel.QUORUM)
        return Driver(
            ["127.0.0.1"], port=port, execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            connect_timeout=5, control_connection_timeout=5)


class CQLCluster(Cluster):
    def made(self, number, seed):
        return CQLNode(self.directory, number, seed)


class Clients:
    """Clients at every node, and what they were told: of registers the value that each successful swap made, of keys
    who won them, of counters how many additions are acknowledged and how many unknown."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.lock = threading.Lock()
        self.isOver = False
        self.swaps = {}
        self.unknown_swaps = {}
        self.reads = {}
        self.claims, self.unknown_claims = {}, {}
        self.added = [0] * COUNTERS
        self.unknown_added = [0] * COUNTERS
        self.refused = 0
        self.faults = []
        self.now = 0
        self.threads = [
            threading.Thread(target=self.run, args=(node, place * 10 + number), daemon=True)
            for place, node in enumerate(cluster.nodes) for number in range(2)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.isOver = True
        for thread in self.threads:
            thread.join(90)
            assert not thread.is_alive(), "a client hangs"

    def moment(self):
        with self.lock:
            self.now += 1
            return self.now

    def run(self, node, seed):
        choice = random.Random(seed)
        number = 0
        session, driver = None, None
        while not self.isOver:
            try:
                if session is None:
                    driver = node.driver()
                    session = driver.connect()
                    swap = session.prepare("UPDATE k.registers SET v = ? WHERE a = ? IF v = ?")
                    claim = session.prepare("INSERT INTO k.claims (a, owner) VALUES (?, ?) IF NOT EXISTS")
                    add = session.prepare("UPDATE k.counters SET c = c + 1 WHERE a = ?")
                    read = session.prepare("SELECT v FROM k.registers WHERE a = ?")
            except Exception:
                # The node is away.
                driver and driver.shutdown()
                session = None
                time.sleep(0.2)
                continue
            number += 1
            try:
                kind = choice.randrange(3)
                if kind == 0:
                    self.swap(session, read, swap, choice.randrange(REGISTERS))
                elif kind == 1:
                    self.claim(session, claim, choice.randrange(number + 20), f"{seed}-{number}")
                else:
                    self.add(session, add, choice.randrange(COUNTERS))
            except REFUSED:
                with self.lock:
                    self.refused += 1
            except UNKNOWN as error:
                # A new connection when the node is there again.
                if not isinstance(error, WriteTimeout):
                    driver.shutdown()
                    session = None
            except Exception as error:  # noqa: BLE001: told at the end
                with self.lock:
                    self.faults.append(repr(error))
        driver and driver.shutdown()

    def swap(self, session, read, swap, key):
        began = self.moment()
        value = session.execute(read, (key,)).one().v
        self.reads.setdefault(key, []).append((value, began, self.moment()))
        began = self.moment()
        try:
            applied = session.execute(swap, (value + 1, key, value)).one().applied
        except UNKNOWN:
            with self.lock:
                self.unknown_swaps[key] = self.unknown_swaps.get(key, 0) + 1
            raise
        if applied:
            self.swaps.setdefault(key, []).append((value + 1, began, self.moment()))

    def claim(self, session, claim, key, owner):
        try:
            applied = session.execute(claim, (key, owner)).one().applied
        except UNKNOWN:
            with self.lock:
                self.unknown_claims.setdefault(key, set()).add(owner)
            raise
        if applied:
            with self.lock:
                self.claims.setdefault(key, []).append(owner)

    def add(self, session, add, key):
        try:
            session.execute(add, (key,))
        except UNKNOWN:
            with self.lock:
                self.unknown_added[key] += 1
            raise
        with self.lock:
            self.added[key] += 1

    def check(self):
        assert not self.faults, self.faults[:5]
        for node in self.cluster.nodes:
            with node.driver() as driver:
                self.check_by(driver.connect())

    def check_by(self, session):
        for key in range(REGISTERS):
            value = session.execute("SELECT v FROM k.registers WHERE a = %s", (key,)).one().v
            swaps = sorted(self.swaps.get(key, []))
            made = [new for new, _, _ in swaps]
            assert len(set(made)) == len(made), f"register {key}: two swaps made one value"
            most = len(made) + self.unknown_swaps.get(key, 0)
            assert max(made, default=0) <= value <= most, f"register {key} is {value} after {made[-3:]}, {most} at most"
            # What was answered before another began saw less.
            seen = [(new, began, ended, True) for new, began, ended in swaps]
            seen += [(found, began, ended, False) for found, began, ended in self.reads.get(key, [])]
            seen.sort(key=lambda entry: entry[1])
            done = sorted(seen, key=lambda entry: entry[2])
            newest, place = 0, 0
            for found, began, _, is_swap in seen:
                while place < len(done) and done[place][2] < began:
                    newest = max(newest, done[place][0])
                    place += 1
                assert found > newest if is_swap else found >= newest, f"register {key}: {found} after {newest}"
        owners = {row.a: row.owner for row in session.execute("SELECT a, owner FROM k.claims")}
        for key, winners in self.claims.items():
            assert len(winners) == 1, f"{key} was won by {winners}"
            assert owners.get(key) == winners[0], f"{key} is {owners.get(key)}'s, not {winners[0]}'s"
        for key, owner in owners.items():
            assert key in self.claims or owner in self.unknown_claims.get(key, ()), f"{key}: nobody was told of {owner}"
        for key in range(COUNTERS):
            row = session.execute("SELECT c FROM k.counters WHERE a = %s", (key,)).one()
            value = row.c if row else 0
            least, most = self.added[key], self.added[key] + self.unknown_added[key]
            assert least <= value <= most, f"counter {key} is {value}, not {least} to {most}"


@pytest.fixture
def cluster(tmp_path):
    made = CQLCluster(tmp_path)
    try:
        with made.nodes[0].driver() as driver:
            session = driver.connect()
            session.execute(
                "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}")
            session.execute("CREATE TABLE k.registers (a int PRIMARY KEY, v int)")
            session.execute("CREATE TABLE k.claims (a int PRIMARY KEY, owner text)")
            session.execute("CREATE TABLE k.counters (a int PRIMARY KEY, c counter)")
            for key in range(REGISTERS):
                session.execute("INSERT INTO k.registers (a, v) VALUES (%s, 0)", (key,))
        yield made
    except BaseException:
        for node in made.nodes:
            print(f"--- node {node.number}\n", node.said()[-3000:])
        raise
    finally:
        made.end()


@pytest.mark.fast
def test_conditions_and_counters_survive_killed_leaders(cluster):
    clients = Clients(cluster)
    for _ in range(KILLS):
        time.sleep(1.5)
        victim = cluster.busiest()
        alive = next(node for node in cluster.nodes if node is not victim)
        victim.kill()
        time.sleep(1.5)
        victim.restart()
        cluster.settle(by=alive)
    time.sleep(1)
    clients.stop()
    clients.check()
    swaps = sum(len(made) for made in clients.swaps.values())
    print(
        f"\n{KILLS} leaders killed: {swaps} swaps, {len(clients.claims)} keys won, {sum(clients.added)} additions; unknown: "
        f"{sum(clients.unknown_swaps.values())} swaps, {sum(map(len, clients.unknown_claims.values()))} keys, "
        f"{sum(clients.unknown_added)} additions; {clients.refused} refused")
    assert swaps > 100 and len(clients.claims) > 50 and sum(clients.added) > 100

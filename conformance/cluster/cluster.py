"""A cluster of real processes on the loopback, and clients that remember what they were told."""

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.request

import psycopg

BINARY = os.environ["QUATRAIN_BINARY"]
ACCOUNTS = 60
START = 100
# Errors after which a client simply tries again.
RETRIED = {"40001", "40P01", "08007", "57P03"}


class Node:
    """A process. `options` are given at each start, `prefix` runs it somewhere else."""

    host = "127.0.0.1"
    login = {}
    shards = 1

    def __init__(self, directory, number, seed=None, options=(), prefix=()):
        self.directory = f"{directory}/node-{number}"
        self.number = number
        self.seed = seed
        self.options, self.prefix = list(options), list(prefix)
        self.ports = {"pg": "0", "http": "0", "rpc": "0"}
        self.log = f"{directory}/node-{number}.err"
        self.start()

    def start(self):
        command = [
            *self.prefix, BINARY, "run", "--data-dir", self.directory, "--name", f"node-{self.number}",
            "--shards", str(self.shards), "--pg-port", self.ports["pg"], "--http-port", self.ports["http"],
            "--rpc-port", self.ports["rpc"], *self.options]
        if self.seed:
            command += ["--join", self.seed]
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def ready(self):
        line = self.process.stdout.readline()
        assert line.startswith("ready "), self.said()[-2000:]
        self.addresses = json.loads(line[6:])
        # The next start listens where this one did.
        self.ports = {name: address.rsplit(":", 1)[1] for name, address in self.addresses.items()}
        return self

    def said(self):
        with open(self.log) as log:
            return log.read()

    def says(self, text, seconds=10):
        """Waits until the log has the text."""
        deadline = time.monotonic() + seconds
        while text not in self.said():
            assert time.monotonic() < deadline, f"no {text!r} in {self.said()[-2000:]}"
            time.sleep(0.05)

    def connect(self, **options):
        return psycopg.connect(
            host=self.host, port=self.ports["pg"], user="quatrain", dbname="quatrain",
            **{"connect_timeout": 5, **self.login, **options})

    def status(self):
        url = f"http://{self.host}:{self.ports['http']}/status"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)

    def post(self, path):
        request = urllib.request.Request(f"http://{self.host}:{self.ports['http']}{path}", method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        """As an operator ends it: it hands over what it leads."""
        self.signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.said()[-2000:]

    def restart(self):
        self.start()
        return self.ready()


class Cluster:
    def __init__(self, directory, count=3, options=lambda number: ()):
        self.directory = str(directory)
        self.options = options
        self.nodes = []
        try:
            for _ in range(count):
                self.add()
            self.settle()
        except BaseException:
            self.end()
            raise

    def add(self):
        node = self.made(len(self.nodes) + 1, self.seed())
        self.nodes.append(node)
        return node.ready()

    def seed(self):
        """Where a node joins; the first makes the cluster."""
        return self.nodes[0].addresses["rpc"] if self.nodes else None

    def made(self, number, seed):
        return Node(self.directory, number, seed, self.options(number))

    def end(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.signal(signal.SIGCONT)
                node.kill()

    def settle(self, by=None, seconds=40):
        """Waits until every tablet has its replicas, all up to date."""
        deadline = time.monotonic() + seconds
        status = None
        while time.monotonic() < deadline:
            status = (by or self.nodes[0]).status()
            changing = any(t["isChanging"] or t["learners"] for t in status["tabletList"] if t["tablet"])
            if not (status["underReplicated"] or status["leaderless"] or changing):
                return status
            time.sleep(0.1)
        raise AssertionError(f"the cluster does not settle: {status}")

    def number(self, node):
        """The cluster's number of a node."""
        return next(
            entry["id"] for entry in node.status()["nodes"] if entry["name"] == f"node-{node.number}")

    def busiest(self):
        """The node that leads most tablets."""
        entries = {entry["name"]: entry["leaders"] for entry in self.nodes[0].status()["nodes"]}
        return max(self.nodes, key=lambda node: entries[f"node-{node.number}"])

    def prepare(self):
        with self.nodes[0].connect(autocommit=True) as connection:
            connection.execute("create table accounts (id int primary key, balance int not null)")
            connection.execute("create table journal (id bigint primary key, source int not null)")
            connection.execute(
                f"insert into accounts select i, {START} from generate_series(0, {ACCOUNTS - 1}) i")


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come to pass"
        time.sleep(0.1)


def failover(cluster):
    """Kills the node that leads most: seconds until every row takes a write again, whichever tablet has it. The
    node is there again afterwards."""
    time.sleep(0.5)
    victim = cluster.busiest()
    alive = next(node for node in cluster.nodes if node is not victim)
    with alive.connect(autocommit=True) as connection:
        victim.kill()
        begun = time.monotonic()
        done = 0
        while done < ACCOUNTS:
            try:
                connection.execute("update accounts set balance = balance where id = %s", (done,))
                done += 1
            except psycopg.Error as error:
                assert error.sqlstate in ("40001", "08007", "40P01"), error
    gap = time.monotonic() - begun
    victim.restart()
    cluster.settle(by=alive)
    return gap


@contextlib.contextmanager
def running(made):
    """The cluster with its tables; the logs of its nodes where a test fails."""
    try:
        made.prepare()
        yield made
    except BaseException:
        for node in made.nodes:
            print(f"--- node {node.number}\n", node.said()[-3000:])
        raise
    finally:
        made.end()


class Workload:
    """Clients on all nodes: transfers, each with a line in a journal, in one transaction. Those `in_order` lock
    accounts in the order of their numbers, so that no two wait for one another: a deadlock is an error then."""

    def __init__(self, cluster, clients=2, patience=None, in_order=False):
        self.cluster = cluster
        self.in_order = in_order
        # For clients of nodes that may hang.
        self.settings = {"options": f"-c statement_timeout={patience}"} if patience else {}
        self.retried = RETRIED | ({"57014"} if patience else set())
        self.acknowledged, self.failed, self.unknown = set(), set(), set()
        self.errors = []
        self.times = []
        self.lock = threading.Lock()
        self.isOver = False
        self.threads = [
            threading.Thread(target=self.run, args=(node, place * 10 + number), daemon=True)
            for place, node in enumerate(cluster.nodes) for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.isOver = True
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def run(self, node, seed):
        choice = random.Random(seed)
        connection = None
        number = 0
        while not self.isOver:
            number += 1
            key = seed * 1_000_000 + number
            isCommitting = False
            try:
                connection = connection or node.connect(**self.settings)
                source, target = choice.sample(range(ACCOUNTS), 2)
                changes = [(-5, source), (5, target)]
                if self.in_order:
                    changes.sort(key=lambda change: change[1])
                for change in changes:
                    connection.execute("update accounts set balance = balance + %s where id = %s", change)
                connection.execute("insert into journal values (%s, %s)", (key, source))
                isCommitting = True
                connection.commit()
                with self.lock:
                    self.acknowledged.add(key)
                    self.times.append(time.monotonic())
            except psycopg.Error as error:
                state = error.sqlstate
                with self.lock:
                    self.errors.append((state, str(error).strip(), node.number))
                    isOpen = isCommitting and (state in (None, "08007") or connection.closed)
                    (self.unknown if isOpen else self.failed).add(key)
                    if state not in self.retried and state is not None and not state.startswith("57P"):
                        self.isOver = True
                        raise
                try:
                    connection and connection.rollback()
                except psycopg.Error:
                    connection = None
                if connection is not None and connection.closed:
                    connection = None
                time.sleep(0.02)

    def check(self, nodes=None):
        """What clients were told is so, and every node says the same."""
        answers = []
        for node in nodes or self.cluster.nodes:
            with node.connect() as connection:
                connection.execute("set transaction isolation level repeatable read")
                total = connection.execute("select sum(balance) from accounts").fetchone()[0]
                keys = {row[0] for row in connection.execute("select id from journal")}
                answers.append((total, keys))
        total, keys = answers[0]
        assert total == ACCOUNTS * START
        assert self.acknowledged <= keys, f"lost: {sorted(self.acknowledged - keys)[:5]}"
        assert not (self.failed & keys), f"failed, but there: {sorted(self.failed & keys)[:5]}"
        assert keys <= self.acknowledged | self.unknown, "keys that nobody wrote"
        assert all(answer == answers[0] for answer in answers), "nodes differ"

    def gap(self, since):
        """Seconds from a moment to the first commit after it that is followed by others."""
        with self.lock:
            later = [moment for moment in self.times if moment > since]
        return (later[0] - since) if later else None

    def surprises(self, expected):
        """Errors with other codes than these."""
        with self.lock:
            return [error for error in self.errors if error[0] not in expected]

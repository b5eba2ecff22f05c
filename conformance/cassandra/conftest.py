"""QUATRAIN_CQL and QUATRAIN_TARGET name a running node's ports; QUATRAIN_BINARY an executable for tests with nodes of their own."""

import json
import os
import subprocess

import psycopg
import pytest
from cassandra.cluster import Cluster

CQL = os.environ.get("QUATRAIN_CQL", "127.0.0.1:9042")
TARGET = os.environ.get("QUATRAIN_TARGET", "127.0.0.1:5432")
KEYSPACE = "conformance"


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


@pytest.fixture(scope="session")
def cluster():
    """As a program makes it that knows nothing of us: the driver's defaults."""
    host, port = address(CQL)
    cluster = Cluster([host], port=port)
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="session")
def connected(cluster):
    session = cluster.connect()
    session.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
    session.execute(
        f"CREATE KEYSPACE {KEYSPACE} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    session.set_keyspace(KEYSPACE)
    return session


class Tables:
    """Makes tables with names of their own."""

    def __init__(self, session):
        self.session = session
        self.count = 0

    def __call__(self, columns, options=""):
        self.count += 1
        name = f"{KEYSPACE}.t{os.getpid()}_{id(self) % 10_000}_{self.count}"
        self.session.execute(f"CREATE TABLE {name} ({columns}) {options}")
        return name


@pytest.fixture
def cql(connected):
    return connected


@pytest.fixture(scope="session")
def table(connected):
    return Tables(connected)


@pytest.fixture
def sql():
    host, port = address(TARGET)
    with psycopg.connect(host=host, port=port, user="quatrain", dbname="quatrain", autocommit=True) as connection:
        yield connection


class Node:
    """A node of its own."""

    def __init__(self, directory, *options):
        self.directory = directory
        self.options = options
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.environ["QUATRAIN_BINARY"], "run", "--data-dir", f"{self.directory}/data", "--shards", "2", "--pg-port", "0",
             "--resp-port", "off", "--cql-port", "0", "--http-port", "off", "--rpc-port", "0", *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.ports = json.loads(line[6:])

    def cluster(self, **options):
        host, port = address(self.ports["cql"])
        return Cluster([host], port=port, **options)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def node(tmp_path):
    if "QUATRAIN_BINARY" not in os.environ:
        pytest.skip("QUATRAIN_BINARY is not set")
    nodes = []

    def start(*options):
        nodes.append(Node(tmp_path, *options))
        return nodes[-1]

    yield start
    for started in nodes:
        started.kill()

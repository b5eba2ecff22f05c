"""QUATRAIN_KAFKA and QUATRAIN_TARGET name a running node's ports; QUATRAIN_BINARY an executable for tests with nodes of their own."""

import json
import os
import subprocess
import time

import psycopg
import pytest

KAFKA = os.environ.get("QUATRAIN_KAFKA", "127.0.0.1:9092")
TARGET = os.environ.get("QUATRAIN_TARGET", "127.0.0.1:5432")


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def connect(target=TARGET):
    host, port = address(target)
    return psycopg.connect(host=host, port=port, user="quatrain", dbname="quatrain", autocommit=True)


@pytest.fixture
def sql():
    with connect() as connection:
        yield connection


class Table:
    """A table with a change stream, and its topic: of one partition where it is on every node, else of 64."""

    def __init__(self, sql, name, partitions):
        self.sql = sql
        self.name = name
        self.topic = f"public.{name}"
        self.partitions = partitions
        place = "WITH (distributed_by = 'globally')" if partitions == 1 else ""
        sql.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, line text) {place}")
        sql.execute(f"ALTER TABLE {name} SET (change_stream = on, change_partitions = {partitions})")

    def fill(self, ids, line="line {}"):
        with self.sql.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self.name} VALUES (%s, %s)", [(i, line.format(i)) for i in ids])


@pytest.fixture
def table(sql, request):
    made = []

    def make(partitions=64):
        made.append(Table(sql, f"k{os.getpid()}_{time.monotonic_ns() % 10**9}", partitions))
        return made[-1]

    yield make
    for each in made:
        sql.execute(f"DROP TABLE {each.name}")


def until(condition, seconds=30):
    """Asks again and again until it is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about in time")


class Node:
    """A node of its own."""

    def __init__(self, directory, *options):
        self.directory = directory
        self.options = options
        self.start()

    def start(self):
        http = [] if "--http-port" in self.options else ["--http-port", "off"]
        self.process = subprocess.Popen(
            [os.environ["QUATRAIN_BINARY"], "run", "--data-dir", f"{self.directory}/data", "--shards", "2", "--pg-port", "0",
             "--resp-port", "off", "--cql-port", "off", "--kafka-port", "0", "--rpc-port", "0", *http, *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.ports = json.loads(line[6:])

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

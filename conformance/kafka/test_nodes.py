"""Three nodes: consumers find leaders and coordinators, and go on when a node is killed."""

import json
import os
import subprocess
import threading
import time
import uuid

import psycopg
import pytest
from confluent_kafka import Consumer

from conftest import connect, until

BINARY = os.environ.get("QUATRAIN_BINARY")
pytestmark = pytest.mark.skipif(BINARY is None, reason="QUATRAIN_BINARY is not set")


class Member:
    def __init__(self, directory, join=None):
        command = [BINARY, "run", "--data-dir", directory, "--shards", "1", "--pg-port", "0", "--resp-port", "off",
                   "--cql-port", "off", "--kafka-port", "0", "--http-port", "0", "--rpc-port", "0"]
        if join:
            command += ["--join", join]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.ports = json.loads(line[6:])

    def status(self):
        port = self.ports["http"].rsplit(":", 1)[1]
        found = subprocess.run(
            [BINARY, "status", "--json", "--http-port", port], capture_output=True, text=True, timeout=30)
        return json.loads(found.stdout) if found.returncode == 0 else None

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def cluster(tmp_path):
    members = [Member(f"{tmp_path}/1")]
    try:
        for number in (2, 3):
            members.append(Member(f"{tmp_path}/{number}", members[0].ports["rpc"]))

        def is_whole():
            status = members[0].status()
            return status and len(status["nodes"]) == 3 and not status["underReplicated"] and not status["leaderless"]

        until(is_whole, 120)
        yield members
    finally:
        for member in members:
            member.kill()


def define(member, *statements):
    """Leaders still move in a young cluster: what became of a statement may be unknown, and it is run again."""
    for text in statements:
        def is_done():
            try:
                with connect(member.ports["pg"]) as sql:
                    sql.execute(text)
                return True
            except psycopg.OperationalError:
                return False

        until(is_done, 60)


def brokers(members):
    return ",".join(m.ports["kafka"] for m in members)


def test_a_killed_node(cluster):
    """Four writers with a key each; two consumers in a group; a node is killed in between."""
    define(
        cluster[0], "CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, line int)",
        "ALTER TABLE t SET (change_stream = on, change_partitions = 64)",
        "INSERT INTO t SELECT i, 0 FROM generate_series(0, 3) AS i ON CONFLICT DO NOTHING")
    stop = threading.Event()
    acknowledged = {key: 0 for key in range(4)}

    def write(key):
        value = 0
        connection = None
        while not stop.is_set():
            try:
                if connection is None:
                    connection = connect(cluster[0].ports["pg"])
                connection.execute("UPDATE t SET line = %s WHERE id = %s", (value + 1, key))
                value += 1
                acknowledged[key] = value
                time.sleep(0.01)
            except psycopg.Error:
                # What became of it is not known: the row tells.
                try:
                    value, = connect(cluster[0].ports["pg"]).execute(
                        "SELECT line FROM t WHERE id = %s", (key,)).fetchone()
                except psycopg.Error:
                    connection = None
                    time.sleep(0.1)

    group = f"g{uuid.uuid4().hex}"
    readers = []
    for _ in range(2):
        reader = Consumer({
            "bootstrap.servers": brokers(cluster), "group.id": group, "auto.offset.reset": "earliest",
            "enable.auto.commit": True, "auto.commit.interval.ms": 500, "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500, "topic.metadata.refresh.interval.ms": 1000})
        reader.subscribe(["public.t"])
        readers.append(reader)
    seen = {key: [] for key in range(4)}

    def poll():
        # As many as there are: writers must not get away from the readers.
        for reader in readers:
            for message in reader.consume(1_000, 0.01):
                if message.error() is None:
                    row = json.loads(message.value())
                    seen[row["id"]].append(row["line"])

    def has_reached(count):
        poll()
        return all(values and max(values) >= count for values in seen.values())

    writers = [threading.Thread(target=write, args=(key,)) for key in range(4)]
    for writer in writers:
        writer.start()
    try:
        until(lambda: has_reached(30), 90)
        cluster[2].kill()
        reached = max(acknowledged.values()) + 30
        until(lambda: has_reached(reached), 120)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    until(lambda: has_reached(0) and all(seen[k] and max(seen[k]) >= acknowledged[k] for k in seen), 60)
    for key, values in seen.items():
        missing = set(range(max(values) + 1)) - set(values)
        assert not missing, (key, missing)
        # A consumer that takes over begins behind what was committed, and never skips.
        assert all(b <= a + 1 for a, b in zip(values, values[1:])), (key, values)
    for reader in readers:
        reader.close()


def test_leaders_are_spread(cluster):
    define(
        cluster[1], "CREATE TABLE IF NOT EXISTS u (id int PRIMARY KEY)",
        "ALTER TABLE u SET (change_stream = on, change_partitions = 64)")
    reader = Consumer({"bootstrap.servers": cluster[2].ports["kafka"], "group.id": "g"})

    def is_spread():
        found = reader.list_topics("public.u", timeout=10)
        ports = {f"{b.host}:{b.port}" for b in found.brokers.values()}
        leaders = {p.leader for p in found.topics["public.u"].partitions.values()}
        return ports == {m.ports["kafka"] for m in cluster} and leaders == set(found.brokers)

    until(is_spread, 60)
    reader.close()

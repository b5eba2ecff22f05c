"""kill -9 in the middle of transfers, again and again: nothing acknowledged is lost, nothing is half
done. Starts its own node: QUATRAIN_BINARY names the executable,
QUATRAIN_IO the backend."""

import json
import os
import random
import signal
import subprocess
import threading
import time

import psycopg

BINARY = os.environ["QUATRAIN_BINARY"]
IO = os.environ.get("QUATRAIN_IO", "auto")
ROUNDS = int(os.environ.get("QUATRAIN_KILLS", "20"))
CLIENTS = 8
ACCOUNTS = 50


class Node:
    def __init__(self, directory):
        self.process = subprocess.Popen(
            [BINARY, "run", "--data-dir", directory, "--shards", "2", "--pg-port", "0", "--http-port", "off",
             "--io", IO],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.host, self.port = json.loads(line[6:])["pg"].rsplit(":", 1)

    def connect(self, **options):
        return psycopg.connect(
            host=self.host, port=self.port, user="quatrain", dbname="quatrain", **options)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def transfers(node, seed, acknowledged, unknown):
    """Moves money and notes each move in a journal, in one transaction over several tablets."""
    choice = random.Random(seed)
    try:
        with node.connect() as connection:
            for number in range(100_000):
                source, target = choice.randrange(ACCOUNTS), choice.randrange(ACCOUNTS)
                key = seed * 1_000_000 + number
                unknown.add(key)
                try:
                    connection.execute(
                        "update accounts set balance = balance - 5 where id = %s", (source,))
                    connection.execute(
                        "update accounts set balance = balance + 5 where id = %s", (target,))
                    connection.execute("insert into journal values (%s, %s)", (key, source))
                    connection.commit()
                    acknowledged.add(key)
                except psycopg.errors.DeadlockDetected:
                    connection.rollback()
                unknown.discard(key)
    except psycopg.Error:
        pass


def test_kill_under_load(tmp_path):
    directory = str(tmp_path / "data")
    node = Node(directory)
    with node.connect() as connection:
        connection.execute("create table accounts (id int primary key, balance bigint not null)")
        connection.execute("create table journal (id bigint primary key, source int)")
        for key in range(ACCOUNTS):
            connection.execute("insert into accounts values (%s, 1000)", (key,))
    acknowledged, unknown = set(), set()
    try:
        for round_number in range(ROUNDS):
            threads = [
                threading.Thread(
                    target=transfers,
                    args=(node, round_number * CLIENTS + client + 1, acknowledged, unknown))
                for client in range(CLIENTS)]
            for thread in threads:
                thread.start()
            time.sleep(random.Random(round_number).uniform(0.2, 0.6))
            node.kill()
            for thread in threads:
                thread.join(30)
            node = Node(directory)
            with node.connect() as connection:
                total = connection.execute("select sum(balance) from accounts").fetchone()[0]
                assert total == ACCOUNTS * 1000, f"round {round_number}"
                kept = {row[0] for row in connection.execute("select id from journal").fetchall()}
                assert acknowledged <= kept, f"round {round_number}: acknowledged and lost"
                assert kept <= acknowledged | unknown, f"round {round_number}: never committed"
    finally:
        node.kill()
    assert len(acknowledged) > ROUNDS * CLIENTS


def test_sigterm_ends_with_zero_and_keeps_everything(tmp_path):
    directory = str(tmp_path / "data")
    node = Node(directory)
    with node.connect() as connection:
        connection.execute("create table t (id int primary key)")
        connection.execute("insert into t values (1)")
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(10) == 0
    node = Node(directory)
    with node.connect() as connection:
        assert connection.execute("select * from t").fetchall() == [(1,)]
    node.kill()


def test_a_second_process_is_refused_the_directory(tmp_path):
    directory = str(tmp_path / "data")
    node = Node(directory)
    second = subprocess.run(
        [BINARY, "run", "--data-dir", directory, "--pg-port", "0", "--http-port", "off"], capture_output=True, text=True,
        timeout=10)
    node.kill()
    assert second.returncode != 0
    assert "another process uses it" in second.stderr

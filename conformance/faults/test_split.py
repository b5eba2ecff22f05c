"""Tablets are split under pgbench and under index reads, then kill -9: no client sees an error, nothing
is lost, and every index agrees with its table. Starts its own node: QUATRAIN_BINARY names the
executable, QUATRAIN_IO the backend."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

import psycopg
import pytest

BINARY = os.environ["QUATRAIN_BINARY"]
IO = os.environ.get("QUATRAIN_IO", "auto")
PGBENCH = os.environ.get("PGBENCH", "pgbench")
WORDS = 2_000
ACCOUNTS = 1_000
TRANSFER = """
\\set source random(1, {accounts})
\\set target random(1, {accounts})
\\set delta random(-500, 500)
begin;
update accounts set balance = balance + :delta where id = least(:source, :target);
update accounts set balance = balance - :delta where id = greatest(:source, :target);
select count(*) from words where size = :delta % 7;
insert into journal (source, target) values (:source, :target);
end;
""".format(accounts=ACCOUNTS)


class Node:
    def __init__(self, directory):
        self.process = subprocess.Popen(
            [BINARY, "run", "--data-dir", f"{directory}/data", "--shards", "2", "--pg-port", "0",
             "--http-port", "0", "--rpc-port", "0", "--io", IO],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        addresses = json.loads(line[6:])
        self.host, self.port = addresses["pg"].rsplit(":", 1)
        self.http = addresses["http"]

    def connect(self):
        return psycopg.connect(
            host=self.host, port=self.port, user="quatrain", dbname="quatrain", autocommit=True)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pgbench(self, directory, *arguments):
        script = directory / "transfer.sql"
        script.write_text(TRANSFER)
        return subprocess.Popen(
            [PGBENCH, "-h", self.host, "-p", self.port, "-U", "quatrain", "-n", "-f", str(script),
             *arguments, "quatrain"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def split(self, tablet):
        request = urllib.request.Request(f"http://{self.http}/tablets/{tablet}/split", method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200

    def tablets(self):
        with urllib.request.urlopen(f"http://{self.http}/status", timeout=10) as answer:
            return json.load(answer)["tabletList"]

    def await_splits(self):
        deadline = time.monotonic() + 120
        while any(tablet.get("splitsInto") for tablet in self.tablets()):
            assert time.monotonic() < deadline, self.tablets()
            time.sleep(0.1)


def load(node):
    with node.connect() as connection:
        connection.execute("create table words (id serial primary key, word text unique, size int)")
        connection.execute("create index on words (size)")
        connection.execute("create index on words (lower(word))")
        connection.execute(
            f"insert into words (word, size) select 'Word ' || i, i % 7 from generate_series(1, {WORDS}) i")
        connection.execute("create table accounts (id int primary key, balance int not null)")
        connection.execute("create table journal (id serial primary key, source int, target int)")
        connection.execute(
            f"insert into accounts select i, 100 from generate_series(1, {ACCOUNTS}) i")


def check(node, last):
    """By the rows' keys, by a local index, by one on an expression and by a global one."""
    with node.connect() as connection:
        query = "select count(*), count(distinct id), sum(id), count(distinct word) from words where id <= %s"
        assert connection.execute(query, (WORDS,)).fetchone() == (
            WORDS, WORDS, WORDS * (WORDS + 1) // 2, WORDS)
        for number in range(1, WORDS + 1, 37):
            word = f"Word {number}"
            for condition, value in [
                    ("id = %s", number), ("word = %s", word), ("lower(word) = lower(%s)", word)]:
                found = connection.execute(
                    f"select id, word, size from words where {condition}", (value,)).fetchall()
                assert found == [(number, word, number % 7)], (condition, value, found)
        sizes = connection.execute("select count(*) from words where size = 3").fetchone()
        assert sizes == (len(range(3, WORDS + 1, 7)),), sizes
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into words (word) values ('Word 77')")
        # The sequence goes on where it was, whichever tablet has it.
        given = connection.execute("insert into words (word) values (%s) returning id", (f"{last}",))
        number = given.fetchone()[0]
        assert number > last, (number, last)
        bank = connection.execute("select count(*), sum(balance) from accounts").fetchone()
        assert bank == (ACCOUNTS, ACCOUNTS * 100), bank
        return number


def journal(node):
    with node.connect() as connection:
        return connection.execute("select count(*) from journal").fetchone()[0]


def test_tablets_split_under_pgbench(tmp_path):
    node = Node(tmp_path)
    try:
        load(node)
        running = node.pgbench(tmp_path, "-c", "8", "-j", "2", "-T", "12")
        time.sleep(1)
        for tablet in (1, 9, 33, 64, 65, 1):
            while True:
                try:
                    node.split(tablet)
                    break
                except urllib.error.HTTPError as refusal:
                    # The tablet's earlier split is still under way.
                    assert refusal.code == 409, refusal
                    time.sleep(0.1)
        node.await_splits()
        # Any error would end a client: pgbench says so.
        output = running.communicate(timeout=60)[0]
        assert running.returncode == 0, output
        assert "number of failed transactions: 0 " in output, output
        done = int(re.search(r"actually processed: (\d+)", output).group(1))
        assert len(node.tablets()) == 71
        assert journal(node) == done
        last = check(node, WORDS)
        node.kill()
        node = Node(tmp_path)
        assert journal(node) == done
        last = check(node, last)
        # Again, killed in the middle: it goes on by itself.
        for tablet in (2, 3, 4):
            node.split(tablet)
        node.kill()
        node = Node(tmp_path)
        node.await_splits()
        assert len(node.tablets()) == 74
        last = check(node, last)
        again = node.pgbench(tmp_path, "-c", "4", "-T", "2")
        output = again.communicate(timeout=60)[0]
        assert again.returncode == 0, output
        check(node, last)
    finally:
        node.process.terminate()
        node.process.wait(20)


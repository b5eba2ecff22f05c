"""A file system that gets full: writes fail with 53100 or 58030, reads go on, and with space again
everything acknowledged is there. Needs the right to mount; without it the test is skipped."""

import json
import os
import subprocess
import time

import psycopg
import pytest

BINARY = os.environ["QUATRAIN_BINARY"]
IO = os.environ.get("QUATRAIN_IO", "auto")
FULL = ("53100", "58030")
VALUE = 500_000


class Mount:
    """A small file system in a mount namespace of its own, which a process holds open."""

    def __init__(self, path, mebibytes):
        self.path = path
        self.holder = subprocess.Popen(
            ["unshare", "-m", "sh", "-c",
             f"mount -t tmpfs -o size={mebibytes}m none {path} && echo mounted && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.holder.stdout.readline() != "mounted\n":
            self.end()
            pytest.skip("a file system cannot be mounted here: unshare and mount need root")
        self.inside = ["nsenter", "-m", "-t", str(self.holder.pid)]

    def run(self, *command):
        return subprocess.run([*self.inside, *command], capture_output=True, text=True)

    def end(self):
        self.holder.stdin.close()
        self.holder.wait()


class Node:
    def __init__(self, mount, errors):
        self.errors = open(errors, "a+")
        self.process = subprocess.Popen(
            [*mount.inside, BINARY, "run", "--data-dir", f"{mount.path}/data", "--shards", "2",
             "--pg-port", "0", "--http-port", "off", "--io", IO],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), self.said()
        self.host, self.port = json.loads(line[6:])["pg"].rsplit(":", 1)

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def connect(self):
        return psycopg.connect(
            host=self.host, port=self.port, user="quatrain", dbname="quatrain", autocommit=True)

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def test_full(tmp_path):
    directory = tmp_path / "mounted"
    directory.mkdir()
    mount = Mount(str(directory), 400)
    errors = str(tmp_path / "errors")
    node = None
    try:
        node = Node(mount, errors)
        acknowledged = set()
        unknown = set()
        with node.connect() as connection:
            connection.execute("create table t (id int primary key, filler text)")
            for key in range(20):
                connection.execute("insert into t values (%s, repeat('x', %s))", (key, VALUE))
                acknowledged.add(key)
            # All that is left is somebody else's now.
            mount.run("dd", "if=/dev/zero", f"of={mount.path}/other", "bs=1M")
            failed = 0
            for key in range(20, 1_000):
                try:
                    connection.execute("insert into t values (%s, repeat('x', %s))", (key, VALUE))
                    acknowledged.add(key)
                except psycopg.Error as error:
                    assert error.sqlstate in FULL + ("40003",), error
                    if error.sqlstate == "40003":
                        unknown.add(key)
                    failed += 1
                    if failed == 20:
                        break
            assert failed == 20
            # Reads go on, in this session and in others; there is nothing of what was refused.
            with node.connect() as other:
                for reader in (connection, other):
                    found = {row[0] for row in reader.execute("select id from t")}
                    assert acknowledged <= found <= acknowledged | unknown
                    assert reader.execute(
                        "select length(filler) from t where id = 7").fetchone() == (VALUE,)
        assert node.process.poll() is None
        # With room again writes go on by themselves.
        mount.run("rm", f"{mount.path}/other")
        deadline = time.monotonic() + 20
        with node.connect() as connection:
            while 1_500 not in acknowledged:
                try:
                    connection.execute("insert into t values (1500, repeat('x', %s))", (VALUE,))
                    acknowledged.add(1_500)
                except psycopg.Error as error:
                    assert error.sqlstate in FULL and time.monotonic() < deadline, error
                    time.sleep(0.1)
        node.end()
        node = Node(mount, errors)
        with node.connect() as connection:
            found = {row[0] for row in connection.execute("select id from t")}
            assert acknowledged <= found <= acknowledged | unknown
            assert connection.execute(
                "select count(*) from t where length(filler) <> %s", (VALUE,)).fetchone() == (0,)
            for key in range(2_000, 2_010):
                connection.execute("insert into t values (%s, repeat('x', %s))", (key, VALUE))
            assert connection.execute(
                "select count(*) from t where id >= 2000").fetchone() == (10,)
    finally:
        if node is not None and node.process.poll() is None:
            node.end()
        mount.end()

"""Change streams: what SQL, Redis and CQL clients do to a table is in its stream, once and in order, also when the
node is killed with kill -9 while somebody reads. Starts its own node: QUATRAIN_BINARY names the executable,
QUATRAIN_IO the backend."""

import json
import os
import signal
import subprocess
import threading
import time

import psycopg
import pytest
import redis

BINARY = os.environ["QUATRAIN_BINARY"]
IO = os.environ.get("QUATRAIN_IO", "auto")
KILLS = int(os.environ.get("QUATRAIN_KILLS", "5"))


class Node:
    def __init__(self, directory):
        self.process = subprocess.Popen(
            [BINARY, "run", "--data-dir", f"{directory}/data", "--shards", "2", "--pg-port", "0",
             "--resp-port", "0", "--cql-port", "0", "--http-port", "off", "--rpc-port", "0",
             "--io", IO],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.addresses = json.loads(line[6:])

    def address(self, name):
        host, port = self.addresses[name].rsplit(":", 1)
        return host, int(port)

    def connect(self, user="quatrain"):
        host, port = self.address("pg")
        return psycopg.connect(host=host, port=port, user=user, dbname="quatrain", autocommit=True)

    def redis(self):
        host, port = self.address("resp")
        return redis.Redis(host=host, port=port, decode_responses=True)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path)
    yield node
    node.kill()


def changes(connection, table, arguments=""):
    return connection.execute(
        f"""select operation, key, before, after, partition, "offset", committed_at, transaction
            from quatrain.changes('{table}'{arguments})""").fetchall()


def replayed(rows):
    """The table that the records leave; each finds what the one before has left."""
    table = {}
    for operation, key, before, after, *_ in rows:
        if operation == "truncate":
            continue
        name = json.dumps(key, sort_keys=True)
        assert table.get(name) == before, (operation, key, before, table.get(name))
        if operation == "delete":
            del table[name]
        else:
            table[name] = after
    return table


def test_operations(node):
    with node.connect() as c:
        c.execute("create table t (id int primary key, name text, n numeric) with (change_stream = on)")
        c.execute("insert into t select i, 'name ' || i, i / 10.0 from generate_series(1, 100) i")
        c.execute("update t set name = upper(name) where id <= 50")
        c.execute("delete from t where id > 90")
        with pytest.raises(psycopg.errors.DivisionByZero):
            c.execute("insert into t select i, '', 1 / (i - 205) from generate_series(200, 210) i")
        rows = changes(c, "t")
        assert [sum(r[0] == o for r in rows) for o in ("insert", "update", "delete")] == [100, 50, 10]
        table = replayed(rows)
        assert sorted(r["id"] for r in table.values()) == list(range(1, 91))
        assert table['{"id": 7}'] == {"id": 7, "name": "NAME 7", "n": 0.7}
        # A transaction's records have its time and id.
        updates = [r for r in rows if r[0] == "update"]
        assert len({r[6] for r in updates}) == 1 and len({r[7] for r in updates}) == 1
        # By offset, by time, latest.
        partition, offset = rows[0][4], rows[0][5]
        assert changes(c, "t", f", \"from\" => '{offset}', partition => {partition}")[0] == rows[0]
        when = updates[0][6]
        later = changes(c, "t", f", \"from\" => '{when.isoformat()}'")
        assert {"update", "delete"} <= {r[0] for r in later}
        assert len(later) < 160
        assert changes(c, "t", ", \"from\" => 'latest'") == []
        # TRUNCATE: one record for each partition, then the new rows.
        with c.transaction():
            c.execute("truncate t")
            c.execute("insert into t values (1, 'new', 1)")
        rows = [r for r in changes(c, "t") if r[6] > later[-1][6]] or changes(c, "t")
        last = [r for r in changes(c, "t") if r[0] == "truncate" or (r[3] or {}).get("name") == "new"]
        assert sum(r[0] == "truncate" for r in last) == 64
        new = next(r for r in last if r[0] == "insert")
        assert [r[0] for r in last if r[4] == new[4]] == ["truncate", "insert"]
        assert new[2] is None


def test_ddl(node):
    with node.connect() as c:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            c.execute("create table plain (id int primary key)")
            changes(c, "plain")
        c.execute("insert into plain values (1)")
        c.execute("alter table plain set (change_stream = on, change_retention = '2 hours')")
        c.execute("insert into plain values (2)")
        assert [r[3] for r in changes(c, "plain")] == [{"id": 2}]
        c.execute("alter table plain add column note text default 'x'")
        c.execute("insert into plain values (3)")
        assert [r[3] for r in sorted(changes(c, "plain"), key=lambda r: r[3]["id"])] == [
            {"id": 2, "note": "x"}, {"id": 3, "note": "x"}]
        options = c.execute("select reloptions from pg_class where relname = 'plain'").fetchone()[0]
        if options:
            assert "change_retention=7200" in options
        for wrong in ("change_partitions = 3", "change_partitions = 32", "change_cleanup = compress",
                      "change_retention = '-1 s'", "change_other = 1", "change_stream = maybe"):
            with pytest.raises((psycopg.errors.InvalidParameterValue,
                                psycopg.errors.FeatureNotSupported)):
                c.execute(f"create table wrong (id int) with (change_stream = on, {wrong})")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            c.execute("alter table plain set (change_partitions = 128)")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            c.execute("alter table plain alter column id type text")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            c.execute("create temp table temporary (id int) with (change_stream = on)")
        # More partitions than tablets; made and filled in one transaction.
        with c.transaction():
            c.execute("create table many (id int primary key) with (change_stream = on, change_partitions = 1024)")
            c.execute("insert into many select generate_series(1, 500)")
        rows = changes(c, "many")
        assert len(rows) == 500 and len({r[4] for r in rows}) > 300
        # Off: nothing is kept; on again: the offsets go on.
        c.execute("alter table plain set (change_stream = off)")
        c.execute("insert into plain values (4)")
        c.execute("alter table plain set (change_stream = on)")
        c.execute("insert into plain values (5)")
        assert {"id": 5, "note": "x"} in [r[3] for r in changes(c, "plain")]
        assert {"id": 4, "note": "x"} not in [r[3] for r in changes(c, "plain")]
        # SELECT on the table is what it takes.
        c.execute("create role reader login")
        with node.connect("reader") as other:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                changes(other, "plain")
            c.execute("grant select on plain to reader")
            assert changes(other, "plain")


def test_every_protocol(node):
    with node.connect() as c:
        c.execute("alter table redis.keys set (change_stream = on)")
        r = node.redis()
        r.set("a", "1")
        r.set("a", "2")
        r.delete("a")
        r.set("short", "x", px=150)
        time.sleep(1.0)
        rows = changes(c, "redis.keys")
        assert [x[0] for x in rows if x[1]["key"] == "a"] == ["insert", "update", "delete"]
        # Expired rows go like any others.
        assert [x[0] for x in rows if x[1]["key"] == "short"] == ["insert", "delete"]
        try:
            from cassandra.cluster import Cluster
        except ImportError:
            pytest.skip("no Cassandra driver")
        host, port = node.address("cql")
        session = Cluster([host], port=port).connect()
        c.execute("create table shared (id int primary key, v text) with (change_stream = on)")
        session.execute("insert into public.shared (id, v) values (1, 'cql')")
        c.execute("update shared set v = 'sql' where id = 1")
        session.execute("delete from public.shared where id = 1")
        rows = changes(c, "shared")
        assert [(x[0], (x[2] or {}).get("v"), (x[3] or {}).get("v")) for x in rows] == [
            ("insert", None, "cql"), ("update", "cql", "sql"), ("delete", "sql", None)]


def test_cursor(node):
    with node.connect() as c, node.connect() as writer:
        c.execute("create table t (id int primary key) with (change_stream = on)")
        c.execute("begin")
        c.execute("declare feed cursor for select operation, after->>'id' from quatrain.changes('t', wait => '1 s')")
        began = time.monotonic()
        assert c.execute("fetch 10 from feed").fetchall() == []
        assert 0.8 < time.monotonic() - began < 4
        for number in range(3):
            writer.execute("insert into t values (%s)", (number,))
            began = time.monotonic()
            assert c.execute("fetch 10 from feed").fetchall() == [("insert", str(number))]
            assert time.monotonic() - began < 0.9
        assert c.execute("fetch 10 from feed").fetchall() == []
        writer.execute("delete from t where id = 1")
        assert c.execute("fetch 1 from feed").fetchall() == [("delete", None)]
        c.execute("commit")


def test_kill(tmp_path):
    """Writers, a reader that remembers where it is, and kill -9."""
    node = Node(tmp_path)
    with node.connect() as c:
        c.execute("create table t (id int primary key, n int not null) with (change_stream = on)")
        c.execute("insert into t select i, 0 from generate_series(1, 200) i")
    acknowledged = {}
    seen = {}
    positions = {}

    def write(number, stop):
        try:
            with node.connect() as c:
                while not stop.is_set():
                    # Rows of two tablets in one transaction.
                    row = c.execute(
                        "update t set n = n + 1 where id in (%s, %s) returning id, n",
                        (number, number + 100)).fetchall()
                    for key, value in row:
                        acknowledged[key] = value
        except psycopg.Error:
            pass

    def read(c):
        for partition in range(64):
            start = positions.get(partition, 0)
            rows = c.execute(
                f"""select "offset", after, before from quatrain.changes('t', "from" => '{start}',
                    partition => {partition})""").fetchall()
            for offset, after, before in rows:
                assert offset == positions.get(partition, 0)
                positions[partition] = offset + 1
                assert seen.get(after["id"]) == (before or {}).get("n")
                seen[after["id"]] = after["n"]

    def follow(stop):
        try:
            with node.connect() as c:
                while not stop.is_set():
                    read(c)
        except psycopg.Error:
            pass

    for _ in range(KILLS):
        stop = threading.Event()
        threads = [threading.Thread(target=write, args=(1 + n, stop)) for n in range(8)]
        threads.append(threading.Thread(target=follow, args=(stop,)))
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        node.kill()
        stop.set()
        for thread in threads:
            thread.join()
        node = Node(tmp_path)
        with node.connect() as c:
            read(c)
            rows = dict(c.execute("select id, n from t").fetchall())
        assert rows == seen
        assert all(seen[key] >= value for key, value in acknowledged.items())
    print(f"{sum(positions.values())} records over {KILLS} kills")
    node.kill()

"""Nodes of their own: passwords, TLS, kill -9."""

import ssl
import subprocess
import threading
import time

import psycopg
import pytest
from cassandra import InvalidRequest, Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import NoHostAvailable
from cassandra.concurrent import execute_concurrent_with_args

from conftest import address


def test_passwords_and_grants(node):
    started = node()
    with started.cluster() as cluster:
        session = cluster.connect()
        session.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.execute("CREATE TABLE k.t (a int PRIMARY KEY, b int)")
        session.execute("CREATE ROLE reader WITH PASSWORD = 'secret' AND LOGIN = true")
        session.execute("GRANT SELECT ON TABLE k.t TO reader")
    # From the first password on, clients say who they are.
    with pytest.raises(NoHostAvailable):
        started.cluster().connect()
    with pytest.raises(NoHostAvailable, match="incorrect"):
        started.cluster(auth_provider=PlainTextAuthProvider("reader", "wrong")).connect()
    with started.cluster(auth_provider=PlainTextAuthProvider("reader", "secret")) as cluster:
        session = cluster.connect()
        assert list(session.execute("SELECT * FROM k.t")) == []
        for text in ("INSERT INTO k.t (a) VALUES (1)", "DROP TABLE k.t", "CREATE TABLE k.u (a int PRIMARY KEY)", "TRUNCATE k.t"):
            with pytest.raises(Unauthorized):
                session.execute(text)
    host, port = address(started.ports["pg"])
    with psycopg.connect(host=host, port=port, user="reader", password="secret", dbname="quatrain") as sql:
        assert sql.execute("select * from k.t").fetchall() == []


def test_tls(node, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout",
         f"{tmp_path}/key.pem", "-out", f"{tmp_path}/cert.pem"], check=True, capture_output=True)
    started = node("--tls-cert", f"{tmp_path}/cert.pem", "--tls-key", f"{tmp_path}/key.pem", "--cql-tls-port", "0")
    started.ports["cql"] = started.ports["cql-tls"]
    context = ssl.create_default_context(cafile=f"{tmp_path}/cert.pem")
    context.check_hostname = False
    with started.cluster(ssl_context=context) as cluster:
        assert cluster.connect().execute("SELECT key FROM system.local").one().key == "local"


def test_kill_loses_nothing_acknowledged(node):
    started = node()
    acknowledged = []
    with started.cluster() as cluster:
        session = cluster.connect()
        session.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.execute("CREATE TABLE k.t (a int PRIMARY KEY, b int)")
        insert = session.prepare("INSERT INTO k.t (a, b) VALUES (?, ?)")

        def work(first):
            try:
                for number in range(first, 1_000_000, 4):
                    session.execute(insert, (number, number))
                    acknowledged.append(number)
            except Exception:
                pass

        threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
        for thread in threads:
            thread.start()
        threading.Event().wait(1)
        started.kill()
        for thread in threads:
            thread.join()
    assert acknowledged
    started.start()
    with started.cluster() as cluster:
        found = {row.a for row in cluster.connect().execute("SELECT a FROM k.t")}
    assert set(acknowledged) <= found


VIEW_ROWS = 8_000
VIEW = "CREATE MATERIALIZED VIEW k.v AS SELECT * FROM k.t WHERE b IS NOT NULL AND a IS NOT NULL PRIMARY KEY (b, a)"


def view_state(session):
    """None: it is not there; False: it is being filled; else its rows."""
    try:
        return sorted((row.b, row.a, row.c) for row in session.execute("SELECT * FROM k.v"))
    except InvalidRequest:
        return None
    except NoHostAvailable as error:
        # The driver tries every node.
        assert "still being built" in str(error)
        return False


def until_filled(session):
    end = time.monotonic() + 60
    while (rows := view_state(session)) is False:
        assert time.monotonic() < end, "the view is never filled"
        time.sleep(0.1)
    return rows


@pytest.mark.parametrize("kills", [1, 3])
def test_kill_while_a_view_is_filled(node, kills):
    """The node dies with the view half full: it fills it by itself when it is back, also where it dies again."""
    started = node()
    with started.cluster() as cluster:
        session = cluster.connect()
        session.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.execute("CREATE TABLE k.t (a int PRIMARY KEY, b int, c text)")
        insert = session.prepare("INSERT INTO k.t (a, b, c) VALUES (?, ?, ?)")
        execute_concurrent_with_args(session, insert, [(number, number % 97, "x" * 20) for number in range(VIEW_ROWS)])
        creating = session.execute_async(VIEW)
        while (state := view_state(session)) is None:
            time.sleep(0.005)
        assert state is False, "too few rows: the view was full at once"
        started.kill()
        with pytest.raises(Exception):
            creating.result()
    for kill in range(1, kills):
        started.start()
        with started.cluster() as cluster:
            state = view_state(cluster.connect())
            # A fast node may have filled it before it died again.
            assert state is False or kill > 1 and len(state) == VIEW_ROWS
            # Its filling begins within a second or two.
            time.sleep(1.3)
        started.kill()
    started.start()
    with started.cluster() as cluster:
        session = cluster.connect()
        # Writes go on meanwhile, and get into it too.
        for number in range(0, VIEW_ROWS, 100):
            session.execute(f"UPDATE k.t SET b = 1000 WHERE a = {number}")
            session.execute(f"DELETE FROM k.t WHERE a = {number + 1}")
        rows = until_filled(session)
        assert rows == sorted((row.b, row.a, row.c) for row in session.execute("SELECT * FROM k.t"))
        assert len(rows) == VIEW_ROWS - VIEW_ROWS // 100
        session.execute("UPDATE k.t SET b = 2000 WHERE a = 7")
        assert session.execute("SELECT a FROM k.v WHERE b = 2000").one().a == 7
        assert session.execute("SELECT count(*) FROM system.built_views WHERE keyspace_name = 'k'").one()[0] == 1

"""Nodes of their own: passwords, TLS, kill -9."""

import ssl
import subprocess
import threading

import psycopg
import pytest
from cassandra import Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import NoHostAvailable

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

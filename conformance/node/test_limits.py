"""Too much of anything: a clear error for who asked, and nothing for the others."""

import resource
import select
import socket
import struct
import time

import psycopg
import pytest
from conftest import everything, startup_packet

MIB = 1 << 20
DEEP = 10_000


@pytest.fixture
def node(start):
    return start()


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def test_a_flood_of_clients(start):
    limit = 100
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1_000:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1_000), hard))
    node = start("--max-connections", str(limit))
    with node.connect(autocommit=True) as served:
        clients = []
        for _ in range(600):
            client = socket.create_connection((node.host, int(node.port)), timeout=5)
            client.sendall(startup_packet())
            clients.append(client)
            if len(clients) % 100 == 0:
                assert served.execute("select 1").fetchone() == (1,)
        said = {client: b"" for client in clients}
        open_clients = set(clients)
        deadline = time.monotonic() + 20
        ready = set()
        while open_clients - ready and time.monotonic() < deadline:
            for client in select.select(list(open_clients - ready), [], [], 1)[0]:
                try:
                    chunk = client.recv(65536)
                except ConnectionResetError:
                    chunk = b""
                said[client] += chunk
                if not chunk:
                    open_clients.discard(client)
                elif said[client].endswith(b"Z\0\0\0\5I"):
                    ready.add(client)
        refused = [one for one in clients if b"C53300\0Msorry, too many clients already" in said[one]]
        silent = [one for one in clients if said[one] == b""]
        assert len(ready) == limit - 1
        assert refused
        assert len(ready) + len(refused) + len(silent) == 600
        assert served.execute("select 1").fetchone() == (1,)
        for client in clients:
            client.close()
        deadline = time.monotonic() + 5
        while True:
            try:
                node.connect().close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline


@pytest.mark.parametrize("sql", [
    "select repeat(i::text, 100000) from generate_series(1, 20000) i",
    "select i from generate_series(1, 300000) i",
    "select filler from wide a, wide b",
], ids=["wide", "long", "stored"])
def test_one_result_that_nobody_reads(node, sql):
    with node.connect(autocommit=True) as connection:
        connection.execute("create table wide (id int primary key, filler text)")
        connection.execute(
            "insert into wide select i, repeat('x', 100000) from generate_series(1, 100) i")
        before = node.resident_kilobytes()
        with node.raw() as lazy:
            lazy.sendall(message(b"Q", sql.encode() + b"\0"))
            for _ in range(20):
                time.sleep(0.05)
                begun = time.monotonic()
                assert connection.execute("select count(*) from wide").fetchone() == (100,)
                assert time.monotonic() - begun < 5
            assert node.resident_kilobytes() - before < 150_000
        # Its session ends with it.
        assert connection.execute("select 1").fetchone() == (1,)


NESTED = {
    "parentheses": "select " + "(" * DEEP + "1" + ")" * DEEP,
    "calls": "select " + "abs(" * DEEP + "1" + ")" * DEEP,
    "not": "select " + "not " * DEEP + "true",
    "sums": "select " + "1 + " * DEEP + "1",
    "and": "select " + "1 = 1 and 2 = 2 or " * DEEP + "true",
    "scalar subqueries": "select " + "(select " * DEEP + "1" + ")" * DEEP,
    "subqueries": "select * from " + "(select * from " * DEEP + "(select 1) a" + ") a" * DEEP,
    "case": "select " + "case when true then " * DEEP + "1" + " end" * DEEP,
    "casts": "select 1" + "::int" * DEEP,
    "arrays": "select " + "array[" * DEEP + "1" + "]" * DEEP,
    "rows": "select " + "row(" * DEEP + "1" + ")" * DEEP,
    "fewer rows": "select " + "row(" * 40 + "1" + ")" * 40,
    "union": " union all ".join(["select 1"] * DEEP),
    "joins": "select 1 from (select 1) a0 "
             + " ".join(f"cross join (select 1) a{i}" for i in range(1, DEEP)),
    "from": "select 1 from " + ", ".join(f"(select 1) a{i}" for i in range(DEEP)),
    "with in with": "with a as (" * DEEP + "select 1" + ") select 1" * DEEP,
    "with after with": "with a0 as (select 1 x)"
                       + "".join(f", a{i} as (select * from a{i - 1})" for i in range(1, DEEP))
                       + f" select * from a{DEEP - 1}",
    "exists": "select " + "exists(select 1 where " * DEEP + "true" + ")" * DEEP,
    "json": "select '" + "[" * DEEP + "]" * DEEP + "'::json",
    "jsonb": "select '" + '{"a":' * DEEP + "1" + "}" * DEEP + "'::jsonb",
    "jsonpath parentheses": "select jsonb_path_query('1', '" + "(" * DEEP + "1" + ")" * DEEP + "')",
    "jsonpath members": "select jsonb_path_query('1', '$" + ".a" * DEEP + "')",
    "jsonpath sums": "select jsonb_path_query('1', '1" + " + 1" * DEEP + "')",
    "jsonpath products": "select jsonb_path_query('1', '1" + " * 1" * DEEP + "')",
    "jsonpath and": "select jsonb_path_query('1', '$ ? (1 == 1" + " && 1 == 1" * DEEP + ")')",
    "jsonpath or": "select jsonb_path_query('1', '$ ? (1 == 1" + " || 1 == 1" * DEEP + ")')",
    "jsonpath wildcards":
        "select count(*) from jsonb_path_query((repeat('[', 400) || repeat(']', 400))::jsonb,"
        " '$.**.**.**')",
    "array text": "select '" + "{" * DEEP + "}" * DEEP + "'::int[]",
    "default": "create table deep (a int default " + "(" * DEEP + "1" + ")" * DEEP + ")",
    "check": "create table deep (a int check (" + "a > 1 and " * DEEP + "true))",
}


@pytest.mark.parametrize("sql", NESTED.values(), ids=NESTED.keys())
def test_nesting(node, sql):
    with node.connect(autocommit=True, prepare_threshold=None) as connection:
        for parameters in (None, ()):
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(sql, parameters, prepare=parameters is not None)
            assert caught.value.sqlstate in ("54001", "54000"), caught.value
            assert connection.execute("select 1").fetchone() == (1,)


def test_views_over_views(node):
    with node.connect(autocommit=True) as connection:
        connection.execute("create view v0 as select 1 as x")
        with pytest.raises(psycopg.errors.StatementTooComplex):
            for i in range(1, DEEP):
                connection.execute(f"create view v{i} as select * from v{i - 1}")
                if i % 250 == 0:
                    connection.execute(f"select * from v{i}")
        assert connection.execute("select * from v10").fetchone() == (1,)


def bind_of_a_gibibyte():
    """The message up to where its one parameter begins."""
    size = 1 << 30
    body = b"\0\0" + struct.pack("!hhi", 0, 1, size)
    return b"B" + struct.pack("!i", 4 + len(body) + size + 2) + body


def test_a_parameter_of_a_gibibyte(node):
    with node.connect(autocommit=True) as other:
        before = node.resident_kilobytes()
        with node.raw() as client:
            client.sendall(message(b"P", b"\0select length($1::text)\0\0\0"))
            client.sendall(bind_of_a_gibibyte())
            try:
                for _ in range(1 << 10):
                    client.sendall(b"x" * MIB)
            except (BrokenPipeError, ConnectionResetError, TimeoutError):
                pass
            # What the server said may be lost with the connection.
            everything(client)
        assert other.execute("select 1").fetchone() == (1,)
        assert node.resident_kilobytes() - before < 150_000


def test_the_refusal_of_a_large_message_is_told(node):
    with node.raw() as client:
        client.sendall(bind_of_a_gibibyte())
        client.shutdown(socket.SHUT_WR)
        seen = everything(client)
        assert b"SFATAL\0" in seen and b"C08P01\0" in seen and b"the limit is" in seen


@pytest.mark.parametrize("sql, states", [
    ("insert into big values (1, %s)", {"54000"}),
    ("select length(repeat('x', 2000000000))", {"54000"}),
    ("insert into big select 1, string_agg(repeat('x', 1000000), '') from generate_series(1, 60)",
     {"54000", "53200"}),
])
def test_values_that_are_too_large(node, sql, states):
    with node.connect(autocommit=True) as connection:
        connection.execute("create table big (id int primary key, filler text)")
        parameters = ("x" * (60 * MIB),) if "%s" in sql else None
        try:
            connection.execute(sql, parameters)
        except psycopg.Error as error:
            assert error.sqlstate in states, error
        connection.execute("insert into big values (2, 'small')")
        assert connection.execute("select filler from big where id = 2").fetchone() == ("small",)


def test_the_memory_limit(start):
    node = start("--memory-limit", "32")
    with node.connect(autocommit=True) as connection, node.connect(autocommit=True) as other:
        connection.execute("create table t (id int primary key, filler text)")
        stored = 0
        with pytest.raises(psycopg.errors.OutOfMemory) as caught:
            for stored in range(2_000):
                connection.execute("insert into t values (%s, repeat('x', 100000))", (stored,))
        assert "memory-limit" in (caught.value.diag.message_hint or "")
        assert 50 < stored < 1_000
        # Reads go on, and what was acknowledged is there; the row that was refused is not.
        assert other.execute("select count(*), max(id) from t").fetchone() == (stored, stored - 1)
        with pytest.raises(psycopg.errors.OutOfMemory):
            for key in range(5_000, 5_050):
                other.execute("insert into t values (%s, repeat('y', 100000))", (key,))
        connection.execute("delete from t where id >= 10")
        deadline = time.monotonic() + 20
        while True:
            try:
                connection.execute("insert into t values (10000, repeat('z', 100000))")
                break
            except psycopg.errors.OutOfMemory:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        for key in range(10_001, 10_020):
            connection.execute("insert into t values (%s, repeat('z', 100000))", (key,))
        assert other.execute("select count(*) from t where id < 5000").fetchone() == (10,)

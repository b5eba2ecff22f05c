"""Passwords, cancellation and timeouts."""

import asyncio
import socket
import struct
import threading
import time

import asyncpg
import pg8000.native
import psycopg
import pytest
from conftest import DATABASE, HOST, PORT, connect


@pytest.fixture
def role(connection):
    """A role that may log in, with the password 'right'; its name."""
    name = "conformance_login"
    connection.execute(f"drop role if exists {name}")
    connection.execute(f"create role {name} login password 'right'")
    yield name
    connection.execute(f"drop role {name}")


def login(user, password="", **options):
    return psycopg.connect(
        host=HOST, port=PORT, user=user, dbname=DATABASE, password=password, **options)


def needs_passwords(connection):
    if "Quatrain" not in connection.execute("select version()").fetchone()[0]:
        pytest.skip("whether passwords are asked for is this server's own setting")


def refused(user, password):
    with pytest.raises(psycopg.OperationalError) as caught:
        login(user, password)
    return str(caught.value)


def test_password(connection, role):
    needs_passwords(connection)
    with login(role, "right") as opened:
        assert opened.execute("select current_user, session_user").fetchone() == (role, role)
        assert opened.pgconn.used_password
    message = f'password authentication failed for user "{role}"'
    assert message in refused(role, "wrong")
    assert message in refused(role, "righ")
    assert "no password supplied" in refused(role, "")


def test_other_clients(connection, role):
    needs_passwords(connection)
    async def session():
        opened = await asyncpg.connect(
            host=HOST, port=PORT, user=role, database=DATABASE, password="right")
        assert await opened.fetchval("select 1") == 1
        await opened.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host=HOST, port=PORT, user=role, database=DATABASE, password="wrong")

    asyncio.run(session())
    opened = pg8000.native.Connection(
        role, host=HOST, port=int(PORT), database=DATABASE, password="right")
    assert opened.run("select 1") == [[1]]
    opened.close()


def test_changed_passwords(connection, role):
    needs_passwords(connection)
    connection.execute(f"alter role {role} password 'übung ａ'")
    login(role, "übung ａ").close()
    # SASLprep: the wide letter and the plain one are the same.
    login(role, "übung a").close()
    assert "password authentication failed" in refused(role, "right")
    # A verifier, as dumps and clients' \password send it.
    with login(role, "übung a", autocommit=True) as own:
        verifier = own.pgconn.encrypt_password(b"own", role.encode(), b"scram-sha-256").decode()
        own.execute(f"alter role {role} password '{verifier}'")
    login(role, "own").close()
    connection.execute(f"alter role {role} valid until '2001-01-01'")
    assert "password authentication failed" in refused(role, "own")
    connection.execute(f"alter role {role} valid until 'infinity' nologin")
    assert f'role "{role}" is not permitted to log in' in refused(role, "own")
    connection.execute(f"alter role {role} login password null")
    login(role).close()


def test_unknown_role(connection):
    needs_passwords(connection)
    assert 'role "conformance_nobody" does not exist' in refused("conformance_nobody", "x")


def raw(user):
    stream = socket.create_connection((HOST, int(PORT)), timeout=10)
    body = struct.pack("!i", 3 << 16) + b"user\0%s\0database\0%s\0\0" % (
        user.encode(), DATABASE.encode())
    stream.sendall(struct.pack("!i", len(body) + 4) + body)
    return stream


def answers(stream):
    with stream:
        stream.shutdown(socket.SHUT_WR)
        got = b""
        while piece := stream.recv(65_536):
            got += piece
        return got


@pytest.mark.parametrize("body", [
    b"", b"SCRAM-SHA-256\0", b"SCRAM-SHA-256\0\xff\xff\xff\xfe", b"SCRAM-SHA-256\0\0\0\0\x05n,,n=",
    b"SCRAM-SHA-256\0\x7f\xff\xff\xffn,,n=,r=a", b"SCRAM-SHA-256-PLUS\0\0\0\0\0",
    b"SCRAM-SHA-256\0\0\0\0\x0bp=x,,n=,r=a", b"SCRAM-SHA-256\0\0\0\0\x03n,,", b"\0" * 60_000,
])
def test_malformed_responses(connection, role, body):
    needs_passwords(connection)
    stream = raw(role)
    stream.sendall(b"p" + struct.pack("!i", len(body) + 4) + body)
    assert b"C08P01" in answers(stream)


def test_statement_instead_of_password(connection, role):
    needs_passwords(connection)
    for message in (b"Q\0\0\0\x0dselect 1\0", b"p\x00\x01\x00\x00", b"X\0\0\0\4"):
        stream = raw(role)
        stream.sendall(message)
        got = answers(stream)
        assert b"C08P01" in got and b"Z\0\0\0\5" not in got


def after(seconds, act):
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def is_canceled(opened, statement, reason="user request"):
    start = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled) as caught:
        opened.execute(statement)
    assert caught.value.diag.message_primary == f"canceling statement due to {reason}"
    assert time.monotonic() - start < 5


def test_cancel_sleep(connection):
    for _ in range(3):
        after(0.2, connection.cancel)
        is_canceled(connection, "select pg_sleep(20)")
        assert connection.execute("select 1").fetchone() == (1,)


def test_cancel_of_lock_wait(connection, table):
    connection.execute(f"insert into {table} values (1, 'a'), (2, 'b')")
    with connect() as holder, connect() as waiter:
        holder.execute(f"update {table} set name = 'held' where id = 1")
        waiter.execute(f"update {table} set name = 'kept' where id = 2")
        waiter.execute("savepoint s")
        for statement in (
            f"update {table} set name = 'x' where id = 1",
            f"select * from {table} where id = 1 for update",
            f"update {table} set name = 'x'",
        ):
            after(0.2, waiter.cancel)
            is_canceled(waiter, statement)
            with pytest.raises(psycopg.errors.InFailedSqlTransaction):
                waiter.execute("select 1")
            waiter.execute("rollback to s")
        waiter.commit()
        holder.rollback()
    rows = connection.execute(f"select id, name from {table} order by id").fetchall()
    assert rows == [(1, "a"), (2, "kept")]


def test_cancel_of_single_statement_waits(connection, table):
    connection.execute(f"insert into {table} values (1, 'a')")
    with connect() as holder:
        holder.execute(f"update {table} set name = 'held' where id = 1")
        holder.execute("select pg_advisory_lock(77)")
        for statement in (
            f"update {table} set name = 'x' where id = 1",
            f"insert into {table} values (1, 'b') on conflict (id) do update set name = 'x'",
            f"truncate {table}",
            "select pg_advisory_lock(77)",
            "select pg_advisory_xact_lock(77)",
        ):
            after(0.2, connection.cancel)
            is_canceled(connection, statement)
        holder.rollback()
        holder.execute("select pg_advisory_unlock(77)")
    # Nothing of the cancelled statements holds a lock.
    connection.execute(f"update {table} set name = 'done' where id = 1")
    assert connection.execute("select pg_try_advisory_lock(77)").fetchone() == (True,)
    connection.execute("select pg_advisory_unlock(77)")


def test_cancel_of_nothing(connection):
    with connect() as idle:
        idle.execute("select 1")
        idle.cancel()
        time.sleep(0.2)
        assert idle.execute("select 2").fetchone() == (2,)


def test_cancel_with_a_wrong_secret(connection):
    done = []
    with connect(autocommit=True) as sleeper:
        process = sleeper.info.backend_pid

        def run():
            done.append(sleeper.execute("select 'slept' from pg_sleep(1)").fetchone())

        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.2)
        for number in (process, process + 1, 0, -1, 2**31 - 1, -(2**31)):
            with socket.create_connection((HOST, int(PORT)), timeout=10) as stream:
                stream.sendall(struct.pack("!iiii", 16, 80_877_102, number, 12_345))
                assert stream.recv(10) == b""
        thread.join()
    assert done == [("slept",)]


def test_cancel_of_a_long_result(connection):
    after(0.3, connection.cancel)
    is_canceled(
        connection,
        "select count(*) from generate_series(1, 3000) a, generate_series(1, 3000) b"
        " where pg_sleep(0.01) is null")
    assert connection.execute("select 1").fetchone() == (1,)


def test_process_ids(connection):
    opened = [connect() for _ in range(8)]
    try:
        ids = {each.execute("select pg_backend_pid()").fetchone()[0] for each in opened}
        assert ids == {each.info.backend_pid for each in opened}
        assert len(ids) == 8 and min(ids) > 0
    finally:
        for each in opened:
            each.close()


def test_statement_timeout(connection, table):
    connection.execute(f"insert into {table} values (1, 'a')")
    connection.execute("set statement_timeout = '200ms'")
    is_canceled(connection, "select pg_sleep(20)", "statement timeout")
    with connect() as holder:
        holder.execute(f"update {table} set name = 'held' where id = 1")
        is_canceled(
            connection, f"update {table} set name = 'x' where id = 1", "statement timeout")
        with connection.transaction(), pytest.raises(psycopg.errors.QueryCanceled):
            with connection.transaction():
                connection.execute(f"update {table} set name = 'x' where id = 1")
        holder.rollback()
    with connection.transaction():
        connection.execute("select 1")
        time.sleep(0.5)
        assert connection.execute(f"select name from {table}").fetchone() == ("a",)
    connection.execute("set statement_timeout = 0")
    assert connection.execute("select 'slept' from pg_sleep(0.4)").fetchone() == ("slept",)


def test_cancel_and_terminate_functions(connection):
    def cancelled(function):
        victim = connect(autocommit=True)
        after(0.2, lambda: connection.execute(f"select {function}(%s)", [victim.info.backend_pid]))
        return victim

    with cancelled("pg_cancel_backend") as victim:
        is_canceled(victim, "select pg_sleep(20)")
        assert victim.execute("select 1").fetchone() == (1,)
    victim = cancelled("pg_terminate_backend")
    with pytest.raises(psycopg.errors.AdminShutdown) as caught:
        victim.execute("select pg_sleep(20)")
    assert caught.value.diag.severity == "FATAL"
    idle = connect()
    idle.execute("select 1")
    assert connection.execute(
        "select pg_terminate_backend(%s)", [idle.info.backend_pid]).fetchone() == (True,)
    time.sleep(0.2)
    with pytest.raises(psycopg.errors.AdminShutdown):
        idle.execute("select 1")
    is_canceled(connection, "select pg_cancel_backend(pg_backend_pid())")
    notices = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    assert connection.execute("select pg_cancel_backend(2147483647)").fetchone() == (False,)
    assert notices == ["PID 2147483647 is not a PostgreSQL server process"]


def test_right_to_cancel(connection, role):
    with login(role, "right", autocommit=True) as other:
        for function in ("pg_cancel_backend", "pg_terminate_backend"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(f"select {function}(%s)", [connection.info.backend_pid])
        with login(role, "right", autocommit=True) as second:
            pid = second.info.backend_pid
            after(0.2, lambda: other.execute("select pg_cancel_backend(%s)", [pid]))
            is_canceled(second, "select pg_sleep(20)")


def test_idle_in_transaction_timeout(connection, table):
    with connect() as idle:
        idle.execute("set idle_in_transaction_session_timeout = 200")
        idle.commit()
        time.sleep(0.5)
        idle.execute(f"insert into {table} values (1, 'a')")
        time.sleep(0.5)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            idle.execute("select 1")
    assert connection.execute(f"select count(*) from {table}").fetchone() == (0,)
    with connect(autocommit=True) as idle:
        idle.execute("set idle_session_timeout = 200")
        time.sleep(0.5)
        with pytest.raises(psycopg.OperationalError) as caught:
            idle.execute("select 1")
        assert caught.value.sqlstate == "57P05"

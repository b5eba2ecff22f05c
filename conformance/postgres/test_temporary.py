"""Temporary tables as several sessions see them."""

import threading

import psycopg
import pytest

from conftest import connect


def relations(connection, name):
    return connection.execute(
        "select count(*) from pg_class where relname = %s", (name,)
    ).fetchone()[0]


def wait_for_none(connection, name):
    """A session's end is not awaited by the client that closes it."""
    connection.execute("set statement_timeout = '10s'")
    for _ in range(100):
        if relations(connection, name) == 0:
            return
        connection.execute("select pg_sleep(0.05)")
    pytest.fail(f"{name} is still there")


def test_private():
    with connect(autocommit=True) as one, connect(autocommit=True) as two:
        one.execute("create temp table tp_private (a int)")
        one.execute("insert into tp_private values (1)")
        with pytest.raises(psycopg.errors.UndefinedTable):
            two.execute("select * from tp_private")
        two.execute("create temp table tp_private (b text, c text)")
        assert two.execute("select * from tp_private").fetchall() == []
        assert one.execute("select * from tp_private").fetchall() == [(1,)]
        schema = one.execute("select pg_my_temp_schema()::regnamespace::text").fetchone()[0]
        assert schema.startswith("pg_temp_")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            two.execute(f"select * from {schema}.tp_private")


def test_gone_with_the_session(connection):
    with connect(autocommit=True) as other:
        other.execute("create temp table tp_gone (a serial primary key)")
        other.execute("insert into tp_gone default values")
        assert relations(connection, "tp_gone") == 1
    wait_for_none(connection, "tp_gone")
    assert relations(connection, "tp_gone_a_seq") == 0


def test_terminated(connection):
    with connect(autocommit=True) as other:
        other.execute("create temp table tp_terminated (a int)")
        pid = other.execute("select pg_backend_pid()").fetchone()[0]
        assert connection.execute("select pg_terminate_backend(%s)", (pid,)).fetchone()[0]
        wait_for_none(connection, "tp_terminated")
        with pytest.raises(psycopg.OperationalError):
            other.execute("select 1")


def test_prepared_statement_sees_a_shadow(connection):
    connection.execute("drop table if exists tp_shadow")
    connection.execute("create table tp_shadow (a int)")
    connection.execute("insert into tp_shadow values (1)")
    query = "select a from tp_shadow"
    assert connection.execute(query, prepare=True).fetchall() == [(1,)]
    connection.execute("create temp table tp_shadow (a int)")
    assert connection.execute(query, prepare=True).fetchall() == []
    connection.execute("drop table pg_temp.tp_shadow")
    assert connection.execute(query, prepare=True).fetchall() == [(1,)]
    connection.execute("drop table tp_shadow")


def test_same_names_at_the_same_time():
    sessions = [connect(autocommit=True) for _ in range(8)]
    try:
        for number, session in enumerate(sessions):
            session.execute("create temp table tp_many (a int) on commit preserve rows")
            session.execute("insert into tp_many values (%s)", (number,))
        for number, session in enumerate(sessions):
            assert session.execute("select a from tp_many").fetchall() == [(number,)]
    finally:
        for session in sessions:
            session.close()


def test_many_sessions_come_and_go():
    """Tables of the same names, made and dropped in one transaction, never see others' rows."""
    failures = []

    def work():
        try:
            for _ in range(6):
                with connect(autocommit=True) as session:
                    session.execute("create temp table tp_busy (a int primary key) on commit delete rows")
                    session.execute("insert into tp_busy values (1)")
                    assert session.execute("select count(*) from tp_busy").fetchone() == (0,)
                    with session.transaction():
                        session.execute("create temp table tp_made on commit drop as select 1 as a")
                        session.execute("insert into tp_busy select 5 from tp_made")
                        assert session.execute("select count(*) from tp_busy").fetchone() == (1,)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []

"""Transactions and their anomalies, with the outcome that PostgreSQL has."""

import threading

import psycopg
import pytest
from conftest import connect


@pytest.fixture
def two(connection, table):
    connection.execute(f"insert into {table} values (1, 'a', 10), (2, 'b', 20)")
    with connect() as first, connect() as second:
        yield first, second, table
        first.rollback()
        second.rollback()


def level(connection, name):
    connection.execute(f"set default_transaction_isolation to '{name}'")
    connection.commit()


def amount(connection, table, key):
    return connection.execute(f"select amount from {table} where id = {key}").fetchone()[0]


def test_savepoints(connection, table):
    connection.execute("begin")
    connection.execute(f"insert into {table} values (1, 'a')")
    connection.execute("savepoint s")
    connection.execute(f"insert into {table} values (2, 'b')")
    with pytest.raises(psycopg.Error):
        connection.execute("select 1 / 0")
    connection.execute("rollback to s")
    connection.execute(f"insert into {table} values (3, 'c')")
    connection.execute("release s")
    connection.execute("commit")
    assert connection.execute(f"select id from {table} order by id").fetchall() == [(1,), (3,)]


def test_no_dirty_read_and_no_aborted_read(two):
    first, second, table = two
    first.execute(f"update {table} set amount = 99 where id = 1")
    assert amount(second, table, 1) == 10
    first.rollback()
    assert amount(second, table, 1) == 10


def test_read_committed_sees_the_newest_at_each_statement(two):
    first, second, table = two
    assert amount(second, table, 1) == 10
    first.execute(f"update {table} set amount = 11 where id = 1")
    first.commit()
    assert amount(second, table, 1) == 11


def test_read_committed_waits_and_loses_no_update(two):
    first, second, table = two
    first.execute(f"update {table} set amount = amount + 1 where id = 1")
    waiting = threading.Thread(
        target=lambda: second.execute(f"update {table} set amount = amount + 1 where id = 1"))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    first.commit()
    waiting.join(5)
    second.commit()
    assert amount(first, table, 1) == 12


def test_repeatable_read_keeps_its_snapshot_and_refuses_a_lost_update(two):
    first, second, table = two
    level(second, "repeatable read")
    assert amount(second, table, 1) == 10
    first.execute(f"update {table} set amount = 11 where id = 1")
    first.execute(f"insert into {table} values (3, 'c', 30)")
    first.commit()
    assert amount(second, table, 1) == 10
    assert second.execute(f"select count(*) from {table}").fetchone() == (2,)
    with pytest.raises(psycopg.errors.SerializationFailure):
        second.execute(f"update {table} set amount = 12 where id = 1")


@pytest.mark.parametrize("name", ["repeatable read", "serializable"])
def test_write_skew(two, name):
    first, second, table = two
    for connection in two[:2]:
        level(connection, name)
        assert connection.execute(f"select sum(amount) from {table}").fetchone() == (30,)
    refused = 0
    for connection, key in ((first, 1), (second, 2)):
        try:
            connection.execute(f"update {table} set amount = -10 where id = {key}")
            connection.commit()
        except psycopg.errors.SerializationFailure:
            refused += 1
    assert refused == (1 if name == "serializable" else 0)


def test_deadlock_is_broken(two):
    first, second, table = two
    first.execute(f"update {table} set amount = 1 where id = 1")
    second.execute(f"update {table} set amount = 1 where id = 2")
    errors = []

    def update(connection, key):
        try:
            connection.execute(f"update {table} set amount = 2 where id = {key}")
            connection.commit()
        except psycopg.errors.DeadlockDetected as error:
            errors.append(error)
            connection.rollback()

    threads = [threading.Thread(target=update, args=x) for x in ((first, 2), (second, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(errors) == 1


def test_ddl_in_a_transaction_is_private_and_undone(connection):
    connection.execute("drop table if exists conformance_ddl")
    with connect() as other:
        other.execute("create table conformance_ddl (id int primary key)")
        other.execute("insert into conformance_ddl values (1)")
        assert other.execute("select * from conformance_ddl").fetchall() == [(1,)]
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("select * from conformance_ddl")
        other.rollback()
        with pytest.raises(psycopg.errors.UndefinedTable):
            other.execute("select * from conformance_ddl")
        other.rollback()

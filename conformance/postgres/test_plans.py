"""Statements whose texts differ in numbers only, or are the same in other circumstances: what one of
them has left behind must not show in the next."""

from concurrent.futures import ThreadPoolExecutor, TimeoutError

import psycopg
import pytest

from conftest import connect


@pytest.fixture
def table():
    with connect(autocommit=True) as connection:
        connection.execute("drop table if exists plans")
        connection.execute(
            "create table plans (a int primary key, b bigint, c smallint, d text, e numeric)")
        connection.execute(
            "insert into plans select i, i * 10, i, 'text ' || i, i / 4.0 from generate_series(1, 50) i")
        yield connection
        connection.execute("drop table plans")


def simple(connection, sql):
    """By the simple protocol."""
    cursor = psycopg.ClientCursor(connection)
    cursor.execute(sql)
    return cursor.fetchall() if cursor.description else cursor.rowcount


def test_numbers(table):
    for number in [1, 7, 50, 51, 0, 2147483647, 2147483648, 99999999999999999999]:
        expected = [(number * 10,)] if 1 <= number <= 50 else []
        assert simple(table, f"select b from plans where a = {number}") == expected
    for number in [1, 0, 5]:
        assert simple(table, f"select a from plans where a = -{number}") == []
        assert simple(table, f"select a from plans where a = - {number} + 6") == (
            [(6 - number,)])
    for number in ["3", "003", "3.0", "3e0", "0.3e1"]:
        assert simple(table, f"select a from plans where a = {number}") == [(3,)]
        assert simple(table, f"select a from plans where e * 4 = {number}") == [(3,)]


def test_places_that_decide(table):
    assert simple(table, "select a from plans order by 1 limit 1") == [(1,)]
    assert simple(table, "select a from plans order by 1 limit 2") == [(1,), (2,)]
    assert simple(table, "select -a, a from plans order by 2 limit 1") == [(-1, 1)]
    assert simple(table, "select -a, a from plans order by 1 limit 1") == [(-50, 50)]
    assert simple(table, "select 'ab'::char(1)") == [("a",)]
    assert simple(table, "select 'ab'::char(2)") == [("ab",)]
    assert simple(table, "select 12") == [(12,)]
    assert simple(table, "select 13") == [(13,)]
    assert simple(table, "select a % 2 from plans where a < 9 group by a % 2 order by 1") == (
        [(0,), (1,)])
    assert simple(table, "select d from plans where d = 'text 1'") == [("text 1",)]
    assert simple(table, "select d from plans where d = 'text 2'") == [("text 2",)]
    assert simple(table, "select a from plans where a in (1, 2) order by a") == [(1,), (2,)]
    assert simple(table, "select a from plans where a in (8, 8) order by a") == [(8,)]
    assert simple(table, "select a from plans where a between 3 and 4 order by a") == [(3,), (4,)]
    assert simple(table, "select a from plans where a between 4 and 3 order by a") == []


def test_changes(table):
    for number in [60, 61]:
        assert simple(table, f"insert into plans values ({number}, {number}, 3, '4', 5)") == 1
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        simple(table, "insert into plans values (62, 62, 40000, '4', 5)")
    assert simple(table, "update plans set b = b + -5, c = 7 where a = 60") == 1
    assert simple(table, "update plans set b = b + -6, c = 8 where a = 61") == 1
    assert simple(table, "select a, b, c, e from plans where a >= 60 order by a") == (
        [(60, 55, 7, 5), (61, 55, 8, 5)])
    assert simple(table, "delete from plans where a = 60") == 1
    assert simple(table, "delete from plans where a = 60") == 0
    assert simple(table, "delete from plans where a = 61") == 1


def test_schema_changes_between(table):
    for cursor in (psycopg.ClientCursor(table), psycopg.Cursor(table)):
        cursor.execute("select * from plans where a = 1")
        width = len(cursor.description)
        table.execute("alter table plans add column f int default 9")
        cursor.execute("select * from plans where a = 2")
        assert len(cursor.description) == width + 1
        assert cursor.fetchone()[-1] == 9
        table.execute("alter table plans drop column f")
        cursor.execute("select * from plans where a = 3")
        assert len(cursor.description) == width


def test_private_schema(table):
    with connect() as other:
        simple(other, "select b from plans where a = 1")
        other.execute("alter table plans rename column b to z")
        assert simple(other, "select z from plans where a = 1") == [(10,)]
        with pytest.raises(psycopg.errors.UndefinedColumn):
            simple(other, "select b from plans where a = 1")
        other.rollback()
        assert simple(other, "select b from plans where a = 1") == [(10,)]


def waiting(table, change, body):
    """What `body` gives or raises when it has to wait for `change` to commit."""
    with connect() as other, ThreadPoolExecutor(1) as pool:
        other.execute(change)
        result = pool.submit(body)
        with pytest.raises(TimeoutError):
            result.result(0.3)
        other.commit()
        return result.result(10)


def test_schema_changes_while_a_statement_waits(table):
    with pytest.raises(psycopg.errors.UniqueViolation):
        waiting(table, "create unique index plans_b on plans (b)",
                lambda: simple(table, "insert into plans values (51, 10)"))
    assert simple(table, "select a from plans where b = 10") == [(1,)]
    for number, read in enumerate([
        lambda: simple(table, "select * from plans where a = 1"),
        lambda: simple(table, "select * from plans where b = 10"),
        lambda: table.execute("select * from plans where a = 1").fetchall(),
    ]):
        row = waiting(table, f"alter table plans add column x{number} int default {number}", read)
        assert row[0][-1] == number
    with pytest.raises(psycopg.errors.UndefinedTable):
        waiting(table, "drop table plans; create table plans_gone (a int)",
                lambda: simple(table, "select * from plans where a = 1"))
    table.execute("drop table plans_gone")
    table.execute("create table plans (a int primary key)")


def test_rights(table):
    table.execute("drop role if exists plans_reader")
    table.execute("create role plans_reader")
    query = "select b from plans where a = 1"
    try:
        assert simple(table, query) == [(10,)]
        assert table.execute(query, prepare=True).fetchall() == [(10,)]
        table.execute("set role plans_reader")
        for prepare in (False, True):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                table.execute(query, prepare=prepare)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            simple(table, query)
        table.execute("reset role")
        table.execute("grant select on plans to plans_reader")
        table.execute("set role plans_reader")
        assert simple(table, query) == [(10,)]
        table.execute("reset role")
        table.execute("revoke select on plans from plans_reader")
        table.execute("set role plans_reader")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            simple(table, query)
    finally:
        table.execute("reset role")
        table.execute("drop role plans_reader")


def test_settings(table):
    query = "select '2020-01-02 00:00:00+00'::timestamptz::text, '01/02/2020'::date::text"
    assert simple(table, query) == [("2020-01-02 00:00:00+00", "2020-01-02")]
    table.execute("set timezone to 'America/New_York'")
    table.execute("set datestyle to 'dmy'")
    assert simple(table, query) == [("2020-01-01 19:00:00-05", "2020-02-01")]
    table.execute("create schema plans_schema")
    table.execute("create table plans_schema.plans (a int primary key, b int)")
    table.execute("insert into plans_schema.plans values (1, 77)")
    assert simple(table, "select b from plans where a = 1") == [(10,)]
    table.execute("set search_path to plans_schema, public")
    assert simple(table, "select b from plans where a = 1") == [(77,)]
    table.execute("drop schema plans_schema cascade")
    assert simple(table, "select b from plans where a = 1") == [(10,)]


def test_the_present(table):
    def different(sql):
        assert simple(table, sql) != simple(table, sql), sql

    different("select 'now'::timestamptz")
    different("select 'NOW'::timestamp(6)")
    different("select now()")
    different("select clock_timestamp()")
    different("select random()")
    different("select a from (select a, random() r from plans) x order by r, a limit 20")


def test_snapshots(table):
    """A row is read by its key at once only where no other snapshot is due."""
    with connect() as reader:
        reader.execute("set session characteristics as transaction isolation level repeatable read")
        reader.commit()
        assert simple(reader, "select b from plans where a = 1") == [(10,)]
        table.execute("update plans set b = 11 where a = 1")
        assert simple(reader, "select b from plans where a = 1") == [(10,)]
        reader.rollback()
        assert simple(reader, "select b from plans where a = 1") == [(11,)]
        reader.rollback()
        simple(reader, "update plans set b = 12 where a = 1")
        assert simple(reader, "select b from plans where a = 1") == [(12,)]
        assert simple(table, "select b from plans where a = 1") == [(11,)]


def test_pipelines(table):
    if not psycopg.Pipeline.is_supported():
        pytest.skip("libpq without pipelines")
    with table.pipeline():
        cursors = [
            table.execute("select b from plans where a = %s", (number,)) for number in range(1, 51)]
        assert [cursor.fetchone() for cursor in cursors] == [(n * 10,) for n in range(1, 51)]


def test_nulls_and_absent_rows(table):
    assert table.execute("select b from plans where a = %s::int", (None,)).fetchall() == []
    assert table.execute("select b, a, b from plans where a = %s", (5,)).fetchall() == [(50, 5, 50)]
    assert table.execute("select b from plans where a = %s", (500,)).fetchall() == []
    cursor = table.execute("select b from plans where a = %s", (5,), binary=True)
    assert cursor.fetchall() == [(50,)]

"""SQLSTATEs, messages, details and positions as PostgreSQL 15 gives them."""

import psycopg
import pytest


def fault(connection, sql, parameters=None):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(sql, parameters)
    return caught.value.diag


@pytest.mark.parametrize(
    "sql, state, message, position",
    [
        ("select select", "42601", 'syntax error at or near "select"', 8),
        ("select nope from {t}", "42703", 'column "nope" does not exist', 8),
        ("select {t}.nope from {t}", "42703", "column {t}.nope does not exist", 8),
        ("select x.id from {t}", "42P01", 'missing FROM-clause entry for table "x"', 8),
        ("select * from missing", "42P01", 'relation "missing" does not exist', 15),
        ("select 1 / 0", "22012", "division by zero", None),
        ("select 2147483647 + 1", "22003", "integer out of range", None),
        ("select 'x'::int", "22P02", 'invalid input syntax for type integer: "x"', 8),
        ("select 1 where 1", "42804",
         "argument of WHERE must be type boolean, not type integer", 16),
        ("select nope(1)", "42883", "function nope(integer) does not exist", 8),
        ("select id, count(*) from {t}", "42803",
         'column "{t}.id" must appear in the GROUP BY clause or be used in an aggregate function', 8),
        ("select 1 limit -1", "2201W", "LIMIT must not be negative", None),
        ("insert into {t} (id) values (1)", "23502",
         'null value in column "name" of relation "{t}" violates not-null constraint', None),
        ("insert into {t} values (1, 'a', 123456789)", "22003", "numeric field overflow", None),
        ("insert into {t} (nope) values (1)", "42703",
         'column "nope" of relation "{t}" does not exist', 28),
        ("insert into {t} (id) values (1, 2)", "42601",
         "INSERT has more expressions than target columns", 43),
        ("create table {t} (a int)", "42P07", 'relation "{t}" already exists', None),
        ("drop table missing", "42P01", 'table "missing" does not exist', None),
        ("set nope = 1", "42704", 'unrecognized configuration parameter "nope"', None),
        ("create table x (a nope)", "42704", 'type "nope" does not exist', 19),
    ],
)
def test_fault(connection, table, sql, state, message, position):
    diag = fault(connection, sql.format(t=table))
    assert diag.sqlstate == state
    assert diag.message_primary == message.format(t=table)
    assert diag.statement_position == (str(position) if position else None)


def test_unique_violation(connection, table):
    connection.execute(f"insert into {table} values (1, 'a')")
    diag = fault(connection, f"insert into {table} values (2, 'b'), (1, 'c')")
    assert diag.sqlstate == "23505"
    assert diag.constraint_name == f"{table}_pkey"
    assert diag.message_detail == "Key (id)=(1) already exists."
    assert connection.execute(f"select count(*) from {table}").fetchone() == (1,)


def test_failed_transaction(connection, table):
    connection.execute("begin")
    connection.execute(f"insert into {table} values (1, 'a')")
    assert fault(connection, "select 1 / 0").sqlstate == "22012"
    assert fault(connection, "select 1").sqlstate == "25P02"
    assert connection.execute("commit").statusmessage == "ROLLBACK"
    assert connection.execute(f"select count(*) from {table}").fetchone() == (0,)


@pytest.mark.parametrize("shape", ["select " + "(" * 100_000 + "1" + ")" * 100_000,
                                   "select 1" + "+1" * 100_000,
                                   "select " + "not " * 100_000 + "true"])
def test_deep_nesting_is_refused_and_hurts_nobody(connection, shape):
    assert fault(connection, shape).sqlstate in ("54001", "42601", "53200")
    assert connection.execute("select 1").fetchone() == (1,)

"""Writes of one row by prepared statement: at once or not, they do what the statement says, whatever happens beside them."""

import struct
import threading

import pytest
from cassandra import InvalidRequest
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import BatchStatement, BatchType, UNSET_VALUE

from conftest import KEYSPACE
from test_wire import Connection, frame


def rows(session, text, *arguments):
    return [tuple(row) for row in session.execute(text, *arguments)]


def test_prepared_updates_and_deletions(cql, table):
    name = table("p int, c text, v int, w text, PRIMARY KEY (p, c)")
    insert = cql.prepare(f"INSERT INTO {name} (p, c, v, w) VALUES (?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?")
    update = cql.prepare(f"UPDATE {name} USING TIMESTAMP ? AND TTL ? SET v = ?, w = 'u' WHERE c = ? AND p = ?")
    cell = cql.prepare(f"DELETE w FROM {name} USING TIMESTAMP ? WHERE p = ? AND c = ?")
    row = cql.prepare(f"DELETE FROM {name} USING TIMESTAMP ? WHERE p = ? AND c = ?")
    read = f"SELECT v, w, writetime(v), writetime(w) FROM {name} WHERE p = 1 AND c = 'a'"
    cql.execute(insert, (1, "a", 5, "x", 100, 0))
    cql.execute(update, (90, 0, 6, "a", 1))
    assert rows(cql, read) == [(5, "x", 100, 100)]
    cql.execute(update, (110, UNSET_VALUE, UNSET_VALUE, "a", 1))
    assert rows(cql, read) == [(5, "u", 100, 110)]
    cql.execute(cell, (109, 1, "a"))
    cql.execute(update, (120, 1_000, None, "a", 1))
    assert rows(cql, read) == [(None, "u", None, 120)]
    assert 990 < rows(cql, f"SELECT ttl(w) FROM {name} WHERE p = 1 AND c = 'a'")[0][0] <= 1_000
    cql.execute(cell, (121, 1, "a"))
    assert rows(cql, read) == [(None, None, None, None)]
    cql.execute(row, (99, 1, "a"))
    assert len(rows(cql, read)) == 1
    cql.execute(row, (200, 1, "a"))
    cql.execute(insert, (1, "a", 7, "late", 200, 0))
    assert rows(cql, read) == []
    cql.execute(insert, (1, "a", 8, "new", 201, 0))
    assert rows(cql, read) == [(8, "new", 201, 201)]
    with pytest.raises(InvalidRequest):
        cql.execute(update, (300, -1, 1, "a", 1))
    with pytest.raises(InvalidRequest):
        cql.execute(update, (300, 0, 1, None, 1))


def test_counters_lose_none(cql, table):
    name = table("p int PRIMARY KEY, n counter")
    add = cql.prepare(f"UPDATE {name} SET n = n + ? WHERE p = ?")
    execute_concurrent_with_args(cql, add, [(n % 3, n % 5) for n in range(1_500)], concurrency=64)
    assert sorted(rows(cql, f"SELECT p, n FROM {name}")) == [
        (p, sum(n % 3 for n in range(1_500) if n % 5 == p)) for p in range(5)]
    batch = BatchStatement(BatchType.UNLOGGED)
    batch.add(add, (1, 1))
    batch.add(add, (10, 1))
    before = rows(cql, f"SELECT n FROM {name} WHERE p = 1")[0][0]
    cql.execute(batch)
    assert rows(cql, f"SELECT n FROM {name} WHERE p = 1") == [(before + 11,)]
    batch = BatchStatement(BatchType.LOGGED)
    batch.add(add, (1, 1))
    with pytest.raises(InvalidRequest, match="logged batch"):
        cql.execute(batch)


def test_batches_of_prepared_changes(cql, table):
    name = table("p int, c int, v int, PRIMARY KEY (p, c)")
    insert = cql.prepare(f"INSERT INTO {name} (p, c, v) VALUES (?, ?, ?)")
    delete = cql.prepare(f"DELETE FROM {name} WHERE p = ? AND c = ?")
    for kind in (BatchType.UNLOGGED, BatchType.LOGGED):
        for partitions in (1, 4):
            batch = BatchStatement(kind)
            for n in range(20):
                batch.add(insert, (n % partitions, n, n))
            cql.execute(batch)
            assert sorted(rows(cql, f"SELECT c, v FROM {name}")) == [(n, n) for n in range(20)]
            batch = BatchStatement(kind)
            for n in range(20):
                batch.add(delete, (n % partitions, n))
            cql.execute(batch)
            assert rows(cql, f"SELECT c FROM {name}") == []


def test_written_rows_are_read_by_everybody(cql, sql, table):
    """Concurrent writers of the same rows, beside transactions of SQL that hold some of them."""
    name = table("a int PRIMARY KEY, v int")
    update = cql.prepare(f"UPDATE {name} SET v = ? WHERE a = ?")
    stop = threading.Event()

    def hold():
        while not stop.is_set():
            with sql.transaction():
                sql.execute(f"select v from {name} where a < 5 for update").fetchall()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        for round in range(20):
            results = execute_concurrent_with_args(cql, update, [(round, a) for a in range(50)], concurrency=50)
            assert all(result.success for result in results)
            assert sorted(rows(cql, f"SELECT a, v FROM {name}")) == [(a, round) for a in range(50)]
    finally:
        stop.set()
        thread.join()
    assert sql.execute(f"select count(*), min(v), max(v) from {name}").fetchone() == (50, 19, 19)


def test_columns_come_while_rows_are_written(cql, table):
    name = table("a int PRIMARY KEY, v int")
    insert = cql.prepare(f"INSERT INTO {name} (a, v) VALUES (?, ?)")
    for round in range(5):
        futures = [cql.execute_async(insert, (round * 200 + n, n)) for n in range(100)]
        cql.execute(f"ALTER TABLE {name} ADD w{round} int")
        futures += [cql.execute_async(insert, (round * 200 + 100 + n, n)) for n in range(100)]
        if round == 2:
            cql.execute(f"CREATE INDEX ON {name} (v)")
        for future in futures:
            future.result()
    assert len(rows(cql, f"SELECT a FROM {name}")) == 1_000
    assert len(rows(cql, f"SELECT a FROM {name} WHERE v = 7")) == 10


def test_a_type_is_no_part_of_itself(cql):
    cql.execute(f"CREATE TYPE {KEYSPACE}.inner_type (x int)")
    cql.execute(f"CREATE TYPE {KEYSPACE}.outer_type (y frozen<list<inner_type>>)")
    for field in ("frozen<inner_type>", "frozen<set<frozen<outer_type>>>"):
        with pytest.raises(InvalidRequest, match="circular"):
            cql.execute(f"ALTER TYPE {KEYSPACE}.inner_type ADD z {field}")
    cql.execute(f"DROP TYPE {KEYSPACE}.outer_type")
    cql.execute(f"DROP TYPE {KEYSPACE}.inner_type")


def test_a_value_that_ends_too_early_ends_no_connection(table):
    name = table("a int PRIMARY KEY, s set<int>")
    connection = Connection()
    text = f"INSERT INTO {name} (a, s) VALUES (1, ?)".encode()
    for value in (b"\0\0\0\1\0\0\0\4\0\0", b"\0\0\0\1\0\0\0\4\0\0\0\1\0", b"\0\0"):
        connection.socket.sendall(frame(
            7, struct.pack("!I", len(text)) + text + struct.pack("!HBHi", 1, 1, 1, len(value)) + value))
        assert connection.error() == (1, 0x2200)

"""kill -9 while an index is built: afterwards it is whole or it is gone, never half there."""

import random
import threading
import time

import psycopg
import pytest

from test_kill import Node

ROWS = 6_000


def load(node):
    with node.connect(autocommit=True) as connection:
        connection.execute("create table t (id int primary key, a int, u int)")
        connection.execute(
            f"insert into t select i, i % 100, i from generate_series(1, {ROWS}) i")


def build(node, sql):
    try:
        with node.connect(autocommit=True) as connection:
            connection.execute(sql)
    except psycopg.Error:
        pass


def write(node, seed, stopping):
    choice = random.Random(seed)
    fresh = seed * 1_000_000
    try:
        with node.connect(autocommit=True) as connection:
            while not stopping.is_set():
                fresh += 1
                key = choice.randrange(1, ROWS)
                connection.execute(
                    "update t set a = a + 1, u = %s where id = %s", (fresh, key))
                connection.execute("delete from t where id = %s", (key + 1,))
                connection.execute("insert into t values (%s, 5, %s)", (fresh, -fresh))
    except psycopg.Error:
        pass


def check(connection, is_unique):
    """A valid index agrees with the table; one that is not valid is not there at all."""
    found = connection.execute(
        "select indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where c.relname = 'i'").fetchall()
    assert found in [[], [(True,)]]
    rows = connection.execute("select a, u, id from t").fetchall()
    for a in range(0, 110, 9):
        ids = connection.execute("select id from t where a = %s", (a,)).fetchall()
        assert sorted(ids) == sorted((id,) for value, _, id in rows if value == a)
    for _, u, id in rows[::50]:
        assert connection.execute("select id from t where u = %s", (u,)).fetchall() == [(id,)]
    if not found:
        # Nothing of it is left that would refuse a row.
        connection.execute("insert into t values (-1, 0, %s)", (rows[0][1],))
        connection.execute("delete from t where id = -1")
        connection.execute(f"create {'unique' if is_unique else ''} index i on t ({'u' if is_unique else 'a'})")
        check(connection, is_unique)
    elif is_unique:
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into t values (-1, 0, %s)", (rows[0][1],))


@pytest.mark.parametrize("is_unique", [False, True])
def test_kill_while_the_build_waits(tmp_path, is_unique):
    directory = str(tmp_path / "data")
    node = Node(directory)
    load(node)
    column = "u" if is_unique else "a"
    open_ = node.connect()
    open_.execute("update t set a = 1 where id = 1")
    sql = f"create {'unique' if is_unique else ''} index concurrently i on t ({column})"
    builder = threading.Thread(target=build, args=(node, sql))
    builder.start()
    time.sleep(0.5)
    with node.connect(autocommit=True) as connection:
        assert connection.execute(
            "select indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid"
            " where c.relname = 'i'").fetchall() == [(False,)]
    node.kill()
    builder.join(30)
    node = Node(directory)
    try:
        with node.connect(autocommit=True) as connection:
            check(connection, is_unique)
    finally:
        node.kill()
    node = Node(directory)
    with node.connect(autocommit=True) as connection:
        check(connection, is_unique)
    node.kill()


@pytest.mark.parametrize("is_unique", [False, True])
@pytest.mark.parametrize("delay", [0.05, 0.15, 0.3, 0.6])
def test_kill_while_the_build_runs(tmp_path, is_unique, delay):
    directory = str(tmp_path / "data")
    node = Node(directory)
    load(node)
    column = "u" if is_unique else "a"
    sql = f"create {'unique' if is_unique else ''} index i on t ({column})"
    stopping = threading.Event()
    threads = [
        threading.Thread(target=write, args=(node, seed, stopping)) for seed in range(1, 4)]
    threads.append(threading.Thread(target=build, args=(node, sql)))
    for thread in threads:
        thread.start()
    time.sleep(delay)
    node.kill()
    for thread in threads:
        thread.join(30)
    node = Node(directory)
    try:
        with node.connect(autocommit=True) as connection:
            check(connection, is_unique)
    finally:
        node.kill()

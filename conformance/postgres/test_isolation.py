"""The classic anomalies at each isolation level, with the outcomes that PostgreSQL has.

Names are those of Adya's phenomena, as the Hermitage tests use them: G0 dirty write, G1a aborted
read, G1b intermediate read, G1c circular information flow, OTV observed transaction vanishes, PMP
predicate-many-preceders (phantom), P4 lost update, G-single read skew, G2-item write skew, G2
anti-dependency cycle over a predicate.
"""

import threading

import psycopg
import pytest

from conftest import connect

LEVELS = ["read committed", "repeatable read", "serializable"]
SERIALIZATION = psycopg.errors.SerializationFailure


class Session:
    def __init__(self, level):
        self.connection = connect(autocommit=True)
        self.connection.execute(f"begin isolation level {level}")

    def __call__(self, sql):
        cursor = self.connection.execute(sql)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    def commit(self):
        self("commit")

    def rollback(self):
        self("rollback")

    def waits(self, sql):
        """Starts a statement that must wait for another transaction."""
        return Waiting(self, sql)


class Waiting:
    def __init__(self, session, sql):
        self.result = None
        self.error = None

        def run():
            try:
                self.result = session(sql)
            except psycopg.Error as error:
                self.error = error

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        self.thread.join(0.3)
        assert self.thread.is_alive(), f"did not wait: {sql}: {self.result} {self.error}"

    def get(self):
        self.thread.join(10)
        assert not self.thread.is_alive(), "still waiting"
        if self.error:
            raise self.error
        return self.result


@pytest.fixture
def setup(connection):
    connection.execute("drop table if exists iso")
    connection.execute("create table iso (id int primary key, value int)")
    connection.execute("insert into iso values (1, 10), (2, 20)")
    opened = []

    def start(level, count=2):
        sessions = [Session(level) for _ in range(count)]
        opened.extend(sessions)
        return sessions

    yield start
    for session in opened:
        session.connection.close()
    connection.execute("drop table iso")


def final(connection):
    return connection.execute("select id, value from iso order by id").fetchall()


@pytest.mark.parametrize("level", LEVELS)
def test_g0_dirty_write(setup, connection, level):
    one, two = setup(level)
    one("update iso set value = 11 where id = 1")
    waiting = two.waits("update iso set value = 12 where id = 1")
    one("update iso set value = 21 where id = 2")
    one.commit()
    if level == "read committed":
        waiting.get()
        two("update iso set value = 22 where id = 2")
        two.commit()
        assert final(connection) == [(1, 12), (2, 22)]
    else:
        with pytest.raises(SERIALIZATION):
            waiting.get()
        two.rollback()
        assert final(connection) == [(1, 11), (2, 21)]


@pytest.mark.parametrize("level", LEVELS)
def test_g1a_aborted_read(setup, level):
    one, two = setup(level)
    one("update iso set value = 101 where id = 1")
    assert two("select value from iso where id = 1") == [(10,)]
    one.rollback()
    assert two("select value from iso where id = 1") == [(10,)]
    two.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_g1b_intermediate_read(setup, level):
    one, two = setup(level)
    one("update iso set value = 101 where id = 1")
    assert two("select value from iso where id = 1") == [(10,)]
    one("update iso set value = 11 where id = 1")
    one.commit()
    seen = 11 if level == "read committed" else 10
    assert two("select value from iso where id = 1") == [(seen,)]
    two.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_g1c_circular_information_flow(setup, level):
    one, two = setup(level)
    one("update iso set value = 11 where id = 1")
    two("update iso set value = 22 where id = 2")
    assert one("select value from iso where id = 2") == [(20,)]
    assert two("select value from iso where id = 1") == [(10,)]
    one.commit()
    if level == "serializable":
        with pytest.raises(SERIALIZATION):
            two.commit()
    else:
        two.commit()


@pytest.mark.parametrize("level", ["read committed", "repeatable read"])
def test_otv_observed_transaction_vanishes(setup, level):
    one, two, three = setup(level, 3)
    one("update iso set value = 11 where id = 1")
    one("update iso set value = 19 where id = 2")
    waiting = two.waits("update iso set value = 12 where id = 1")
    one.commit()
    if level == "read committed":
        waiting.get()
        assert three("select value from iso order by id") == [(11,), (19,)]
        two("update iso set value = 18 where id = 2")
        assert three("select value from iso order by id") == [(11,), (19,)]
        two.commit()
        assert three("select value from iso order by id") == [(12,), (18,)]
    else:
        with pytest.raises(SERIALIZATION):
            waiting.get()
    three.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_pmp_phantom(setup, level):
    one, two = setup(level)
    assert one("select id from iso where value = 30") == []
    two("insert into iso values (3, 30)")
    two.commit()
    seen = [(3,)] if level == "read committed" else []
    assert one("select id from iso where value % 3 = 0") == seen
    one.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_pmp_with_write_predicate(setup, connection, level):
    one, two = setup(level)
    one("update iso set value = value + 10")
    waiting = two.waits("delete from iso where value = 20")
    one.commit()
    if level == "read committed":
        # The row that was 20 no longer fits. PostgreSQL looks at it alone again and deletes
        # nothing; a server that runs the whole statement again sees that row 1 is 20 now.
        deleted = waiting.get()
        left = two("select id, value from iso order by id")
        assert (deleted, left) in [(0, [(1, 20), (2, 30)]), (1, [(2, 30)])]
        two.rollback()
    else:
        with pytest.raises(SERIALIZATION):
            waiting.get()
        two.rollback()
    assert final(connection) == [(1, 20), (2, 30)]


@pytest.mark.parametrize("level", LEVELS)
def test_p4_lost_update(setup, connection, level):
    one, two = setup(level)
    assert one("select value from iso where id = 1") == [(10,)]
    assert two("select value from iso where id = 1") == [(10,)]
    one("update iso set value = 11 where id = 1")
    waiting = two.waits("update iso set value = 12 where id = 1")
    one.commit()
    if level == "read committed":
        waiting.get()
        two.commit()
        assert final(connection)[0] == (1, 12)
    else:
        with pytest.raises(SERIALIZATION):
            waiting.get()
        two.rollback()
        assert final(connection)[0] == (1, 11)


@pytest.mark.parametrize("level", LEVELS)
def test_g_single_read_skew(setup, level):
    one, two = setup(level)
    assert one("select value from iso where id = 1") == [(10,)]
    two("select value from iso where id = 1")
    two("update iso set value = 12 where id = 1")
    two("update iso set value = 18 where id = 2")
    two.commit()
    seen = 18 if level == "read committed" else 20
    assert one("select value from iso where id = 2") == [(seen,)]
    one.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_g_single_by_a_write_predicate(setup, level):
    one, two = setup(level)
    assert one("select value from iso where id = 1") == [(10,)]
    two("update iso set value = 12 where id = 1")
    two("update iso set value = 18 where id = 2")
    two.commit()
    if level == "read committed":
        assert one("delete from iso where value = 20") == 0
        one.commit()
    else:
        with pytest.raises(SERIALIZATION):
            one("delete from iso where value = 20")
        one.rollback()


@pytest.mark.parametrize("level", LEVELS)
def test_g2_item_write_skew(setup, level):
    one, two = setup(level)
    one("select * from iso where id in (1, 2)")
    two("select * from iso where id in (1, 2)")
    one("update iso set value = 11 where id = 1")
    two("update iso set value = 21 where id = 2")
    one.commit()
    if level == "serializable":
        with pytest.raises(SERIALIZATION):
            two.commit()
    else:
        two.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_g2_over_a_predicate(setup, level):
    one, two = setup(level)
    assert one("select * from iso where value % 3 = 0") == []
    assert two("select * from iso where value % 3 = 0") == []
    one("insert into iso values (3, 30)")
    two("insert into iso values (4, 42)")
    one.commit()
    if level == "serializable":
        with pytest.raises(SERIALIZATION):
            two.commit()
    else:
        two.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_locked_reads_wait_and_skip(setup, level):
    one, two = setup(level)
    assert one("select value from iso where id = 1 for update") == [(10,)]
    assert two("select id from iso order by id for update skip locked") == [(2,)]
    with pytest.raises(psycopg.errors.LockNotAvailable):
        two("select id from iso where id = 1 for share nowait")
    two.rollback()
    one.commit()

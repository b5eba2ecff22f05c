"""Indexes are built while the table is in use: writers go on, and afterwards the index agrees with
the table."""

import random
import threading
import time

import psycopg
import pytest

from conftest import connect, is_ours

ROWS = 10_000
KEYS = 500


@pytest.fixture
def tables(connection):
    connection.execute("drop table if exists online_t, online_other, online_parent")
    connection.execute(
        "create table online_t (id int primary key, a int, b text, u int not null)")
    connection.execute("create table online_other (id int primary key, n int not null)")
    connection.execute(
        f"insert into online_t select i, i % {KEYS}, 'text ' || i, i from generate_series(1, {ROWS}) i")
    connection.execute("insert into online_other select i, 0 from generate_series(1, 20) i")
    yield connection
    connection.execute("drop table if exists online_t, online_other, online_parent")


class Writers:
    """Threads that change the table, each its own rows, until told to stop."""

    def __init__(self, first=1_000_000):
        self.first = first
        self.fresh = []
        self.stopping = threading.Event()
        self.errors = []
        self.pauses = []
        self.statements = 0
        bodies = [self.changes, self.changes, self.transactions, self.repeatable, self.others]
        self.threads = [
            threading.Thread(target=self.run, args=(body, number))
            for number, body in enumerate(bodies)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(0.3)
        return self

    def __exit__(self, *_):
        time.sleep(0.3)
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self.threads)

    def run(self, body, number):
        try:
            with connect(autocommit=True) as connection:
                body(connection, number, random.Random(number))
        except Exception as error:
            self.errors.append(repr(error))

    def next(self, fresh):
        self.fresh.append(fresh + 5)
        return fresh + 5

    def timed(self, connection, sql, parameters):
        started = time.monotonic()
        connection.execute(sql, parameters)
        self.pauses.append(time.monotonic() - started)
        self.statements += 1

    def change(self, connection, number, choice, fresh):
        # Rows of one writer have its number as remainder, also the unique values.
        key = choice.randrange(1, ROWS // 5) * 5 + number
        kind = choice.randrange(6)
        if kind == 0:
            self.timed(
                connection, "insert into online_t values (%s, %s, 'new', %s)",
                (fresh, choice.randrange(KEYS), fresh))
        elif kind == 1:
            self.timed(connection, "delete from online_t where id = %s", (key,))
        elif kind == 5:
            # One that was deleted comes back with another key.
            self.timed(
                connection, "insert into online_t values (%s, %s, 'again', %s)"
                " on conflict (id) do nothing", (key, choice.randrange(KEYS), fresh))
        elif kind == 2:
            self.timed(connection, "update online_t set b = b || '.' where id = %s", (key,))
        elif kind == 3:
            self.timed(
                connection, "update online_t set u = %s, a = a + 1 where id = %s", (fresh, key))
        else:
            self.timed(
                connection, "update online_t set a = %s where id = %s",
                (choice.randrange(KEYS), key))

    def changes(self, connection, number, choice):
        fresh = self.first + number
        while not self.stopping.is_set():
            fresh = self.next(fresh)
            self.change(connection, number, choice, fresh)

    def transactions(self, connection, number, choice):
        fresh = self.first + number
        while not self.stopping.is_set():
            connection.execute("begin")
            for _ in range(4):
                fresh = self.next(fresh)
                self.change(connection, number, choice, fresh)
            if choice.random() < 0.5:
                connection.execute("savepoint s")
                fresh = self.next(fresh)
                self.change(connection, number, choice, fresh)
                connection.execute("rollback to s")
            connection.execute("rollback" if choice.random() < 0.3 else "commit")

    def repeatable(self, connection, number, choice):
        fresh = self.first + number
        while not self.stopping.is_set():
            connection.execute("begin isolation level repeatable read")
            connection.execute("select count(*) from online_other")
            time.sleep(0.01)
            for _ in range(3):
                fresh = self.next(fresh)
                self.change(connection, number, choice, fresh)
            connection.execute("commit")

    def others(self, connection, number, choice):
        while not self.stopping.is_set():
            self.timed(
                connection, "update online_other set n = n + 1 where id = %s",
                (choice.randrange(1, 21),))


def by_index(connection, column, low=-1, high=2_000_000_000):
    """What the index has, whole: also entries that lead to rows twice."""
    sql = (f"select {column}, id from online_t where {column} >= {low} and {column} <= {high}"
           f" order by {column}")
    connection.execute("set enable_seqscan = off")
    plan = "\n".join(row[0] for row in connection.execute("explain " + sql).fetchall())
    assert "online_i" in plan or "online_a" in plan, plan
    return sorted(connection.execute(sql).fetchall())


def agree(connection, column, fresh=()):
    rows = connection.execute(f"select {column}, id from online_t").fetchall()
    if column == "u":
        return agree_unique(connection, rows, fresh)
    assert by_index(connection, column) == sorted(rows)
    for key in range(0, KEYS, 7):
        found = connection.execute(
            f"select id from online_t where {column} = %s", (key,)).fetchall()
        assert sorted(row[0] for row in found) == sorted(id for value, id in rows if value == key)


def agree_unique(connection, rows, fresh):
    """Each key by itself; and keys that no row has are free."""
    connection.execute("set enable_seqscan = off")
    plan = connection.execute("explain select id from online_t where u = 5").fetchall()
    assert any("online_i" in row[0] for row in plan), plan
    keys = [row[0] for row in rows]
    found = []
    for start in range(0, len(keys), 500):
        wanted = ", ".join(str(key) for key in keys[start:start + 500])
        found += connection.execute(
            f"select u, id from online_t where u in ({wanted})").fetchall()
    assert sorted(found) == sorted(rows)
    free = sorted((set(range(1, ROWS + 1)) | set(fresh)) - set(keys))
    connection.execute("begin")
    try:
        connection.execute(
            "insert into online_t select 100000000 + g, 0, '', g from unnest(%s::int[]) g", (free,))
    finally:
        connection.execute("rollback")


def is_valid(connection, name):
    return connection.execute(
        "select indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where c.relname = %s", (name,)).fetchone()


@pytest.mark.parametrize("column, kind", [("a", ""), ("u", "unique")])
def test_writers_go_on_while_an_index_is_built(tables, column, kind):
    # More rows than the writers change, so that the build takes its time.
    tables.execute(
        f"insert into online_t select i, i % {KEYS}, '', i"
        f" from generate_series(10000001, {10000000 + 2 * ROWS}) i")
    with Writers() as writers:
        before = len(writers.pauses)
        started = time.monotonic()
        tables.execute(
            f"create {kind} index concurrently online_i on online_t ({column})")
        duration = time.monotonic() - started
        during = writers.pauses[before:]
    assert writers.errors == []
    assert len(during) > 20
    print(f"build {duration:.2f} s, longest pause {max(during):.3f} s of {len(during)}")
    # PostgreSQL is so fast that its build is no measure.
    assert max(during) < max(duration / 2, 1)
    assert is_valid(tables, "online_i") == (True,)
    agree(tables, column, writers.fresh)


@pytest.mark.parametrize("column, kind", [("a", ""), ("u", "unique")])
def test_an_index_that_was_built_is_kept_up(tables, column, kind):
    tables.execute(f"create {kind} index concurrently online_i on online_t ({column})")
    with Writers() as writers:
        time.sleep(0.5)
    assert writers.errors == []
    agree(tables, column, writers.fresh)


def test_builds_and_other_changes_of_the_table_at_once(tables):
    failures = []
    indexes = {"online_i": "create unique index concurrently online_i on online_t (u)",
               "online_a": "create index concurrently online_a on online_t (a)"}

    def build(*names):
        try:
            with connect(autocommit=True) as connection:
                for name in names:
                    while True:
                        try:
                            connection.execute(indexes[name])
                            break
                        except psycopg.errors.DeadlockDetected:
                            # PostgreSQL's builds meet other changes of the table, and each other.
                            assert not is_ours()
                            connection.execute(f"drop index if exists {name}")
        except Exception as error:
            failures.append(error)

    with Writers() as writers:
        builders = [threading.Thread(target=build, args=(name,)) for name in indexes]
        for builder in builders:
            builder.start()
        for change in [
                "add column c int default 1", "alter b type varchar(300)", "drop column c",
                "alter a set default 5", "alter b type text"]:
            tables.execute(f"alter table online_t {change}")
            time.sleep(0.05)
        for builder in builders:
            builder.join(60)
    assert failures == []
    assert writers.errors == []
    agree(tables, "u", writers.fresh)
    agree(tables, "a")


@pytest.mark.parametrize("column, kind", [("a", ""), ("u", "unique")])
def test_plain_create_index_among_writers(tables, column, kind):
    with Writers() as writers:
        tables.execute(f"create {kind} index online_i on online_t ({column})")
    if not is_ours():
        # PostgreSQL locks the table, so its REPEATABLE READ writers may have met each other.
        writers.errors = [error for error in writers.errors if "Serialization" not in error]
    assert writers.errors == []
    agree(tables, column, writers.fresh)


def test_partial_and_expression_indexes_among_writers(tables):
    with Writers() as writers:
        tables.execute("create index concurrently online_p on online_t (a) where b like 'text%'")
        tables.execute("create index concurrently online_i on online_t (u desc, a)")
        tables.execute("create index concurrently online_e on online_t ((a + u))")
    assert writers.errors == []
    rows = tables.execute("select u, id from online_t").fetchall()
    assert by_index(tables, "u") == sorted(rows)


@pytest.mark.parametrize(
    "options", ["", pytest.param("with (distributed_by = 'globally')", marks=pytest.mark.skipif(
        not is_ours(), reason="Quatrain's own"))])
@pytest.mark.parametrize("column, kind", [("a", ""), ("u", "unique")])
def test_other_kinds_of_tables(tables, column, kind, options):
    tables.execute("drop table online_t")
    key = "id int" if options == "" else "id int primary key"
    tables.execute(f"create table online_t ({key}, a int, b text, u int not null) {options}")
    tables.execute(
        f"insert into online_t select i, i % {KEYS}, '', i from generate_series(1, 1000) i")
    stopping = threading.Event()
    errors = []

    def write():
        try:
            with connect(autocommit=True) as connection:
                for fresh in range(2_000_000, 3_000_000):
                    if stopping.is_set():
                        return
                    connection.execute(
                        "update online_t set u = %s, a = a + 1 where id = %s",
                        (fresh, fresh % 1000))
                    connection.execute("delete from online_t where id = %s", (fresh * 7 % 1000,))
                    connection.execute(
                        "insert into online_t values (%s, 5, '', %s)", (fresh, -fresh))
        except Exception as error:
            errors.append(repr(error))

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.2)
    tables.execute(f"create {kind} index concurrently online_i on online_t ({column})")
    time.sleep(0.2)
    stopping.set()
    writer.join(30)
    assert errors == []
    agree(tables, column)


def test_an_open_transaction_delays_the_build_and_nobody_else(tables):
    with connect() as open_, connect(autocommit=True) as other:
        open_.execute("update online_t set a = 100000, u = 999999 where id = 7")
        open_.execute("delete from online_t where id = 8")
        open_.execute("insert into online_t values (999999, 100000, 'open', 999998)")
        done = threading.Event()
        failures = []

        def build():
            try:
                with connect(autocommit=True) as connection:
                    connection.execute("create unique index concurrently online_i on online_t (u)")
            except Exception as error:
                failures.append(error)
            done.set()

        builder = threading.Thread(target=build)
        builder.start()
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            started = time.monotonic()
            other.execute("update online_t set a = a + 1 where id = 20")
            other.execute("select * from online_t where id = 7").fetchall()
            assert time.monotonic() - started < 0.5
        assert not done.is_set()
        open_.commit()
        builder.join(60)
        assert done.is_set() and failures == []
    agree(tables, "u")
    assert tables.execute("select id from online_t where u = 999999").fetchall() == [(7,)]


def test_duplicates_end_the_build(tables):
    tables.execute("update online_t set u = 1 where id = 9000")
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        tables.execute("create unique index online_i on online_t (u)")
    assert caught.value.diag.message_primary == 'could not create unique index "online_i"'
    assert caught.value.diag.message_detail == "Key (u)=(1) is duplicated."
    assert caught.value.diag.constraint_name == "online_i"
    assert is_valid(tables, "online_i") is None
    tables.execute("insert into online_t values (-1, 0, '', 1)")
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        tables.execute("create unique index concurrently online_i on online_t (u)")
    assert caught.value.diag.message_primary == 'could not create unique index "online_i"'
    tables.execute("drop index if exists online_i")
    tables.execute("delete from online_t where id in (-1, 9000)")
    tables.execute("create unique index concurrently online_i on online_t (u)")
    agree(tables, "u")
    with pytest.raises(psycopg.errors.UniqueViolation):
        tables.execute("insert into online_t values (-1, 0, '', 1)")


def test_duplicates_within_the_primary_key_of_the_index(tables):
    tables.execute("create unique index concurrently online_i on online_t (a, id)")
    agree(tables, "a")
    tables.execute("drop index online_i")
    with pytest.raises(psycopg.errors.UniqueViolation):
        tables.execute("create unique index online_i on online_t (a)")


def test_a_timeout_ends_the_build(tables):
    with connect() as open_:
        open_.execute("update online_t set a = 1 where id = 7")
        tables.execute("set statement_timeout = 400")
        with pytest.raises(psycopg.errors.QueryCanceled):
            tables.execute("create index concurrently online_i on online_t (a)")
        tables.execute("set statement_timeout = 0")
    assert is_valid(tables, "online_i") in [None, (False,)]
    assert tables.execute("select count(*) from online_t where a = 3").fetchone() == (ROWS // KEYS,)
    tables.execute("drop index if exists online_i")
    tables.execute("create index concurrently online_i on online_t (a)")
    agree(tables, "a")


def test_a_cancellation_ends_the_build(tables):
    with connect() as open_:
        open_.execute("update online_t set a = 1 where id = 7")
        timer = threading.Timer(0.4, tables.cancel)
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            tables.execute("create index concurrently online_i on online_t (a)")
    tables.execute("drop index if exists online_i")
    tables.execute("create index online_i on online_t (a)")
    agree(tables, "a")


def test_an_old_snapshot_does_not_miss_rows(tables):
    with connect() as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select count(*) from online_other")
        tables.execute("create index online_i on online_t (a)")
        tables.execute("create unique index online_i2 on online_t (u)")
        tables.execute("delete from online_t where id = 11")
        count = reader.execute("select count(*) from online_t where a = 11").fetchone()
        assert count == (ROWS // KEYS,)
        assert reader.execute("select id from online_t where u = 12").fetchall() == [(12,)]
        ordered = reader.execute(
            "select a, id from online_t where a > 490 and a < 493 order by a limit 3").fetchall()
        assert [row[0] for row in ordered] == [491, 491, 491]
        reader.execute("update online_t set a = 77777 where a = 13")
        reader.execute("update online_t set u = 77777 where u = 14")
        reader.execute("delete from online_t where id = 15")
        reader.commit()
    agree(tables, "a")
    agree(tables, "u")
    assert tables.execute("select count(*) from online_t where a = 77777").fetchone() == (ROWS // KEYS,)


def test_concurrently_is_refused_in_a_block(tables):
    tables.execute("begin")
    with pytest.raises(psycopg.errors.ActiveSqlTransaction) as caught:
        tables.execute("create index concurrently online_i on online_t (a)")
    assert caught.value.diag.message_primary == (
        "CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
    tables.execute("rollback")
    with pytest.raises(psycopg.errors.ActiveSqlTransaction):
        tables.execute("select 1; create index concurrently online_i on online_t (a)")
    with pytest.raises(psycopg.errors.ActiveSqlTransaction):
        tables.execute("create index concurrently online_i on online_t (a); select 1")


def test_in_a_block_it_is_private_until_commit(tables):
    tables.execute("begin")
    tables.execute("create index online_i on online_t (a)")
    tables.execute("rollback")
    assert is_valid(tables, "online_i") is None
    with pytest.raises(psycopg.errors.DivisionByZero):
        tables.execute("create index online_i on online_t (a); select 1 / 0")
    assert is_valid(tables, "online_i") is None
    tables.execute("begin")
    tables.execute("create index online_i on online_t (a)")
    tables.execute("commit")
    agree(tables, "a")


def waits_for_commit(tables, change, sql, parameters=()):
    """Runs the statement, which has to wait until the change of its table is committed."""
    outcome = []

    def run():
        try:
            with connect(autocommit=True) as connection:
                connection.execute(sql, parameters)
        except Exception as error:
            outcome.append(error)

    with connect() as changing:
        for statement in change:
            changing.execute(statement)
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive()
        changing.commit()
        thread.join(30)
    return outcome


def test_a_statement_that_waited_knows_the_new_schema(tables):
    insert = "insert into online_t values (%s, %s, '', %s)"
    assert waits_for_commit(
        tables, ["create index online_i on online_t (a)"], insert, (-5, 600, -5)) == []
    assert tables.execute("select id from online_t where a = 600").fetchall() == [(-5,)]
    agree(tables, "a")
    failed = waits_for_commit(
        tables, ["alter table online_t add constraint positive check (u > -10)"], insert,
        (-6, 0, -60))
    assert [type(error) for error in failed] == [psycopg.errors.CheckViolation]
    assert waits_for_commit(
        tables, ["alter table online_t add column more int default 4"], insert, (-7, 0, -7)) == []
    assert tables.execute("select more from online_t where id = -7").fetchall() == [(4,)]
    failed = waits_for_commit(
        tables, ["alter table online_t drop column u"], "update online_t set u = 1 where id = -7")
    assert [type(error) for error in failed] == [psycopg.errors.UndefinedColumn]


def test_changes_that_leave_the_rows_alone(tables):
    tables.execute(
        "create table online_parent (id int primary key, small smallint, n numeric(6,2),"
        " t timestamp(0), v varchar(3), w int, x int)")
    tables.execute("create index on online_parent (small)")
    tables.execute("create unique index on online_parent (x)")
    tables.execute(
        "insert into online_parent values (1, 7, 1.50, '2020-01-02 03:04:05', 'abc', 5, 6)")
    for change in [
            "add column plus int not null default 9", "add column text text default 'a' || 'b'",
            "alter small type int", "alter small type bigint", "alter n type numeric(10,2)",
            "alter n type numeric", "alter t type timestamp(3)", "alter t type timestamp",
            "alter v type varchar(10)", "alter v type text", "alter x type bigint",
            "rename column w to renamed", "alter renamed set default 3",
            "alter renamed set not null", "alter renamed drop not null",
            "alter renamed drop default", "drop column plus"]:
        tables.execute(f"alter table online_parent {change}")
    row = tables.execute(
        "select id, small, n::text, t::text, v, renamed, x, text from online_parent"
        " where small = 7 and x = 6").fetchall()
    assert row == [(1, 7, "1.50", "2020-01-02 03:04:05", "abc", 5, 6, "ab")]
    tables.execute(
        "insert into online_parent values"
        " (2, 10000000000, 123456789.123, '2020-01-02 03:04:05.123456', 'abcdef', 1, 10000000000)")
    assert tables.execute(
        "select n::text, t::text, v, x from online_parent where small = 10000000000").fetchall() == [
            ("123456789.123", "2020-01-02 03:04:05.123456", "abcdef", 10000000000)]
    assert tables.execute(
        "select id from online_parent where x = 10000000000").fetchall() == [(2,)]


def test_constraints_are_validated_while_writers_go_on(tables):
    tables.execute("create table online_parent (id int primary key)")
    tables.execute(f"insert into online_parent select i from generate_series(0, {KEYS * 2}) i")
    tables.execute("alter table online_t add constraint c check (u > 0) not valid")
    tables.execute(
        "alter table online_t add constraint f foreign key (a) references online_parent not valid")
    with Writers() as writers, connect() as open_:
        # It has written to the table and stays open: validation does not wait for it.
        open_.execute("update online_t set b = '' where id = 5")
        tables.execute("set lock_timeout = 2000")
        tables.execute("alter table online_t validate constraint c")
        tables.execute("alter table online_t validate constraint f")
        tables.execute("set lock_timeout = 0")
    assert writers.errors == []
    assert tables.execute(
        "select conname, convalidated from pg_constraint where conname in ('c', 'f')"
        " order by 1").fetchall() == [("c", True), ("f", True)]


def test_validation_finds_what_was_there_before(tables):
    tables.execute("create table online_parent (id int primary key)")
    tables.execute("insert into online_parent select i from generate_series(1, 10) i")
    tables.execute("alter table online_t add constraint c check (u < 100) not valid")
    tables.execute(
        "alter table online_t add constraint f foreign key (a) references online_parent not valid")
    with pytest.raises(psycopg.errors.CheckViolation):
        tables.execute("insert into online_t values (-1, 1, '', 1000)")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        tables.execute("insert into online_t values (-1, 100, '', 1)")
    with pytest.raises(psycopg.errors.CheckViolation):
        tables.execute("alter table online_t validate constraint c")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        tables.execute("alter table online_t validate constraint f")
    tables.execute("delete from online_t where u >= 100 or a not between 1 and 10")
    tables.execute("alter table online_t validate constraint c, validate constraint f")

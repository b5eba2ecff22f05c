"""psycopg: pipelines, cursors of the server, COPY, executemany, types, notifications."""

import datetime
import decimal
import threading
import uuid

import psycopg
import pytest
from conftest import connect
from psycopg import sql
from psycopg.rows import dict_row, namedtuple_row
from psycopg.types import TypeInfo
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import Jsonb


def count(connection, table):
    return connection.execute(f"select count(*) from {table}").fetchone()[0]


def test_pipeline(connection, table):
    with connection.pipeline():
        for i in range(50):
            connection.execute(f"insert into {table} (id, name) values (%s, %s)", (i, f"n{i}"))
        found = connection.execute(f"select sum(id) from {table}")
    assert found.fetchone() == (1225,)


def test_an_error_in_a_pipeline_ends_it_till_its_sync(connection, table):
    with pytest.raises(psycopg.errors.UniqueViolation):
        with connection.pipeline() as pipeline:
            connection.execute(f"insert into {table} (id, name) values (1, 'a')")
            pipeline.sync()
            connection.execute(f"insert into {table} (id, name) values (2, 'b')")
            connection.execute(f"insert into {table} (id, name) values (1, 'a')")
            connection.execute(f"insert into {table} (id, name) values (3, 'c')")
    assert connection.execute(f"select id from {table}").fetchall() == [(1,)]


def test_transactions_in_a_pipeline(table):
    with connect() as connection:
        with connection.pipeline(), connection.transaction():
            connection.execute(f"insert into {table} (id, name) values (1, 'a')")
            with connection.transaction(force_rollback=True):
                connection.execute(f"insert into {table} (id, name) values (2, 'b')")
        connection.commit()
        assert connection.execute(f"select id from {table}").fetchall() == [(1,)]


def test_executemany(connection, table):
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {table} (id, name) values (%s, %s) returning id",
            [(i, "x") for i in range(20)], returning=True)
        seen = []
        while True:
            seen.append(cursor.fetchone()[0])
            if not cursor.nextset():
                break
        assert seen == list(range(20))
        cursor.executemany(f"update {table} set name = %s where id < %s", [("a", 5), ("b", 3)])
        assert cursor.rowcount == 8
        with pytest.raises(psycopg.errors.UniqueViolation):
            cursor.executemany(f"insert into {table} (id, name) values (%s, 'x')", [(30,), (1,), (31,)])
    assert count(connection, table) == 20


def test_server_cursor(table):
    with connect() as connection:
        connection.execute(f"insert into {table} (id, name) select i, 'x' from generate_series(1, 100) i")
        with connection.cursor(name="c", scrollable=True) as cursor:
            cursor.itersize = 7
            cursor.execute(f"select id from {table} where id > %s order by id", (10,))
            assert cursor.fetchone() == (11,)
            assert cursor.fetchmany(2) == [(12,), (13,)]
            cursor.scroll(10)
            assert cursor.fetchone() == (24,)
            cursor.scroll(-3)
            assert cursor.fetchone() == (22,)
            cursor.scroll(0, mode="absolute")
            assert [row[0] for row in cursor] == list(range(11, 101))
        with connection.cursor(name="held", withhold=True) as held:
            held.execute(f"select id from {table} order by id")
            connection.commit()
            connection.execute(f"delete from {table}")
            assert len(held.fetchall()) == 100


def test_copy(connection, table):
    now = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    with connection.cursor() as cursor:
        with cursor.copy(f"copy {table} (id, name, at) from stdin") as copy:
            copy.write_row((1, "tab\tnew\nline\\", now))
            copy.write_row((2, "x", None))
        assert cursor.rowcount == 2
        with cursor.copy(f"copy {table} (id, name, amount) from stdin (format binary)") as copy:
            copy.set_types(["int4", "text", "numeric"])
            copy.write_row((3, "y", decimal.Decimal("1.25")))
        with cursor.copy(f"copy (select id, name, at from {table} order by id) to stdout (format binary)") as copy:
            copy.set_types(["int4", "text", "timestamptz"])
            assert list(copy.rows()) == [(1, "tab\tnew\nline\\", now), (2, "x", None), (3, "y", None)]
        with cursor.copy(f"copy {table} (id, name) to stdout (format csv, header)") as copy:
            assert bytes(b"".join(copy)).startswith(b'id,name\n1,"tab\tnew\nline\\"\n')
        with pytest.raises(ZeroDivisionError):
            with cursor.copy(f"copy {table} (id, name) from stdin") as copy:
                copy.write_row((9, "z"))
                raise ZeroDivisionError
        with pytest.raises(psycopg.errors.BadCopyFileFormat):
            with cursor.copy(f"copy {table} (id, name) from stdin") as copy:
                copy.write("1\n")
    assert count(connection, table) == 3


@pytest.mark.parametrize("binary", [False, True])
def test_types(connection, binary):
    values = [
        1, 1 << 40, -1.5, True, "text", b"\0\xff", decimal.Decimal("1.500"), uuid.UUID(int=9),
        datetime.date(2024, 2, 29), datetime.time(1, 2, 3), datetime.datetime(2024, 1, 2, 3, 4),
        datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), datetime.timedelta(days=-3, seconds=4),
        [1, 2, None], [[1], [2]], [decimal.Decimal("2.50")], None,
    ]
    with connection.cursor(binary=binary) as cursor:
        for value in values:
            assert cursor.execute("select %s", (value,)).fetchone() == (value,)
            assert cursor.execute("select %b" if value is not None else "select %t", (value,)).fetchone() == (value,)
        texts = ["a", 'b,"{}', None, ""]
        assert cursor.execute("select %s::text[]", (texts,)).fetchone() == (texts,)
        assert cursor.execute("select %s", (Jsonb({"a": [1, None]}),)).fetchone() == ({"a": [1, None]},)


def test_types_of_the_catalog(connection):
    connection.execute("drop schema if exists conformance_psycopg cascade")
    connection.execute("create schema conformance_psycopg")
    try:
        connection.execute("create type conformance_psycopg.mood as enum ('sad', 'glad')")
        mood = EnumInfo.fetch(connection, "conformance_psycopg.mood")
        assert mood.labels == ["sad", "glad"]
        register_enum(mood, connection)
        assert connection.execute("select 'sad'::conformance_psycopg.mood").fetchone()[0].name == "sad"
        assert TypeInfo.fetch(connection, "text").array_oid == 1009
        assert TypeInfo.fetch(connection, "no_such_type") is None
    finally:
        connection.execute("drop schema conformance_psycopg cascade")


def test_composite_types(connection):
    connection.execute("drop schema if exists conformance_psycopg cascade")
    connection.execute("create schema conformance_psycopg")
    try:
        connection.execute("create type conformance_psycopg.pair as (a int, b text)")
        pair = CompositeInfo.fetch(connection, "conformance_psycopg.pair")
        assert pair.field_names == ("a", "b")
        register_composite(pair, connection)
        assert tuple(connection.execute("select (1, 'x')::conformance_psycopg.pair").fetchone()[0]) == (1, "x")
        value = pair.python_type(7, 'q "r", ')
        for sign in ("%s", "%b", "%t"):
            for binary in (False, True):
                query = f"select {sign}::conformance_psycopg.pair"
                assert tuple(connection.execute(query, (value,), binary=binary).fetchone()[0]) == (7, 'q "r", ')
    finally:
        connection.execute("drop schema conformance_psycopg cascade")


def test_rows_and_composed_statements(connection, table):
    query = sql.SQL("insert into {} ({}) values ({}) returning *").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, ["id", "name"])),
        sql.SQL(", ").join([sql.Literal(5), sql.Literal("it's")]))
    with connection.cursor(row_factory=dict_row) as cursor:
        assert cursor.execute(query).fetchone() == {
            "id": 5, "name": "it's", "amount": decimal.Decimal("1.50"), "ok": None, "at": None}
        assert [(c.name, c.type_code, c.precision, c.scale) for c in cursor.description][:3] == [
            ("id", 23, None, None), ("name", 25, None, None), ("amount", 1700, 10, 2)]
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        assert cursor.execute(f"select id, name from {table}").fetchone().name == "it's"


def test_statements_become_prepared(connection, table):
    for i in range(10):
        connection.execute(f"insert into {table} (id, name) values (%s, %s)", (i, "x"))
    assert connection.execute("select count(*) from pg_prepared_statements").fetchone()[0] == 1
    connection.execute("deallocate all")
    connection.execute(f"insert into {table} (id, name) values (%s, %s)", (20, "x"), prepare=True)
    assert count(connection, table) == 11


def test_several_statements_at_once(connection, table):
    cursor = connection.execute(f"insert into {table} (id, name) values (1, 'a'); select id from {table}; select 'x'")
    assert cursor.rowcount == 1
    assert cursor.nextset() and cursor.fetchall() == [(1,)]
    assert cursor.nextset() and cursor.fetchall() == [("x",)]
    assert not cursor.nextset()


def test_errors_carry_their_fields(connection, table):
    connection.execute(f"insert into {table} (id, name) values (1, 'a')")
    with pytest.raises(psycopg.errors.UniqueViolation) as raised:
        connection.execute(f"insert into {table} (id, name) values (1, 'a')")
    fields = raised.value.diag
    assert (fields.schema_name, fields.table_name, fields.constraint_name) == ("public", table, f"{table}_pkey")
    assert fields.message_detail == "Key (id)=(1) already exists."
    with pytest.raises(psycopg.errors.NotNullViolation) as raised:
        connection.execute(f"insert into {table} (id) values (2)")
    assert (raised.value.diag.table_name, raised.value.diag.column_name) == (table, "name")
    with pytest.raises(psycopg.errors.UndefinedColumn) as raised:
        connection.execute(f"select nothing from {table}")
    assert raised.value.diag.statement_position == "8"


def test_notices_and_notifications(connection):
    notices = []
    connection.add_notice_handler(lambda notice: notices.append((notice.severity, notice.sqlstate)))
    connection.execute("drop table if exists conformance_not_there")
    assert notices == [("NOTICE", "00000")]
    connection.execute("listen conformance_psycopg")
    with connect(autocommit=True) as other:
        other.execute("notify conformance_psycopg, 'hello'")
        assert [(n.channel, n.payload, n.pid) for n in connection.notifies(timeout=5, stop_after=1)] == [
            ("conformance_psycopg", "hello", other.info.backend_pid)]


def test_cancel(connection):
    timer = threading.Timer(0.2, connection.cancel_safe)
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("select pg_sleep(20)")
    timer.join()
    connection.execute("set statement_timeout = 100")
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("select pg_sleep(20)")


def test_two_phase_commit_is_as_the_settings_say(connection):
    assert connection.execute("show max_prepared_transactions").fetchone() == ("0",)


def test_temporary_tables(connection):
    connection.execute("create temp table conformance_temporary (id int) on commit preserve rows")
    connection.execute("insert into conformance_temporary values (1)")
    with connect() as other, pytest.raises(psycopg.errors.UndefinedTable):
        other.execute("select * from conformance_temporary")


def test_status_of_the_connection(connection):
    info = connection.info
    assert info.parameter_status("integer_datetimes") == "on"
    assert info.parameter_status("standard_conforming_strings") == "on"
    assert info.encoding == "utf-8"
    assert info.server_version // 10000 >= 15
    with connect(options="-c search_path=pg_catalog -c timezone=Asia/Tokyo", application_name="named") as other:
        assert other.execute("show search_path").fetchone() == ("pg_catalog",)
        assert other.info.parameter_status("TimeZone") == "Asia/Tokyo"
        assert other.info.parameter_status("application_name") == "named"

"""asyncpg: binary formats, types it asks the catalog for, COPY, cursors, pools, notifications."""

import asyncio
import datetime
import decimal
import functools
import uuid

import asyncpg
import pytest
from conftest import DATABASE, HOST, PORT, USER, missing

OPTIONS = {"host": HOST, "port": PORT, "user": USER, "database": DATABASE}
SCHEMA = "conformance_asyncpg"


def session(test):
    """Runs a coroutine with a connection whose schema is a fresh one."""

    @functools.wraps(test)
    def run():
        async def body():
            connection = await asyncpg.connect(**OPTIONS, timeout=20)
            try:
                await connection.execute(f"drop schema if exists {SCHEMA} cascade")
                await connection.execute(f"create schema {SCHEMA}")
                await connection.execute(f"set search_path = {SCHEMA}, public")
                await asyncio.wait_for(test(connection), 60)
            finally:
                await connection.execute(f"drop schema if exists {SCHEMA} cascade")
                await connection.close()

        asyncio.run(body())

    del run.__wrapped__
    return run


@session
async def test_types_of_the_catalog(connection):
    await connection.execute("create type mood as enum ('sad', 'ok', 'glad')")
    await connection.execute("create domain positive as int check (value > 0)")
    await connection.execute("create table t (id positive primary key, m mood, n int[][])")
    row = await connection.fetchrow("insert into t values ($1, $2, $3) returning *", 1, "ok", [[1, 2], [3, 4]])
    assert tuple(row) == (1, "ok", [[1, 2], [3, 4]])
    assert await connection.fetchval("select id from t where m = $1", "ok") == 1
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("insert into t values ($1)", -1)
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await connection.execute("insert into t values (2, $1)", "mad")


@session
async def test_arrays_of_enums(connection):
    await connection.execute("create type mood as enum ('sad', 'ok', 'glad')")
    await connection.execute("create table t (ms mood[])")
    assert await connection.fetchval("insert into t values ($1) returning ms", ["sad", "glad"]) == ["sad", "glad"]
    assert await connection.fetchval("select 1 from t where $1 = any(ms)", "glad") == 1


@missing("the type point")
@session
async def test_composite_types(connection):
    await connection.execute("create type place as (name text, at point, floor int)")
    row = await connection.fetchrow("select ('here', '(1,2)', 3)::place as p")
    assert tuple(row["p"]) == ("here", asyncpg.Point(1, 2), 3)


@session
async def test_values_of_each_type(connection):
    now = datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, datetime.timezone.utc)
    values = [
        ("int2", -3), ("int4", 70000), ("int8", 1 << 40), ("float4", 1.5), ("float8", -2.25), ("bool", True),
        ("text", "žluť"), ("varchar", "v"), ("bytea", b"\0\xff"), ("uuid", uuid.UUID(int=7)),
        ("numeric", decimal.Decimal("-12345.6789")), ("date", now.date()), ("timestamptz", now),
        ("timestamp", now.replace(tzinfo=None)), ("time", now.time()), ("json", '{"a": 1}'),
        ("jsonb", '{"a": [1, null]}'), ("interval", datetime.timedelta(days=2, seconds=5)),
        ("int8[]", [1, None, 3]), ("text[]", ["a", None, ""]), ("numeric[]", [decimal.Decimal("1.10")]),
    ]
    for name, value in values:
        assert await connection.fetchval(f"select $1::{name}", value) == value, name
        assert await connection.fetchval(f"select $1::{name}", None) is None


@session
async def test_codec_of_a_type(connection):
    import json

    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    assert await connection.fetchval("select $1::jsonb -> 'a'", {"a": [1, 2]}) == [1, 2]


@session
async def test_copy(connection):
    await connection.execute("create table t (id int primary key, name text, at timestamptz, n numeric)")
    now = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
    records = [(i, f"n{i}" if i % 3 else None, now, decimal.Decimal(i) / 4) for i in range(500)]
    assert await connection.copy_records_to_table("t", records=records, schema_name=SCHEMA) == "COPY 500"
    assert [tuple(r) for r in await connection.fetch("select * from t order by id")] == records
    await connection.execute("create table u (id int, name text)")
    await connection.copy_records_to_table("u", records=[(1, "a")], columns=["id", "name"])
    chunks = []

    async def output(data):
        chunks.append(data)

    assert await connection.copy_from_query(
        "select id, name from t where id < $1 order by id", 3, output=output, format="csv") == "COPY 3"
    assert b"".join(chunks) == b"0,\n1,n1\n2,n2\n"
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.copy_records_to_table("t", records=records[:1])
    assert await connection.fetchval("select count(*) from t") == 500


@session
async def test_cursors(connection):
    async with connection.transaction():
        cursor = await connection.cursor("select generate_series(1, $1::int)", 100)
        assert [r[0] for r in await cursor.fetch(3)] == [1, 2, 3]
        assert await cursor.forward(10) == 10
        assert (await cursor.fetchrow())[0] == 14
        assert len(await cursor.fetch(1000)) == 86
        assert await cursor.fetchrow() is None
        statement = await connection.prepare("select generate_series(1, 7)")
        assert [r[0] async for r in statement.cursor(prefetch=2)] == list(range(1, 8))


@session
async def test_prepared_statement(connection):
    await connection.execute("create table t (id int primary key, name varchar(10))")
    statement = await connection.prepare("select id, name as other from t where id = $1")
    assert [p.name for p in statement.get_parameters()] == ["int4"]
    assert [(a.name, a.type.name) for a in statement.get_attributes()] == [
        ("id", "int4"), ("other", "varchar")]
    assert statement.get_statusmsg() is None
    assert await statement.fetch(1) == []
    await connection.execute("alter table t add column more int")
    assert await connection.fetch("select * from t") == []
    # A plan that became another one: the client throws its own away and tries once more.
    await connection.execute("insert into t values (1, 'a', 2)")
    await connection.execute("alter table t drop column more")
    assert tuple((await connection.fetch("select * from t"))[0]) == (1, "a")


@session
async def test_nested_transactions(connection):
    await connection.execute("create table t (id int primary key)")
    with pytest.raises(ZeroDivisionError):
        async with connection.transaction():
            await connection.execute("insert into t values (1)")
            with pytest.raises(asyncpg.UniqueViolationError):
                async with connection.transaction():
                    await connection.execute("insert into t values (1)")
            assert await connection.fetchval("select count(*) from t") == 1
            raise ZeroDivisionError
    assert await connection.fetchval("select count(*) from t") == 0
    async with connection.transaction(isolation="serializable", readonly=True, deferrable=True):
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("insert into t values (1)")


@session
async def test_executemany_is_one_transaction(connection):
    await connection.execute("create table t (id int primary key)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.executemany("insert into t values ($1)", [(1,), (2,), (1,)])
    assert await connection.fetchval("select count(*) from t") == 0
    rows = await connection.fetchmany("insert into t values ($1) returning id", [(5,), (6,)])
    assert [r[0] for r in rows] == [5, 6]


@session
async def test_pool_resets_its_connections(connection):
    async with asyncpg.create_pool(**OPTIONS, min_size=1, max_size=1) as pool:
        async with pool.acquire() as taken:
            await taken.execute("set search_path = pg_catalog")
            await taken.execute("begin")
            await taken.execute("listen conformance_channel")
            await taken.execute("commit")
            process = taken.get_server_pid()
        async with pool.acquire() as taken:
            assert taken.get_server_pid() == process
            assert "public" in await taken.fetchval("show search_path")
            assert await taken.fetch("select pg_listening_channels()") == []


@session
async def test_notifications(connection):
    heard = asyncio.Queue()
    await connection.add_listener("conformance_asyncpg", lambda *event: heard.put_nowait(event))
    other = await asyncpg.connect(**OPTIONS)
    try:
        process = other.get_server_pid()
        await other.execute("notify conformance_asyncpg, 'first'")
        async with other.transaction():
            await other.execute("select pg_notify('conformance_asyncpg', $1)", "second")
            await asyncio.sleep(0.1)
            assert heard.qsize() == 1
        for payload in ("first", "second"):
            event = await asyncio.wait_for(heard.get(), 5)
            assert event[1:] == (process, "conformance_asyncpg", payload)
    finally:
        await other.close()
        await connection.remove_listener("conformance_asyncpg", lambda *event: None)
    await connection.reset()


@session
async def test_a_query_is_cancelled(connection):
    with pytest.raises(asyncio.TimeoutError):
        await connection.fetch("select pg_sleep(20)", timeout=0.2)
    assert await connection.fetchval("select 1") == 1

"""Other clients than psycopg: psql, asyncpg (binary, Describe and Flush), pg8000."""

import asyncio
import subprocess

import asyncpg
import pg8000.native
from conftest import DATABASE, HOST, PORT, USER


def test_psql(table):
    run = subprocess.run(
        ["psql", "-X", "-At", "-h", HOST, "-p", PORT, "-U", USER, DATABASE],
        input=f"insert into {table} values (1, 'a');\n\\echo --\nselect * from {table};\n"
        "begin;\nselect 1/0;\nrollback;\nselect 2;\n",
        capture_output=True, text=True, timeout=30, check=True)
    assert run.stdout.splitlines() == ["INSERT 0 1", "--", "1|a|1.50||", "BEGIN", "ROLLBACK", "2"]
    assert "division by zero" in run.stderr


def test_asyncpg(table):
    async def session():
        connection = await asyncpg.connect(host=HOST, port=PORT, user=USER, database=DATABASE)
        try:
            await connection.executemany(
                f"insert into {table} (id, name, ok) values ($1, $2, $3)",
                [(i, f"n{i}", i % 2 == 0) for i in range(20)])
            async with connection.transaction():
                row = await connection.fetchrow(f"select * from {table} where id = $1", 7)
            assert (row["name"], row["ok"]) == ("n7", False)
            async with connection.transaction():
                seen = [r["id"] async for r in connection.cursor(
                    f"select id from {table} order by id", prefetch=3)]
            assert seen == list(range(20))
        finally:
            await connection.close()

    asyncio.run(session())


def test_pg8000(table):
    connection = pg8000.native.Connection(USER, host=HOST, port=int(PORT), database=DATABASE)
    connection.run(f"insert into {table} (id, name) values (:id, :name)", id=1, name="x")
    assert connection.run(f"select id, name from {table} where id = :id", id=1) == [[1, "x"]]
    connection.close()

"""What psql, pg_dump, JDBC, Django, SQLAlchemy and the drivers ask of the catalogs, as they sent it:
each query gives the columns, with their types, or the error code, that PostgreSQL 15 gives.

`QUATRAIN_TARGET=… python test_captures.py` writes the expectations again, from a server that is
PostgreSQL.
"""

import pathlib
import re

import psycopg
import pytest
from conftest import connect

FOLDER = pathlib.Path(__file__).parent / "captures"
SCHEMA = "conformance_app"
OBJECTS = f"""
    drop schema if exists {SCHEMA} cascade;
    create schema {SCHEMA};
    create table {SCHEMA}.customers (id bigserial primary key, name text not null, email text unique,
        created timestamptz default now(), meta jsonb, tags text[]);
    create table {SCHEMA}.orders (id uuid primary key default gen_random_uuid(),
        customer_id bigint references {SCHEMA}.customers (id), amount numeric(12,2) check (amount > 0),
        ts timestamp);
    create index on {SCHEMA}.orders (ts);
    create view {SCHEMA}.v as select * from {SCHEMA}.orders;
"""


# aclitem[] may be text[], and anyarray text: clients read either as text.
STAND_INS = {1034: 1009, 2277: 25}


def queries():
    """Pairs of the client's step and its query."""
    parts = re.split(r"^-- # (.*)$", (FOLDER / "queries.sql").read_text(), flags=re.M)[1:]
    return [(step, query.strip()) for step, query in zip(parts[::2], parts[1::2])]


def opened():
    connection = connect(autocommit=True, options=f"-c search_path={SCHEMA},public")
    connection.execute(OBJECTS)
    return connection


def answer(connection, query):
    try:
        cursor = connection.execute(query)
    except psycopg.Error as error:
        return error.sqlstate
    return " ".join(f"{c.name}:{STAND_INS.get(c.type_code, c.type_code)}" for c in cursor.description)


QUERIES = queries()


@pytest.fixture(scope="module")
def schema():
    with opened() as connection:
        yield connection
        connection.execute(f"drop schema {SCHEMA} cascade")


def pytest_generate_tests(metafunc):
    if "expected" in metafunc.fixturenames:
        lines = (FOLDER / "queries.expected").read_text().splitlines()
        assert len(lines) == len(QUERIES)
        metafunc.parametrize(
            ("query", "expected"), [(query, line) for (_, query), line in zip(QUERIES, lines)],
            ids=[f"{n}-{step.replace(' ', '-')}" for n, (step, _) in enumerate(QUERIES)])


def test_answer(schema, query, expected):
    assert answer(schema, query) == expected, query


if __name__ == "__main__":
    with opened() as made:
        (FOLDER / "queries.expected").write_text(
            "".join(answer(made, query) + "\n" for _, query in QUERIES))
        made.execute(f"drop schema {SCHEMA} cascade")

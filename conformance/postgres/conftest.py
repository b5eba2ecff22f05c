"""Black box: QUATRAIN_TARGET=host:port says which server is asked, ours or PostgreSQL itself."""

import os

import psycopg
import pytest

HOST, PORT = os.environ["QUATRAIN_TARGET"].rsplit(":", 1)
USER = os.environ.get("QUATRAIN_USER", "quatrain")
DATABASE = os.environ.get("QUATRAIN_DATABASE", "quatrain")


def connect(**options):
    return psycopg.connect(host=HOST, port=PORT, user=USER, dbname=DATABASE, **options)


def is_ours():
    with connect() as opened:
        return "Quatrain" in opened.execute("select version()").fetchone()[0]


def missing(reason):
    """A test of what Quatrain does not have yet; PostgreSQL passes it."""
    return pytest.mark.xfail(is_ours(), reason=reason, strict=True)


@pytest.fixture
def connection():
    with connect(autocommit=True) as opened:
        yield opened


@pytest.fixture
def table(connection):
    """A fresh table; its name."""
    name = "conformance_t"
    connection.execute(f"drop table if exists {name}")
    connection.execute(
        f"create table {name} (id int primary key, name text not null, amount numeric(10,2)"
        " default 1.5, ok boolean, at timestamptz)"
    )
    yield name
    connection.execute(f"drop table if exists {name}")

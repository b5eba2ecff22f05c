"""cqlsh: DESCRIBE, SELECT, COPY both ways."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import CQL, KEYSPACE, address


@pytest.fixture
def cqlsh(cql):
    program = shutil.which("cqlsh", path=str(Path(sys.executable).parent)) or shutil.which("cqlsh")
    if program is None:
        pytest.skip("cqlsh is not there")

    def run(*statements):
        host, port = address(CQL)
        done = subprocess.run(
            [program, host, str(port), "-e", "; ".join(statements)], capture_output=True, text=True, timeout=60)
        errors = [line for line in done.stderr.splitlines() if line and "WARNING" not in line]
        return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("WARNING")), errors

    return run


def test_describe(cqlsh, table):
    name = table("p int, c text, s int static, v map<text, int>, PRIMARY KEY (p, c)", "WITH CLUSTERING ORDER BY (c DESC) AND comment = 'it''s'")
    out, errors = cqlsh(f"DESCRIBE TABLE {name}")
    assert not errors
    assert f"CREATE TABLE {name} (" in out and "s int static" in out and "comment = 'it''s'" in out
    assert "WITH CLUSTERING ORDER BY (c DESC)" in out
    out, errors = cqlsh("DESCRIBE KEYSPACES", "DESCRIBE CLUSTER", f"DESCRIBE KEYSPACE {KEYSPACE}", "LIST ROLES")
    assert not errors
    assert KEYSPACE in out and "Murmur3Partitioner" in out and "quatrain" in out
    # What is described can be made again.
    text = cqlsh(f"DESCRIBE TABLE {name}")[0].replace(name, name + "b")
    out, errors = cqlsh(text.strip().rstrip(";"), f"SELECT * FROM {name}b")
    assert not errors and "(0 rows)" in out


def test_copy(cqlsh, cql, table, tmp_path):
    name = table("k int PRIMARY KEY, t text, l list<int>, b boolean")
    for number in range(200):
        cql.execute(f"INSERT INTO {name} (k, t, l, b) VALUES ({number}, 'x, \"{number}\"', [{number}, 1], true)")
    file = tmp_path / "rows.csv"
    out, errors = cqlsh(f"COPY {name} TO '{file}'")
    assert "200 rows exported" in out, errors
    cql.execute(f"TRUNCATE {name}")
    out, errors = cqlsh(f"COPY {name} FROM '{file}'")
    assert "200 rows imported" in out, errors
    row = cql.execute(f"SELECT * FROM {name} WHERE k = 77").one()
    assert (row.t, row.l, row.b) == ('x, "77"', [77, 1], True)


def test_tracing(cqlsh, table):
    name = table("k int PRIMARY KEY, v int")
    out, errors = cqlsh("TRACING ON", f"INSERT INTO {name} (k, v) VALUES (1, 2)", f"SELECT * FROM {name} WHERE k = 1")
    assert not errors
    assert out.count("Tracing session:") == 2 and "Request complete" in out
    assert "changes go to tablet" in out and "rows came from tablet" in out


def test_errors_are_shown(cqlsh):
    _, errors = cqlsh(f"SELECT * FROM {KEYSPACE}.nothing")
    assert any("unconfigured table nothing" in line for line in errors)

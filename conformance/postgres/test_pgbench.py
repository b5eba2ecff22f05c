"""pgbench with its own scripts in all query modes, and what TPC-B keeps true."""

import os
import shutil
import subprocess

import psycopg
import pytest
from conftest import DATABASE, HOST, PORT, USER, connect

PGBENCH = os.environ.get("PGBENCH") or shutil.which("pgbench")
TABLES = ["pgbench_accounts", "pgbench_branches", "pgbench_history", "pgbench_tellers"]
SUMS = [("accounts", "abalance"), ("tellers", "tbalance"), ("branches", "bbalance"), ("history", "delta")]

pytestmark = pytest.mark.skipif(PGBENCH is None, reason="pgbench is not installed")


def pgbench(*arguments):
    run = subprocess.run(
        [PGBENCH, "-h", HOST, "-p", PORT, "-U", USER, *arguments, DATABASE],
        capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run


def emptied():
    with connect(autocommit=True) as connection:
        connection.execute(f"drop table if exists {', '.join(TABLES)}")


@pytest.fixture(scope="module", autouse=True)
def nothing_left():
    emptied()
    yield
    emptied()


def counts(connection):
    return [connection.execute(f"select count(*) from {table}").fetchone()[0] for table in TABLES]


def keys(connection, kind):
    return {row[0] for row in connection.execute(
        "select conrelid::regclass::text from pg_constraint where contype = %s"
        " and conrelid::regclass::text like 'pgbench%%'", [kind])}


def test_foreign_keys(connection):
    pgbench("-i", "-q", "--foreign-keys")
    assert counts(connection) == [100000, 1, 0, 10]
    assert keys(connection, "f") == {"pgbench_accounts", "pgbench_history", "pgbench_tellers"}
    pgbench("-n", "-c", "4", "-t", "10")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute("delete from pgbench_branches")
    assert counts(connection) == [100000, 1, 40, 10]


@pytest.mark.parametrize("steps", ["dtGvpf", "dtgvpf", "dtgvp"])
def test_initialized_in_steps(connection, steps):
    pgbench("-i", "-q", "-I", steps)
    assert counts(connection) == [100000, 1, 0, 10]
    assert keys(connection, "p") == {"pgbench_accounts", "pgbench_branches", "pgbench_tellers"}
    assert len(keys(connection, "f")) == (3 if "f" in steps else 0)


def sums(connection):
    return [
        connection.execute(f"select coalesce(sum({column}), 0) from pgbench_{table}").fetchone()[0]
        for table, column in SUMS
    ]


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
@pytest.mark.parametrize("script", ["tpcb-like", "simple-update", "select-only"])
def test_run(connection, script, mode):
    """Follows the initialization above. What each run adds to the four sums is the same number."""
    rows, before = counts(connection)[2], sums(connection)
    run = pgbench("-n", "-c", "8", "-T", "2", "-M", mode, "-b", script)
    assert "number of failed transactions: 0" in run.stdout, run.stdout
    done = int(run.stdout.split("actually processed: ")[1].split()[0])
    assert done > 0
    assert counts(connection)[2] - rows == (0 if script == "select-only" else done)
    added = [after - once for after, once in zip(sums(connection), before)]
    expected = {
        "tpcb-like": [added[3]] * 4, "simple-update": [added[3], 0, 0, added[3]], "select-only": [0] * 4}
    assert added == expected[script]


def test_a_script_of_variables(connection, tmp_path):
    script = tmp_path / "script.sql"
    script.write_text(
        "\\set aid random(1, 100000 * :scale)\n"
        "begin;\n"
        "select abalance as old from pgbench_accounts where aid = :aid for update \\gset\n"
        "\\if :old > 5\n"
        "update pgbench_accounts set abalance = 0 where aid = :aid;\n"
        "\\else\n"
        "update pgbench_accounts set abalance = :old + 1 where aid = :aid returning abalance \\gset\n"
        "\\endif\n"
        "end;\n")
    for mode in ("simple", "extended", "prepared"):
        run = pgbench("-n", "-c", "4", "-t", "50", "-M", mode, "-f", str(script))
        assert "processed: 200/200" in run.stdout

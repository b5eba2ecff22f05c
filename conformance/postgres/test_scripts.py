"""psql scripts with what PostgreSQL 15 prints for them, errors and notices included.

`scripts/expect.sh` writes the expectations again, from a server that is PostgreSQL.
"""

import pathlib
import re
import subprocess

import pytest

from conftest import DATABASE, HOST, PORT, USER

SCRIPTS = pathlib.Path(__file__).parent / "scripts"


def shown(text):
    return re.sub(r"server process with PID \d+", "server process with PID N", text).splitlines()


@pytest.mark.parametrize("name", sorted(path.stem for path in SCRIPTS.glob("*.sql")))
def test_script(name):
    result = subprocess.run(
        ["psql", "-X", "-a", "-q", "-h", HOST, "-p", PORT, "-U", USER, "-f", f"{name}.sql", DATABASE],
        cwd=SCRIPTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        text=True,
    )
    assert shown(result.stdout) == shown((SCRIPTS / f"{name}.out").read_text())

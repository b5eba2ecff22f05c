"""kcat, and a program in C on Debian's librdkafka."""

import json
import shutil
import subprocess

import pytest

from conftest import KAFKA

kcat = pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")


def run(*arguments, **options):
    return subprocess.run(["kcat", "-b", KAFKA, *arguments], capture_output=True, text=True, timeout=60, **options)


@kcat
def test_kcat_lists(table):
    made = table()
    found = json.loads(run("-L", "-J").stdout)
    topic, = [t for t in found["topics"] if t["topic"] == made.topic]
    assert [p["partition"] for p in topic["partitions"]] == list(range(64))


@kcat
def test_kcat_consumes(table):
    made = table()
    made.fill(range(5))
    lines = run("-C", "-t", made.topic, "-o", "beginning", "-e", "-q").stdout.splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == list(range(5))


@kcat
def test_kcat_asks_by_time(table):
    made = table(1)
    made.fill(range(5))
    assert run("-Q", "-t", f"{made.topic}:0:-1").stdout.strip().endswith("offset 5")
    assert run("-Q", "-t", f"{made.topic}:0:1").stdout.strip().endswith("offset 0")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler")
def test_c_program(table, tmp_path):
    made = table(1)
    made.fill(range(50))
    source = __file__.replace("test_tools.py", "consume.c")
    program = str(tmp_path / "consume")
    subprocess.run(["gcc", "-o", program, source, "-lrdkafka"], check=True)
    found = subprocess.run([program, KAFKA, made.topic, "50"], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert [int(line.split()[0]) for line in found.stdout.splitlines()] == list(range(50))

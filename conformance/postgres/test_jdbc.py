"""The JDBC driver: one program, compiled once, that runs each step in a schema of its own."""

import pathlib
import shutil
import subprocess

import pytest
from conftest import DATABASE, HOST, PORT, USER

SOURCE = pathlib.Path(__file__).parent / "jdbc" / "Conformance.java"
DRIVER = pathlib.Path("/usr/share/java/postgresql.jar")
STEPS = [
    "metadata", "resultMetadata", "prepared", "batches", "generatedKeys", "cursor", "transactions", "copy",
    "types", "timeouts", "simpleMode", "notifications",
]


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    if shutil.which("javac") is None:
        pytest.skip("no JDK is installed (default-jdk-headless)")
    if not DRIVER.exists():
        pytest.skip("the JDBC driver is not installed (libpostgresql-jdbc-java)")
    target = tmp_path_factory.mktemp("classes")
    subprocess.run(
        ["javac", "-encoding", "UTF-8", "-cp", str(DRIVER), "-d", str(target), str(SOURCE)],
        check=True, timeout=120)
    return f"{target}:{DRIVER}"


@pytest.mark.parametrize("step", STEPS)
def test_jdbc(classes, step):
    run = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", classes,
         "Conformance", f"jdbc:postgresql://{HOST}:{PORT}/{DATABASE}?user={USER}", step],
        capture_output=True, text=True, timeout=90)
    assert run.returncode == 0, run.stderr

"""`quatrain status`, the configuration file and the environment."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import psycopg
import pytest

BINARY = os.environ["QUATRAIN_BINARY"]


@pytest.fixture
def running(tmp_path):
    started = []

    def start(*arguments, config=None, environment=None):
        if config is not None:
            (tmp_path / "node.yaml").write_text(config)
            arguments = [*arguments, "--config", str(tmp_path / "node.yaml")]
        process = subprocess.Popen(
            [BINARY, "run", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env={**os.environ, **(environment or {})})
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("ready "), line
        return json.loads(line[len("ready "):])

    yield start
    for process in started:
        process.terminate()
        assert process.wait(10) == 0


def status(port, *arguments):
    return subprocess.run(
        [BINARY, "status", "--http-port", str(port), *arguments], capture_output=True, text=True,
        timeout=20)


def test_status(running, tmp_path):
    addresses = running(
        "--data-dir", str(tmp_path / "data"), "--shards", "2", "--pg-port", "0", "--http-port", "0",
        "--name", "poet")
    host, port = addresses["pg"].split(":")
    with psycopg.connect(host=host, port=port, user="quatrain", dbname="quatrain") as connection:
        connection.execute("create table s (id int primary key)")
        connection.execute("insert into s select generate_series(1, 1000)")
    http = addresses["http"].split(":")[1]
    answer = json.loads(status(http, "--json").stdout)
    assert answer["tablets"] == 65 and answer["leaderless"] == 0
    assert answer["underReplicated"] == 0 and answer["featureLevel"] == 2
    node = answer["nodes"][0]
    assert node["name"] == "poet" and node["state"] == "online"
    assert [shard["shard"] for shard in node["shards"]] == [0, 1]
    assert sum(shard["rows"] for shard in node["shards"]) >= 1000
    assert all(0 < shard["memoryUsedBytes"] < shard["memoryLimitBytes"] for shard in node["shards"])
    shown = status(http).stdout
    assert "node poet" in shown and "memory MiB" in shown
    for path, code in [("/nothing", 404), ("/", 404)]:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://127.0.0.1:{http}{path}", timeout=10)
        assert caught.value.code == code


def test_no_node(tmp_path):
    result = status(1)
    assert result.returncode != 0 and "no node answers" in result.stderr


def test_configuration_file_and_environment(running, tmp_path):
    addresses = running(
        "--http-port", "0",
        config=f"data-dir: {tmp_path}/data\nshards: 1\npg-port: 0\nname: file\n",
        environment={"QUATRAIN_NAME": "environment", "QUATRAIN_DURABILITY": "relaxed"})
    answer = json.loads(status(addresses["http"].split(":")[1], "--json").stdout)
    assert answer["nodes"][0]["name"] == "environment"
    assert len(answer["nodes"][0]["shards"]) == 1


@pytest.mark.parametrize(
    "text, message",
    [
        ("data-dir: x\nnope: 1\n", ':2: there is no option "nope"'),
        ("shards: [1, 2]\n", ":1: shards wants a single value"),
        ("- a\n", "one mapping of option names to values is wanted"),
        ("a: b: c\n", "node.yaml"),
        ("insecure: perhaps\n", "insecure is true or false"),
        ("pg-port: many\n", "pg-port"),
    ],
)
def test_faults_of_the_file_say_where(tmp_path, text, message):
    file = tmp_path / "node.yaml"
    file.write_text(text)
    result = subprocess.run(
        [BINARY, "run", "--data-dir", str(tmp_path / "data"), "--config", str(file)],
        capture_output=True, text=True, timeout=20)
    assert result.returncode != 0
    assert message in result.stderr, result.stderr

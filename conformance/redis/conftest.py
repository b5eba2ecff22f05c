"""QUATRAIN_RESP and QUATRAIN_TARGET name a running node's ports; QUATRAIN_BINARY an executable for tests with nodes of their own."""

import os
import shutil
import socket
import subprocess
import time

import psycopg
import pytest
import redis

from wire import Connection

RESP = os.environ.get("QUATRAIN_RESP", "127.0.0.1:6379")
TARGET = os.environ.get("QUATRAIN_TARGET", "127.0.0.1:5432")


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


@pytest.fixture
def client():
    host, port = address(RESP)
    connection = redis.Redis(host=host, port=port, decode_responses=True)
    connection.flushall()
    yield connection
    connection.close()


@pytest.fixture
def sql():
    host, port = address(TARGET)
    with psycopg.connect(host=host, port=port, user="quatrain", dbname="quatrain", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def peer():
    """host:port of a real Redis. Debian's redis-tools has the server's program under another name, without the service."""
    program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    if program is None:
        pytest.skip("Redis is not there")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"], executable=program,
        stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                Connection(f"127.0.0.1:{port}").close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def reference(peer):
    connection = Connection(peer)
    yield connection
    connection.close()

"""QUATRAIN_RESP and QUATRAIN_TARGET name a running node's ports; QUATRAIN_BINARY an executable for tests with nodes of their own."""

import os

import psycopg
import pytest
import redis

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

"""Caps: on clients, on the output for one that does not read, on the time of a startup."""

import resource
import select
import socket
import struct
import time

import psycopg
import pytest
from conftest import IO, startup_packet


def read_until(client, end):
    seen = b""
    while not seen.endswith(end):
        chunk = client.recv(65536)
        assert chunk, seen
        seen += chunk


def test_the_backend_is_the_wanted_one(start):
    node = start()
    assert ("io_uring" in node.said()) or ("epoll" in node.said())
    if IO != "auto":
        assert {"uring": "io_uring", "epoll": "epoll"}[IO] in node.said()


def test_too_many_clients(start):
    node = start("--max-connections", "5")
    clients = [node.connect() for _ in range(5)]
    for _ in range(3):
        with pytest.raises(psycopg.OperationalError, match="sorry, too many clients already"):
            node.connect()
    with socket.create_connection((node.host, int(node.port)), timeout=10) as raw:
        raw.sendall(startup_packet())
        seen = b""
        while chunk := raw.recv(4096):
            seen += chunk
        assert b"SFATAL\0" in seen and b"C53300\0" in seen
    assert clients[0].execute("select 1").fetchone() == (1,)
    clients.pop().close()
    deadline = time.monotonic() + 5
    while True:
        try:
            clients.append(node.connect())
            break
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
    for client in clients:
        client.close()


def test_a_client_that_does_not_say_who_it_is_is_closed(start):
    node = start("--authentication-timeout", "1")
    with node.connect() as served:
        begun = time.monotonic()
        silent = [socket.create_connection((node.host, int(node.port)), timeout=10)
                  for _ in range(3)]
        silent[1].sendall(startup_packet()[:-1])
        silent[2].sendall(struct.pack("!ii", 8, 80877103))
        assert silent[2].recv(1) == b"N"
        for client in silent:
            assert client.recv(10) == b""
            client.close()
        assert 0.9 < time.monotonic() - begun < 5
        time.sleep(0.5)
        assert served.execute("select 1").fetchone() == (1,)


def test_the_limit_of_descriptors_is_raised(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        node = start("--max-connections", "300")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    clients = [node.connect() for _ in range(300)]
    assert all(client.execute("select 1").fetchone() == (1,) for client in clients)
    for client in clients:
        client.close()


def test_a_flood_of_silent_connections_is_turned_away(start):
    node = start("--max-connections", "1")
    opened = [socket.create_connection((node.host, int(node.port)), timeout=5) for _ in range(200)]
    closed = 0
    deadline = time.monotonic() + 5
    while closed < 200 - 1 - 64 and time.monotonic() < deadline:
        closed = sum(
            1 for one in opened
            if select.select([one], [], [], 0)[0] and one.recv(1, socket.MSG_PEEK) == b"")
    assert closed == 200 - 1 - 64
    for one in opened:
        one.close()
    deadline = time.monotonic() + 5
    while True:
        try:
            node.connect().close()
            break
        except psycopg.OperationalError:
            assert time.monotonic() < deadline


def test_a_client_that_does_not_read_is_not_read(start):
    node = start()
    with node.connect(autocommit=True, prepare_threshold=None) as connection:
        connection.execute("create table wide (id int primary key, filler text)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into wide values (%s, %s)", [(i, "x" * 10_000) for i in range(200)])
        connection.execute("select * from wide").fetchall()
        before = node.resident_kilobytes()
        query = b"select * from wide\0"
        message = b"Q" + struct.pack("!i", len(query) + 4) + query
        with socket.create_connection((node.host, int(node.port)), timeout=10) as lazy:
            lazy.sendall(startup_packet())
            read_until(lazy, b"Z\0\0\0\5I")
            # Answers of 2 MB each: 600 MB when nobody stopped.
            lazy.sendall(message * 300)
            for _ in range(20):
                time.sleep(0.05)
                assert connection.execute("select count(*) from wide").fetchone() == (200,)
            assert node.resident_kilobytes() - before < 40_000
            answers = 0
            rest = b""
            while answers < 300:
                chunk = lazy.recv(1 << 20)
                assert chunk
                rest = rest[-20:] + chunk
                answers += chunk_ends(rest, len(chunk))
        connection.execute("drop table wide")


def chunk_ends(buffer, fresh):
    """ReadyForQuery messages that end in the last `fresh` bytes."""
    mark = b"Z\0\0\0\5I"
    count = 0
    at = buffer.find(mark)
    while at >= 0:
        if at + len(mark) > len(buffer) - fresh:
            count += 1
        at = buffer.find(mark, at + 1)
    return count

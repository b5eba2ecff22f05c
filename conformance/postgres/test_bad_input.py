"""Bytes that are not of the protocol: that connection ends, every other one goes on."""

import socket
import struct

import pytest
from conftest import DATABASE, HOST, PORT, USER, connect


def raw():
    return socket.create_connection((HOST, int(PORT)), timeout=10)


def started():
    client = raw()
    body = struct.pack("!i", 196608)
    for text in ("user", USER, "database", DATABASE):
        body += text.encode() + b"\0"
    body += b"\0"
    client.sendall(struct.pack("!i", len(body) + 4) + body)
    seen = b""
    while not seen.endswith(b"Z\0\0\0\5I"):
        seen += client.recv(65536)
    return client


def everything(client):
    seen = b""
    try:
        while chunk := client.recv(65536):
            seen += chunk
    except ConnectionResetError:
        pass
    return seen


@pytest.mark.parametrize("packet", [
    b"\0\0\0\0", b"\0\0\0\3", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(range(256)), b"GET / HTTP/1.0\r\n\r\n", struct.pack("!ii", 100000, 196608),
    struct.pack("!ii", 8, 131072)])
def test_bad_startup(connection, packet):
    with raw() as client:
        client.sendall(packet + b"\0" * 8)
        client.shutdown(socket.SHUT_WR)
        everything(client)
    assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("message", [
    b"\x01\0\0\0\4", b"Q\0\0\0\5x", b"P\0\0\0\6\0\0"])
def test_bad_message(connection, message):
    with started() as client:
        client.sendall(message)
        client.shutdown(socket.SHUT_WR)
        assert b"08P01" in everything(client)
    assert connection.execute("select 1").fetchone() == (1,)


# PostgreSQL ends some of these in silence, or with another error: what counts is that it ends.
@pytest.mark.parametrize("message", [
    b"Q\0\0\0\0", b"Q\0\0\0\3", b"Q\xff\xff\xff\xff", b"Q\x7f\xff\xff\xff", b"\xff\x7f\xff\xff\xff",
    b"B\0\0\0\x0a\0\0\xff\xff\0\0", b"B\0\0\0\x0c\0\0\0\0\xff\xff\0\0"])
def test_bad_lengths(connection, message):
    with started() as client:
        client.sendall(message)
        client.shutdown(socket.SHUT_WR)
        everything(client)
    assert connection.execute("select 1").fetchone() == (1,)


def test_ssl_request_is_answered(connection):
    with raw() as client:
        client.sendall(struct.pack("!ii", 8, 80877103))
        assert client.recv(1) in (b"N", b"S")


def test_a_second_ssl_request_ends_the_connection(connection):
    with raw() as client:
        client.sendall(struct.pack("!ii", 8, 80877103))
        if client.recv(1) == b"N":
            client.sendall(struct.pack("!ii", 8, 80877103))
            client.shutdown(socket.SHUT_WR)
            assert b"C0A000\0" in everything(client)
    assert connection.execute("select 1").fetchone() == (1,)


def test_a_client_that_does_not_read_hurts_nobody(connection, table):
    connection.execute(f"insert into {table} values (1, '{'x' * 10000}')")
    with started() as client:
        sql = f"select * from {table};".encode() * 200
        message = b"Q" + struct.pack("!i", len(sql) + 5) + sql + b"\0"
        client.settimeout(0.5)
        try:
            for _ in range(50):
                client.sendall(message)
        except TimeoutError:
            pass
        with connect() as other:
            assert other.execute("select 1").fetchone() == (1,)

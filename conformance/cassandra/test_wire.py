"""Bytes that are none of the protocol's, and limits."""

import socket
import struct

import pytest

from conftest import CQL, address


def frame(opcode, body=b"", version=4, stream=1, flags=0, length=None):
    return struct.pack("!BBhBI", version, flags, stream, opcode, len(body) if length is None else length) + body


def string(text):
    return struct.pack("!H", len(text)) + text.encode()


STARTUP = frame(1, struct.pack("!H", 1) + string("CQL_VERSION") + string("3.0.0"))


def query(text, flags=b"\0"):
    return struct.pack("!I", len(text)) + text.encode() + struct.pack("!H", 1) + flags


class Connection:
    def __init__(self, ready=True):
        self.socket = socket.create_connection(address(CQL), timeout=30)
        if ready:
            self.socket.sendall(STARTUP)
            assert self.read()[1] == 2

    def read(self):
        """stream, opcode, body; None at the end."""
        header = self.take(9)
        if header is None:
            return None
        version, _, stream, opcode, length = struct.unpack("!BBhBI", header)
        assert version & 0x80
        return stream, opcode, self.take(length)

    def take(self, count):
        seen = b""
        while len(seen) < count:
            try:
                chunk = self.socket.recv(count - len(seen))
            except ConnectionResetError:
                return None
            if not chunk:
                return None
            seen += chunk
        return seen

    def error(self):
        stream, opcode, body = self.read()
        assert opcode == 0
        return stream, struct.unpack("!i", body[:4])[0]


@pytest.mark.parametrize("version", [1, 2, 6, 0x41, 0x42])
def test_other_versions_are_told_so_in_one_that_is_known(version):
    connection = Connection(ready=False)
    connection.socket.sendall(frame(5, version=version))
    assert connection.error()[1] == 0x0A
    assert connection.read() is None


def test_a_huge_frame_ends_the_connection():
    connection = Connection()
    connection.socket.sendall(frame(7, length=0x7FFFFFFF))
    assert connection.error()[1] == 0x0A
    assert connection.read() is None


@pytest.mark.parametrize("opcode,body", [
    (0x77, b""), (7, b""), (7, b"\xff\xff\xff\xff"), (7, struct.pack("!I", 100) + b"SELECT"), (10, b"\0\x10abc"), (9, b"\0\0"),
    (13, b"\x09"), (13, b"\0\0\x05"), (11, string("x")), (7, query("SELECT \xff".encode("latin1").decode("latin1"))[:-1] + b"\x01\xff\xff"),
])
def test_a_broken_request_is_answered_on_its_stream(opcode, body):
    connection = Connection()
    connection.socket.sendall(frame(opcode, body, stream=7))
    stream, code = connection.error()
    assert stream == 7 and code in (0x0A, 0x2000, 0x2200)
    # The connection goes on.
    connection.socket.sendall(frame(7, query("SELECT key FROM system.local"), stream=8))
    assert connection.read()[:2] == (8, 8)


def test_nothing_before_startup():
    connection = Connection(ready=False)
    connection.socket.sendall(frame(7, query("SELECT key FROM system.local")))
    assert connection.error()[1] == 0x0A


def test_many_streams_at_once():
    connection = Connection()
    for stream in range(2000):
        connection.socket.sendall(frame(7, query("SELECT key FROM system.local"), stream=stream))
    seen = {connection.read()[0] for _ in range(2000)}
    assert seen == set(range(2000))


def test_a_large_frame_before_the_connection_is_set_up_ends_it():
    connection = Connection(ready=False)
    connection.socket.sendall(frame(1, length=1 << 20))
    assert connection.error()[1] == 0x000A
    assert connection.take(1) is None
    # The same afterwards is a statement like any other.
    connection = Connection()
    text = "SELECT key FROM system.local -- " + "x" * (1 << 20)
    connection.socket.sendall(frame(7, query(text)))
    assert connection.read()[1] == 8


def test_a_client_that_does_not_read_holds_up_nobody():
    """What it asks for is carried out while there is room for the answers, and then stays with it."""
    silent = Connection()
    silent.socket.setblocking(False)
    request = frame(7, query("SELECT * FROM system_schema.columns"))
    sent = 0
    for _ in range(200_000):
        try:
            sent += silent.socket.send(request)
        except BlockingIOError:
            break
    else:
        pytest.fail("the node goes on reading")
    other = Connection()
    other.socket.sendall(frame(7, query("SELECT key FROM system.local")))
    assert other.read()[1] == 8


def test_an_unknown_statement_id_is_unprepared():
    connection = Connection()
    connection.socket.sendall(frame(10, struct.pack("!H", 4) + b"none" + struct.pack("!HB", 1, 0)))
    assert connection.error()[1] == 0x2500


def test_a_damaged_segment_ends_the_connection():
    connection = Connection(ready=False)
    connection.socket.sendall(frame(1, struct.pack("!H", 1) + string("CQL_VERSION") + string("3.0.0"), version=5))
    assert connection.read()[1] == 2
    connection.socket.sendall(b"\x10\x00\x02\x00\x00\x00" + b"x" * 30)
    assert connection.take(6) is not None
    while connection.take(1) is not None:
        pass

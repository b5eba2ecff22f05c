"""Bytes that are none of the protocol's, versions that are not known, and limits."""

import random
import socket
import struct

import pytest

from conftest import KAFKA, address


def string(text):
    return struct.pack("!h", len(text)) + text.encode()


def request(key, version, body=b"", correlation=7, client="test"):
    content = struct.pack("!hhi", key, version, correlation) + string(client) + body
    return struct.pack("!i", len(content)) + content


class Connection:
    def __init__(self):
        self.socket = socket.create_connection(address(KAFKA), timeout=15)

    def send(self, data):
        self.socket.sendall(data)
        return self

    def take(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(count - len(data))
            except ConnectionResetError:
                return None
            if not piece:
                return None
            data += piece
        return data

    def read(self):
        """A response behind its length; None at the end."""
        length = self.take(4)
        return length and self.take(struct.unpack("!i", length)[0])


def is_served():
    answer = Connection().send(request(18, 0)).read()
    return struct.unpack("!ih", answer[:6]) == (7, 0)


def test_unknown_version_of_api_versions():
    """Error 35 in the layout of version 0, with what is served, and the connection goes on."""
    connection = Connection().send(request(18, 99, b"\0\0"))
    answer = connection.read()
    correlation, error, count = struct.unpack("!ihi", answer[:10])
    assert (correlation, error) == (7, 35) and len(answer) == 10 + count * 6
    keys = {struct.unpack("!hhh", answer[i:i + 6])[0] for i in range(10, len(answer), 6)}
    assert 18 in keys and 0 in keys and 1 in keys
    assert struct.unpack("!ih", connection.send(request(18, 0)).read()[:6]) == (7, 0)


@pytest.mark.parametrize("data", [
    request(9999, 0), request(3, 99), request(-1, -1), struct.pack("!i", -5), struct.pack("!i", 2**31 - 1),
    struct.pack("!i", 0), struct.pack("!i", 3) + b"abc", b"GET / HTTP/1.1\r\n\r\n",
    # An array that is longer than the request, and a string with a negative length.
    request(3, 1, struct.pack("!i", 2**31 - 1)), request(3, 1, struct.pack("!ih", 1, -7)),
    request(1, 4, b"\0" * 3)])
def test_what_is_no_request_ends_the_connection(data):
    assert Connection().send(data).read() is None
    assert is_served()


def test_bodies_are_cut_anywhere():
    """Each request's body, cut at each byte: the connection ends or answers, and the node lives."""
    topic = struct.pack("!i", 1) + string("public.x")
    bodies = {
        (3, 4): topic + b"\1", (2, 4): struct.pack("!ib", -1, 0) + topic + struct.pack("!iiiq", 1, 0, -1, -1),
        (1, 4): struct.pack("!iiiib", -1, 1, 1, 1000, 0) + topic + struct.pack("!iiqi", 1, 0, 0, 1000),
        (11, 0): string("g") + struct.pack("!i", 6000) + string("") + string("consumer") + struct.pack("!i", 0),
        (10, 1): string("g") + b"\0", (9, 1): string("g") + topic + struct.pack("!ii", 1, 0)}
    for (key, version), body in bodies.items():
        for end in range(len(body)):
            Connection().send(request(key, version, body[:end])).read()
    assert is_served()


def test_noise():
    source = random.Random(5)
    for _ in range(200):
        key, version = source.choice([(k, v) for k in range(70) for v in range(0, 17)])
        body = source.randbytes(source.randrange(200))
        connection = Connection().send(request(key, version, body))
        connection.socket.shutdown(socket.SHUT_WR)
        while connection.read():
            pass
    assert is_served()


def test_one_byte_at_a_time():
    connection = Connection()
    for byte in request(18, 0):
        connection.send(bytes([byte]))
    assert struct.unpack("!ih", connection.read()[:6]) == (7, 0)


def test_pipelined_requests_are_answered_in_order():
    connection = Connection().send(b"".join(request(18, 0, correlation=n) for n in range(50)))
    assert [struct.unpack("!i", connection.read()[:4])[0] for _ in range(50)] == list(range(50))


def test_sasl_out_of_order():
    connection = Connection().send(request(36, 0, struct.pack("!i", 3) + b"abc"))
    assert struct.unpack("!h", connection.read()[4:6])[0] == 34
    connection.send(request(17, 1, string("GSSAPI")))
    assert struct.unpack("!h", connection.read()[4:6])[0] == 33


def test_huge_fetch_sizes(table):
    made = table(1)
    made.fill(range(10))
    body = struct.pack("!iiiib", -1, 10, 1, 2**31 - 1, 0) + struct.pack("!i", 1) + string(made.topic) + \
        struct.pack("!iiqi", 1, 0, 0, 2**31 - 1)
    answer = Connection().send(request(1, 4, body)).read()
    assert answer and len(answer) > 10 * 20
    body = struct.pack("!iiiib", -1, 10, -5, -5, 0) + struct.pack("!i", 1) + string(made.topic) + \
        struct.pack("!iiqi", 1, 0, 0, -7)
    assert Connection().send(request(1, 4, body)).read()


def test_clients_that_do_not_read(table):
    """Who asks and never reads is not read from for ever."""
    made = table(1)
    made.fill(range(200), "x" * 1000 + "{}")
    body = struct.pack("!iiiib", -1, 10, 1, 1 << 20, 0) + struct.pack("!i", 1) + string(made.topic) + \
        struct.pack("!iiqi", 1, 0, 0, 1 << 20)
    connection = Connection()
    connection.socket.settimeout(1)
    sent = 0
    try:
        while sent < 5000:
            connection.send(request(1, 4, body) * 100)
            sent += 1
    except (TimeoutError, ConnectionError):
        pass
    assert sent < 5000
    assert is_served()

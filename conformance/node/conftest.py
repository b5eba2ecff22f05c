"""Starts nodes of its own: QUATRAIN_BINARY names the executable, QUATRAIN_IO the backend."""

import json
import os
import signal
import socket
import struct
import subprocess

import psycopg
import pytest

BINARY = os.environ["QUATRAIN_BINARY"]
IO = os.environ.get("QUATRAIN_IO", "auto")


def startup_packet():
    body = struct.pack("!i", 196608) + b"user\0quatrain\0database\0quatrain\0\0"
    return struct.pack("!i", len(body) + 4) + body


def everything(client):
    """What the server still says until it closes."""
    seen = b""
    try:
        while chunk := client.recv(65536):
            seen += chunk
    except ConnectionResetError:
        pass
    return seen


class Node:
    def __init__(self, directory, *options, prefix=()):
        self.errors = open(f"{directory}/errors", "w+")
        self.process = subprocess.Popen(
            [*prefix, BINARY, "run", "--data-dir", f"{directory}/data", "--shards", "2", "--pg-port", "0", "--http-port", "off",
             "--io", IO, *options],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.host, self.port = json.loads(line[6:])["pg"].rsplit(":", 1)

    def connect(self, **options):
        return psycopg.connect(
            host=self.host, port=self.port, user="quatrain", dbname="quatrain", **options)

    def resident_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def raw(self):
        """A socket of a session that has started."""
        client = socket.create_connection((self.host, int(self.port)), timeout=10)
        client.sendall(startup_packet())
        seen = b""
        while not seen.endswith(b"Z\0\0\0\5I"):
            chunk = client.recv(65536)
            assert chunk, seen
            seen += chunk
        return client

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0


@pytest.fixture
def start(tmp_path):
    """A function that starts a node with more options."""
    nodes = []

    def started(*options):
        nodes.append(Node(str(tmp_path), *options))
        return nodes[-1]

    yield started
    for node in nodes:
        node.end()

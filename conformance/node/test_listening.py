"""Who may connect from where, and what stays of passwords over a restart."""

import socket
import struct
import subprocess

import psycopg
import pytest
from conftest import BINARY


def outer_address():
    """An address of this host that is not the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        pytest.skip("this host has only the loopback")
    return address


def login(address, node, user, password):
    return psycopg.connect(
        host=address, port=node.port, user=user, dbname="quatrain", password=password)


def salt(address, node, user):
    """What the server's first message of SCRAM says of the salt."""
    with socket.create_connection((address, int(node.port)), timeout=10) as stream:
        body = struct.pack("!i", 3 << 16) + b"user\0%s\0database\0quatrain\0\0" % user.encode()
        stream.sendall(struct.pack("!i", len(body) + 4) + body)
        first = b"n,,n=,r=abcdef"
        body = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
        stream.sendall(b"p" + struct.pack("!i", len(body) + 4) + body)
        seen = b""
        while b",i=4096" not in seen:
            piece = stream.recv(4096)
            assert piece, seen
            seen += piece
    return seen.split(b",s=")[1].split(b",")[0]


def test_other_addresses_want_tls(tmp_path):
    run = subprocess.run(
        [BINARY, "run", "--data-dir", f"{tmp_path}/data", "--pg-port", "0", "--http-port", "off", "--listen", "0.0.0.0"],
        capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and "--insecure" in run.stderr
    assert "ready" not in run.stdout


def test_roles_from_other_addresses(start):
    address = outer_address()
    node = start("--listen", "0.0.0.0", "--insecure")
    with login("127.0.0.1", node, "quatrain", "") as first:
        first.execute("create role secret login password 'right'")
        first.execute("create role bare login")
    with login(address, node, "secret", "right") as opened:
        assert opened.execute("select current_user").fetchone() == ("secret",)
    login("127.0.0.1", node, "secret", "right").close()
    login("127.0.0.1", node, "bare", "").close()
    for user, code in (("secret", "28P01"), ("nobody", "28P01"), ("bare", "28000")):
        with pytest.raises(psycopg.OperationalError) as caught:
            login(address, node, user, "wrong")
        text = {"28P01": f'password authentication failed for user "{user}"',
                "28000": f'role "{user}" has no password'}[code]
        assert text in str(caught.value)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        login("127.0.0.1", node, "secret", "wrong")


def test_passwords_stay(start):
    address = outer_address()
    node = start("--listen", "0.0.0.0", "--insecure")
    with login("127.0.0.1", node, "quatrain", "") as first:
        first.execute("create role secret login password 'right'")
    users = ["secret", "nobody", "somebody"]
    salts = [salt(address, node, user) for user in users]
    assert len(set(salts)) == 3
    node.end()
    node = start("--listen", "0.0.0.0", "--insecure")
    assert [salt(address, node, user) for user in users] == salts
    login(address, node, "secret", "right").close()

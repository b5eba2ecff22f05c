"""TLS on the PostgreSQL port, with a certificate of its own making."""

import os
import signal
import socket
import ssl
import struct
import subprocess
import time

import psycopg
import pytest

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def make_certificate(directory, key=P256):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", *key,
         "-nodes", "-keyout", f"{directory}/key.pem", "-out", f"{directory}/certificate.pem",
         "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)


@pytest.fixture
def secure(start, tmp_path):
    make_certificate(tmp_path)
    return start(
        "--tls-cert", f"{tmp_path}/certificate.pem", "--tls-key", f"{tmp_path}/key.pem")


def presented(node):
    """The certificate that a new connection is shown, and the connection's version of TLS."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((node.host, int(node.port)), timeout=10) as raw:
        raw.sendall(SSL_REQUEST)
        assert raw.recv(1) == b"S"
        with context.wrap_socket(raw) as wrapped:
            return wrapped.getpeercert(binary_form=True), wrapped.version()


def test_require(secure):
    with secure.connect(sslmode="require", autocommit=True) as connection:
        assert connection.pgconn.ssl_in_use
        connection.execute("create table t (id int primary key, filler text)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into t values (%s, %s)", [(i, "y" * 5_000) for i in range(500)])
        rows = connection.execute("select * from t order by id").fetchall()
        assert rows == [(i, "y" * 5_000) for i in range(500)]


def test_the_name_is_verified(secure, tmp_path):
    with secure.connect(
            sslmode="verify-full", sslrootcert=f"{tmp_path}/certificate.pem") as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        secure.connect(
            sslmode="verify-full", sslrootcert=f"{tmp_path}/other/certificate.pem")


def test_clear_text_is_still_served(secure):
    with secure.connect(sslmode="disable") as connection:
        assert not connection.pgconn.ssl_in_use


def test_psql(secure):
    run = subprocess.run(
        ["psql", "-X", "-At", f"host={secure.host} port={secure.port} user=quatrain"
         " dbname=quatrain sslmode=require", "-c", "select 40 + 2"],
        capture_output=True, text=True, timeout=30, check=True)
    assert run.stdout == "42\n"


def test_without_a_certificate_it_is_not_offered(start):
    node = start()
    with pytest.raises(psycopg.OperationalError, match="server does not support SSL"):
        node.connect(sslmode="require")
    node.connect(sslmode="prefer").close()


def test_bytes_before_the_handshake_are_refused(secure):
    query = b"delete from t\0"
    with socket.create_connection((secure.host, int(secure.port)), timeout=10) as raw:
        raw.sendall(SSL_REQUEST + b"Q" + struct.pack("!i", len(query) + 4) + query)
        seen = b""
        try:
            while chunk := raw.recv(4096):
                seen += chunk
        except ConnectionResetError:
            pass
        assert not seen.startswith(b"S")
        assert b"received unencrypted data after SSL request" in seen
    secure.connect(sslmode="require").close()


@pytest.mark.parametrize("rest", [
    pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="http"),
    pytest.param(b"\x16\x03\x01\xff\xff" + b"\0" * 2000, id="record"),
    pytest.param(SSL_REQUEST * 100, id="requests")])
def test_rubbish_for_a_handshake_ends_that_connection_only(secure, rest):
    with socket.create_connection((secure.host, int(secure.port)), timeout=10) as raw:
        raw.sendall(SSL_REQUEST)
        assert raw.recv(1) == b"S"
        try:
            raw.sendall(rest)
            while raw.recv(4096):
                pass
        except ConnectionError:
            pass
    secure.connect(sslmode="require").close()


def test_asking_again_and_again_is_refused(start):
    node = start()
    with socket.create_connection((node.host, int(node.port)), timeout=10) as raw:
        raw.sendall(SSL_REQUEST * 3)
        seen = b""
        try:
            while chunk := raw.recv(4096):
                seen += chunk
        except ConnectionResetError:
            pass
        assert seen[:1] == b"N" and b"unsupported frontend protocol 1234.5679" in seen


def test_reload_on_hangup(secure, tmp_path):
    with secure.connect(sslmode="require") as old:
        first, version = presented(secure)
        assert version == "TLSv1.3"
        make_certificate(tmp_path)
        assert presented(secure)[0] == first
        secure.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 5
        while presented(secure)[0] == first:
            assert time.monotonic() < deadline
        second = presented(secure)[0]
        # A file that is no certificate changes nothing, and is said.
        with open(f"{tmp_path}/certificate.pem", "w") as file:
            file.write("rubbish")
        secure.process.send_signal(signal.SIGHUP)
        while "stays as it was" not in secure.said():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert presented(secure)[0] == second
        assert old.execute("select 1").fetchone() == (1,)


def test_a_bad_certificate_does_not_start(tmp_path):
    from conftest import BINARY
    run = subprocess.run(
        [BINARY, "run", "--data-dir", f"{tmp_path}/data", "--pg-port", "0", "--http-port", "off", "--tls-cert",
         "/nowhere/certificate.pem", "--tls-key", "/nowhere/key.pem"],
        capture_output=True, text=True, timeout=10)
    assert run.returncode != 0
    assert "/nowhere/certificate.pem" in run.stderr
    assert not os.path.exists(f"{tmp_path}/data")


def test_channel_binding(secure):
    with secure.connect(sslmode="require", autocommit=True) as connection:
        connection.execute("create role bound login password 'right'")

    def login(password="right", **options):
        return psycopg.connect(
            host=secure.host, port=secure.port, user="bound", dbname="quatrain",
            password=password, **options)

    for options in (
        {"sslmode": "require", "channel_binding": "require"},
        {"sslmode": "require"},
        {"sslmode": "require", "channel_binding": "disable"},
        {"sslmode": "disable"},
    ):
        with login(**options) as opened:
            assert opened.execute("select current_user").fetchone() == ("bound",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            login("wrong", **options)
    with pytest.raises(psycopg.OperationalError, match="channel binding"):
        login(sslmode="disable", channel_binding="require")


def test_an_offer_that_was_shortened_on_its_way(secure):
    """A client that could bind the channel, and was told that the server cannot."""
    with secure.connect(sslmode="require", autocommit=True) as connection:
        connection.execute("create role bound login password 'right'")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((secure.host, int(secure.port)), timeout=10) as raw:
        raw.sendall(SSL_REQUEST)
        assert raw.recv(1) == b"S"
        with context.wrap_socket(raw) as stream:
            body = struct.pack("!i", 3 << 16) + b"user\0bound\0database\0quatrain\0\0"
            stream.sendall(struct.pack("!i", len(body) + 4) + body)
            assert b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0" in stream.recv(4096)
            first = b"y,,n=,r=abcdef"
            body = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
            stream.sendall(b"p" + struct.pack("!i", len(body) + 4) + body)
            assert b"SCRAM channel binding negotiation error" in stream.recv(4096)


@pytest.mark.parametrize("key, can_bind", [
    (("ed25519",), False),
    (("rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sha512"), True),
    (("rsa:2048", "-sha512"), True),
    (("ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-sha384"), True),
])
def test_channel_binding_of_other_certificates(start, tmp_path, key, can_bind):
    """Where a signature has no hash of its own there is nothing to bind to, and logins go on."""
    make_certificate(tmp_path, key)
    node = start("--tls-cert", f"{tmp_path}/certificate.pem", "--tls-key", f"{tmp_path}/key.pem")
    with node.connect(sslmode="require", autocommit=True) as connection:
        connection.execute("create role bound login password 'right'")

    def login(channel_binding):
        psycopg.connect(
            host=node.host, port=node.port, user="bound", dbname="quatrain", password="right",
            sslmode="require", channel_binding=channel_binding).close()

    login("prefer")
    login("disable")
    if can_bind:
        login("require")
    else:
        with pytest.raises(psycopg.OperationalError, match="channel binding"):
            login("require")

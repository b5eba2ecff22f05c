"""TLS between nodes: who has no certificate of the cluster's authority is not heard."""

import signal
import socket
import ssl
import subprocess
import time

import pytest

from certificates import Authority
from cluster import BINARY, Cluster, Node, Workload, running

pytestmark = pytest.mark.fast


@pytest.fixture
def secure(tmp_path):
    authority = Authority(tmp_path / "authority")
    made = Cluster(tmp_path, options=lambda number: authority.options(f"node-{number}"))
    with running(made) as cluster:
        yield cluster, authority


def context(authority, certificate=None, key=None):
    made = ssl.create_default_context(cafile=authority.certificate)
    if certificate:
        made.load_cert_chain(certificate, key)
    return made


def spoken(node, tls, data=b"\x01"):
    """What the node answers on its port for nodes to a client of that kind; b"" where it closes."""
    with socket.create_connection(("127.0.0.1", int(node.ports["rpc"])), timeout=10) as raw:
        try:
            stream = tls.wrap_socket(raw, server_hostname="127.0.0.1") if tls else raw
            stream.sendall(data)
            return stream.recv(4096)
        except (ssl.SSLError, ConnectionError):
            return b""


def presented(node, authority, certificate, key):
    with socket.create_connection(("127.0.0.1", int(node.ports["rpc"])), timeout=10) as raw:
        with context(authority, certificate, key).wrap_socket(raw, server_hostname="127.0.0.1") as tls:
            return tls.getpeercert(binary_form=True)


def joins(directory, number, cluster, options, reason):
    """A node with these options asks to join; its log must say why it cannot."""
    stranger = Node(directory, number, cluster.nodes[0].addresses["rpc"], options)
    try:
        stranger.says(reason)
        assert stranger.process.poll() is None
    finally:
        stranger.kill()


def test_nodes_with_certificates(secure, tmp_path):
    cluster, authority = secure
    # Work, a death and a restart go as they do in the clear.
    work = Workload(cluster, clients=1)
    time.sleep(0.5)
    victim = cluster.busiest()
    victim.kill()
    time.sleep(1.5)
    victim.restart()
    cluster.settle()
    # New certificates are used for connections to come; old ones go on.
    node = cluster.nodes[1]
    own = authority.sign("client")
    before = presented(node, authority, *own)
    authority.sign("node-2")
    assert presented(node, authority, *own) == before
    node.signal(signal.SIGHUP)
    node.says("the certificate for nodes has been read again")
    assert presented(node, authority, *own) != before
    work.stop()
    assert len(work.acknowledged) > 20
    work.check()

    # Strangers are not heard: not even told what this is.
    other = Authority(tmp_path / "other")
    other_context = context(authority, *other.sign("stranger"))
    assert spoken(node, context(authority), b"\x01" * 64) == b""
    assert spoken(node, other_context, b"\x01" * 64) == b""
    assert spoken(node, None, b"QTRNRPC1" * 8)[:8] != b"QTRNRPC1"
    node.says("peer did not return a certificate")
    names = {entry["name"] for entry in cluster.nodes[0].status()["nodes"]}
    joins(tmp_path, 7, cluster, other.options("node-7"), "certificate verify failed")
    joins(tmp_path, 8, cluster, [], "cannot join")
    # A certificate of another authority that trusts this one's: refused by the cluster's side.
    certificate, key = other.sign("node-9")
    joins(tmp_path, 9, cluster, ["--rpc-tls-cert", certificate, "--rpc-tls-key", key, "--rpc-tls-ca",
                                 authority.certificate], "cannot join")
    assert {entry["name"] for entry in cluster.nodes[0].status()["nodes"]} == names
    cluster.settle()

    # A member that comes back with a certificate for another address is let go by those who call it.
    node.end()
    node.options = authority.options("node-2", "DNS:elsewhere.test")
    node.start()
    cluster.nodes[0].says("IP address mismatch")
    node.kill()


@pytest.mark.parametrize("options, reason", [
    (["--rpc-tls-cert", "x"], "go together"),
    (["--listen", "0.0.0.0", "--tls-cert", "x", "--tls-key", "y"], "--rpc-tls-cert"),
    (["--rpc-listen", "0.0.0.0"], "--rpc-listen 0.0.0.0"),
    (["--rpc-tls-cert", "/no/c", "--rpc-tls-key", "/no/k", "--rpc-tls-ca", "/no/a"], "/no/c"),
])
def test_options(tmp_path, options, reason):
    run = subprocess.run(
        [BINARY, "run", "--data-dir", f"{tmp_path}/data", "--pg-port", "0", "--http-port", "off",
         "--rpc-port", "0", *options], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and reason in run.stderr, run.stderr

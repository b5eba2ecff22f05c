"""Nodes in network namespaces of their own, on one bridge, that can be cut apart in either direction."""

import itertools
import os
import subprocess

import pytest

from cluster import Cluster, Node

PASSWORD = "between namespaces"
counter = itertools.count()


def ip(*arguments, check=True):
    return subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True)


def need_the_right():
    """Skips the test where namespaces and bridges cannot be made."""
    probe = f"qprobe{os.getpid()}"
    try:
        made = ip("netns", "add", probe, check=False)
        bridged = ip("-n", probe, "link", "add", "probe", "type", "bridge", check=False)
        ip("netns", "del", probe, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `ip` here: network namespaces are not tested")
    if made.returncode or bridged.returncode:
        pytest.skip(f"no right to make network namespaces: {(made.stderr + bridged.stderr).strip()}")


class Network:
    """A bridge, and one namespace for each node."""

    def __init__(self):
        number = os.getpid() * 8 + next(counter)
        self.prefix = f"10.{200 + number % 50}.{number // 50 % 250}"
        self.name = f"q{number % 1_000_000}"
        ip("link", "add", self.name, "type", "bridge")
        ip("addr", "add", f"{self.prefix}.254/24", "dev", self.name)
        ip("link", "set", self.name, "up")
        self.numbers = []

    def namespace(self, number):
        return f"{self.name}n{number}"

    def address(self, number):
        return f"{self.prefix}.{number}"

    def add(self, number):
        space, outside = self.namespace(number), f"{self.name}v{number}"
        ip("netns", "add", space)
        self.numbers.append(number)
        ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", outside, "master", self.name, "up")
        ip("-n", space, "addr", "add", f"{self.address(number)}/24", "dev", "eth0")
        ip("-n", space, "link", "set", "eth0", "up")
        ip("-n", space, "link", "set", "lo", "up")

    def cut(self, source, target):
        """What `source` sends to `target` gets lost: it has the hardware address of nobody."""
        ip("-n", self.namespace(source), "neigh", "replace", self.address(target), "lladdr",
           "02:00:00:00:00:99", "nud", "permanent", "dev", "eth0")

    def heal(self):
        for source in self.numbers:
            for target in self.numbers:
                if source != target:
                    ip("-n", self.namespace(source), "neigh", "del", self.address(target), "dev",
                       "eth0", check=False)

    def end(self):
        for number in self.numbers:
            ip("netns", "del", self.namespace(number), check=False)
        ip("link", "del", self.name, check=False)


class RemoteNode(Node):
    login = {"password": PASSWORD}

    def __init__(self, network, directory, number, seed, options):
        self.host = network.address(number)
        super().__init__(
            directory, number, seed,
            ["--listen", "0.0.0.0", "--advertise", f"{self.host}:4400", "--insecure", *options],
            ["ip", "netns", "exec", network.namespace(number)])

    def start(self):
        self.ports = {"pg": "5432", "http": "8080", "rpc": "4400"}
        super().start()


class RemoteCluster(Cluster):
    """Each node in a namespace; clients and the test outside of them."""

    def __init__(self, directory, options=lambda number, address: ()):
        need_the_right()
        self.network = Network()
        try:
            super().__init__(
                directory, options=lambda number: options(number, self.network.address(number)))
        except BaseException:
            self.network.end()
            raise

    def seed(self):
        return f"{self.nodes[0].host}:4400" if self.nodes else None

    def made(self, number, seed):
        self.network.add(number)
        return RemoteNode(self.network, self.directory, number, seed, self.options(number))

    def prepare(self):
        # A role without a password may come from its own machine only.
        subprocess.run(
            ["ip", "netns", "exec", self.network.namespace(1), "psql", "-X", "-q", "-h", "127.0.0.1",
             "-U", "quatrain", "-c", f"alter role quatrain password '{PASSWORD}'", "quatrain"],
            check=True)
        super().prepare()

    def end(self):
        super().end()
        self.network.end()

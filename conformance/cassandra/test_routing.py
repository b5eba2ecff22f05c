"""What Scylla's drivers go by: each connection says which core it has come to, and a request that belongs to another one
is told where that is."""

import struct

import pytest

from conftest import KEYSPACE
from test_wire import Connection, frame, query, string


class Reader:
    def __init__(self, body):
        self.body, self.place = body, 0

    def take(self, count):
        self.place += count
        return self.body[self.place - count:self.place]

    def short(self):
        return struct.unpack("!H", self.take(2))[0]

    def string(self):
        return self.take(self.short()).decode()

    def bytes(self):
        return self.take(struct.unpack("!i", self.take(4))[0])


def supported(connection):
    connection.socket.sendall(frame(5))
    _, opcode, body = connection.read()
    assert opcode == 6
    reader = Reader(body)
    return {reader.string(): [reader.string() for _ in range(reader.short())] for _ in range(reader.short())}


class Routed(Connection):
    def __init__(self):
        super().__init__(ready=False)
        options = supported(self)
        assert options["TABLETS_ROUTING_V1"] == [""] and options["SCYLLA_SHARDING_ALGORITHM"] == ["biased-token-round-robin"]
        self.shard, self.shards = int(options["SCYLLA_SHARD"][0]), int(options["SCYLLA_NR_SHARDS"][0])
        self.socket.sendall(frame(
            1, struct.pack("!H", 2) + string("CQL_VERSION") + string("3.0.0") + string("TABLETS_ROUTING_V1") + string("")))
        assert self.read()[1] == 2

    def prepare(self, text):
        self.socket.sendall(frame(9, struct.pack("!I", len(text)) + text.encode()))
        _, opcode, body = self.read()
        assert opcode == 8
        reader = Reader(body[4:])
        return reader.take(reader.short())

    def execute(self, statement, key):
        """The tablet that the reply tells of: its tokens and its core; nil where it tells of none."""
        self.socket.sendall(frame(
            10, struct.pack("!H", len(statement)) + statement + struct.pack("!HBHii", 1, 1, 1, 4, key)))
        header = self.take(9)
        body = Reader(self.take(struct.unpack("!I", header[5:])[0]))
        assert header[4] == 8
        if not header[1] & 4:
            return None
        payload = {body.string(): body.bytes() for _ in range(body.short())}
        tablet = Reader(payload["tablets-routing-v1"])
        first, last = struct.unpack("!q", tablet.bytes())[0], struct.unpack("!q", tablet.bytes())[0]
        replicas = Reader(tablet.bytes())
        assert struct.unpack("!i", replicas.take(4)) == (1,)
        replica = Reader(replicas.bytes())
        assert len(replica.bytes()) == 16
        return first, last, struct.unpack("!i", replica.bytes())[0]


def test_requests_are_told_their_core(cql, table):
    name = table("a int PRIMARY KEY, v int")
    for key in range(100):
        cql.execute(f"INSERT INTO {name} (a, v) VALUES ({key}, {key})")
    tokens = {row.a: row.place for row in cql.execute(f"SELECT a, token(a) AS place FROM {name}")}
    # Connections come to cores as they like.
    by_shard = {}
    for _ in range(100):
        connection = Routed()
        by_shard.setdefault(connection.shard, connection)
        if len(by_shard) == connection.shards:
            break
    else:
        pytest.fail(f"{connection.shards} cores, and connections to {sorted(by_shard)} only")
    told = {}
    for shard, connection in by_shard.items():
        statement = connection.prepare(f"SELECT v FROM {name} WHERE a = ?")
        for key in range(100):
            route = connection.execute(statement, key)
            told.setdefault(key, {})[shard] = route
            if route is not None:
                first, last, owner = route
                assert first < tokens[key] <= last and owner != shard
    for key, routes in told.items():
        # One core answers without a word, and the others all name that one.
        silent = [shard for shard, route in routes.items() if route is None]
        assert len(silent) == 1, (key, routes)
        assert {route[2] for route in routes.values() if route is not None} <= set(silent)


def test_nobody_is_told_who_did_not_ask(table):
    name = table("a int PRIMARY KEY, v int")
    connection = Connection()
    for key in range(20):
        connection.socket.sendall(frame(7, query(f"SELECT v FROM {name} WHERE a = {key}")))
        header = connection.take(9)
        assert header[1] == 0 and header[4] == 8
        connection.take(struct.unpack("!I", header[5:])[0])


def test_timeouts_of_statements(cql, table):
    name = table("a int PRIMARY KEY, v int")
    cql.execute(f"INSERT INTO {name} (a, v) VALUES (1, 2) USING TIMEOUT 5s")
    cql.execute(f"UPDATE {name} USING TIMEOUT 5s AND TTL 100 SET v = 3 WHERE a = 1")
    assert cql.execute(f"SELECT v FROM {name} WHERE a = 1 USING TIMEOUT 500ms").one().v == 3
    prepared = cql.prepare(f"SELECT v FROM {name} WHERE a = ? USING TIMEOUT 1s")
    assert cql.execute(prepared, (1,)).one().v == 3
    assert KEYSPACE in name

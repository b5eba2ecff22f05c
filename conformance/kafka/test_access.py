"""Passwords, TLS, privileges and restarts, on nodes of their own."""

import json
import subprocess
import time
import uuid

import psycopg
import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition

from conftest import connect, until


def settings(node, port="kafka", **options):
    made = {
        "bootstrap.servers": node.ports[port], "group.id": f"g{uuid.uuid4().hex}", "auto.offset.reset": "earliest",
        "enable.auto.commit": False}
    made.update(options)
    return made


def sasl(node, mechanism, user, password, port="kafka", **options):
    return settings(node, port, **{
        "security.protocol": "SASL_SSL" if port == "kafka-tls" else "SASL_PLAINTEXT", "sasl.mechanism": mechanism,
        "sasl.username": user, "sasl.password": password, **options})


def one_row(node):
    with connect(node.ports["pg"]) as sql:
        sql.execute("CREATE TABLE t (id int PRIMARY KEY, line text)")
        sql.execute("ALTER TABLE t SET (change_stream = on, change_partitions = 64)")
        sql.execute("INSERT INTO t VALUES (1, 'one')")


def first(options, topic="public.t"):
    reader = Consumer(options)
    reader.subscribe([topic])
    try:
        message = until(lambda: reader.poll(0.2), 20)
        return message.error().name() if message.error() else json.loads(message.value())
    finally:
        reader.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_passwords(node, mechanism):
    started = node()
    one_row(started)
    with connect(started.ports["pg"]) as sql:
        sql.execute("CREATE ROLE reader LOGIN PASSWORD 'se,c=ret'")
        sql.execute("GRANT SELECT ON t TO reader")
        sql.execute("CREATE ROLE other LOGIN PASSWORD 'x'")
    assert first(sasl(started, mechanism, "reader", "se,c=ret")) == {"id": 1, "line": "one"}
    # SELECT is what it takes.
    assert first(sasl(started, mechanism, "other", "x")) == "TOPIC_AUTHORIZATION_FAILED"
    for user in ("reader", "nobody"):
        failed = []
        reader = Consumer(sasl(started, mechanism, user, "wrong", error_cb=lambda error: failed.append(error.name())))
        until(lambda: reader.poll(0.1) or failed)
        assert "_AUTHENTICATION" in failed
        reader.close()
    # Who does not say who it is gets nothing any more.
    with pytest.raises(KafkaException):
        Consumer(settings(started)).list_topics(timeout=2)


def test_tls(node, tmp_path):
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    started = node("--tls-cert", certificate, "--tls-key", key, "--kafka-tls-port", "0")
    one_row(started)
    with connect(started.ports["pg"]) as sql:
        sql.execute("CREATE ROLE reader LOGIN PASSWORD 'secret'")
        sql.execute("GRANT SELECT ON t TO reader")
    found = first(sasl(
        started, "SCRAM-SHA-256", "reader", "secret", "kafka-tls", **{"ssl.ca.location": certificate}))
    assert found == {"id": 1, "line": "one"}


def test_groups_belong_to_roles(node):
    started = node()
    one_row(started)
    with connect(started.ports["pg"]) as sql:
        for name in ("a", "b"):
            sql.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
            sql.execute(f"GRANT SELECT ON t TO {name}")
    assert first(sasl(started, "PLAIN", "a", "a", **{"group.id": "theirs"})) == {"id": 1, "line": "one"}
    assert first(sasl(started, "PLAIN", "b", "b", **{"group.id": "theirs"})) == "GROUP_AUTHORIZATION_FAILED"


def test_kill(node):
    """Offsets and groups outlive a node that is killed; a consumer goes on where it was."""
    started = node()
    one_row(started)
    reader = Consumer(settings(started, **{"group.id": "g"}))
    reader.subscribe(["public.t"])
    until(lambda: reader.poll(0.2))
    reader.commit(asynchronous=False)
    started.kill()
    reader.close()
    started.options = ("--kafka-port", started.ports["kafka"].rsplit(":", 1)[1])
    started.start()
    with connect(started.ports["pg"]) as sql:
        sql.execute("INSERT INTO t VALUES (2, 'two')")
    assert first(settings(started, **{"group.id": "g"})) == {"id": 2, "line": "two"}


def test_quotas(node):
    """A role's clients get so many bytes each second, together, and hear of it."""
    started = node()
    with connect(started.ports["pg"]) as sql:
        sql.execute("CREATE TABLE t (id int PRIMARY KEY, line text) WITH (distributed_by = 'globally')")
        sql.execute("ALTER TABLE t SET (change_stream = on)")
        sql.execute("INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 600) i")
        sql.execute("CREATE ROLE reader LOGIN PASSWORD 'r'")
        sql.execute("GRANT SELECT ON t TO reader")
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            sql.execute("ALTER ROLE reader SET quatrain.kafka_fetch_bytes_per_second = 'much'")

        def seconds():
            throttled = []
            reader = Consumer(sasl(started, "PLAIN", "reader", "r", throttle_cb=lambda event: throttled.append(event.throttle_time)))
            reader.assign([TopicPartition("public.t", 0, 0)])
            begun = time.monotonic()
            for _ in range(600):
                message = until(lambda: reader.poll(0.2), 20)
                assert message.error() is None
            reader.close()
            return time.monotonic() - begun, throttled

        freely, throttled = seconds()
        assert not throttled
        sql.execute("ALTER ROLE reader SET quatrain.kafka_fetch_bytes_per_second = 200000")
        # 600 KB at 200 KB/s: the last wait is not seen.
        slowly, throttled = seconds()
        assert slowly > 1.8 and any(throttled), (freely, slowly, throttled)
        sql.execute("ALTER ROLE reader RESET quatrain.kafka_fetch_bytes_per_second")
        assert not seconds()[1]

"""confluent-kafka (librdkafka), in both group protocols."""

import json
import threading
import time
import uuid

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition)
from confluent_kafka.admin import AdminClient, NewTopic

from conftest import KAFKA, until


def consumer(group=None, **options):
    settings = {
        "bootstrap.servers": KAFKA, "group.id": group or f"g{uuid.uuid4().hex}", "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "check.crcs": True}
    settings.update({name.replace("_", "."): value for name, value in options.items()})
    if settings.get("group.protocol") == "consumer":
        settings.pop("session.timeout.ms", None)
    return Consumer(settings)


def read(reader, count, seconds=30):
    """So many messages, each without an error."""
    found = []
    end = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < end:
        message = reader.poll(0.2)
        if message is None:
            continue
        assert message.error() is None, message.error()
        found.append(message)
    assert len(found) == count
    return found


PROTOCOLS = ["classic", "consumer"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_history_and_live(table, protocol):
    made = table()
    made.fill(range(20))
    reader = consumer(group_protocol=protocol)
    reader.subscribe([made.topic])
    seen = {json.loads(m.key())["id"]: json.loads(m.value()) for m in read(reader, 20)}
    assert seen == {i: {"id": i, "line": f"line {i}"} for i in range(20)}
    made.sql.execute(f"UPDATE {made.name} SET line = 'new' WHERE id = 7")
    changed, = read(reader, 1)
    assert json.loads(changed.value()) == {"id": 7, "line": "new"}
    made.sql.execute(f"DELETE FROM {made.name} WHERE id = 7")
    gone, = read(reader, 1)
    assert json.loads(gone.key()) == {"id": 7} and gone.value() is None
    assert gone.partition() == changed.partition() and gone.offset() > changed.offset()
    assert abs(gone.timestamp()[1] / 1000 - time.time()) < 60
    reader.close()


def test_nothing_undecided_is_seen(table):
    made = table(1)
    reader = consumer(isolation_level="read_uncommitted")
    reader.assign([TopicPartition(made.topic, 0, OFFSET_BEGINNING)])
    with made.sql.transaction(force_rollback=True):
        made.sql.execute(f"INSERT INTO {made.name} VALUES (1, 'never')")
        assert reader.poll(0.5) is None
    with made.sql.transaction():
        made.sql.execute(f"INSERT INTO {made.name} VALUES (2, 'a')")
        assert reader.poll(0.5) is None
        made.sql.execute(f"INSERT INTO {made.name} VALUES (3, 'b')")
    assert sorted(json.loads(m.key())["id"] for m in read(reader, 2)) == [2, 3]
    reader.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_commits_are_rows(table, protocol):
    made = table(1)
    made.fill(range(10))
    group = f"g{uuid.uuid4().hex}"
    first = consumer(group, group_protocol=protocol)
    first.subscribe([made.topic])
    messages = read(first, 4)
    first.commit(messages[-1], asynchronous=False)
    first.close()
    row = made.sql.execute(
        "SELECT topic, partition, committed_offset FROM kafka.offsets WHERE group_id = %s", (group,)).fetchone()
    assert row == (made.topic, 0, messages[-1].offset() + 1)
    second = consumer(group, group_protocol=protocol)
    second.subscribe([made.topic])
    rest = read(second, 6)
    assert rest[0].offset() == messages[-1].offset() + 1
    second.close()
    # An operator sets the group back.
    made.sql.execute("UPDATE kafka.offsets SET committed_offset = 0 WHERE group_id = %s", (group,))
    third = consumer(group, group_protocol=protocol)
    third.subscribe([made.topic])
    assert len(read(third, 10)) == 10
    third.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("strategy", ["range", "cooperative-sticky"])
def test_rebalance(table, protocol, strategy):
    """Two members share the partitions, one goes, the other has all: nothing is missed."""
    if protocol == "consumer" and strategy != "range":
        pytest.skip("the server shares out")
    made = table()
    group = f"g{uuid.uuid4().hex}"
    options = {"group_protocol": protocol}
    if protocol == "classic":
        options |= {
            "partition_assignment_strategy": strategy, "session_timeout_ms": 6000, "heartbeat_interval_ms": 300}
    readers = [consumer(group, **options) for _ in range(2)]
    seen = set()

    def poll():
        for reader in readers:
            message = reader.poll(0.02)
            if message is not None:
                assert message.error() is None, message.error()
                seen.add(json.loads(message.key())["id"])

    def shared(counts):
        poll()
        return sorted(len(reader.assignment()) for reader in readers) == counts

    for reader in readers:
        reader.subscribe([made.topic])
    until(lambda: shared([32, 32]))
    made.fill(range(40))
    until(lambda: poll() or len(seen) == 40)
    for reader in readers:
        try:
            reader.commit(asynchronous=False)
        except KafkaException as error:
            assert error.args[0].name() == "_NO_OFFSET"
    readers.pop().close()
    until(lambda: shared([64]))
    made.fill(range(40, 60))
    until(lambda: poll() or len(seen) == 60)
    readers[0].close()


def test_static_member_keeps_its_partitions(table):
    made = table()
    made.fill(range(8))
    group = f"g{uuid.uuid4().hex}"

    def member(name):
        reader = consumer(group, group_instance_id=name, session_timeout_ms=10000, heartbeat_interval_ms=300)
        reader.subscribe([made.topic])
        return reader

    def generation():
        return made.sql.execute("SELECT generation FROM kafka.groups WHERE group_id = %s", (group,)).fetchone()[0]

    first, second = member("a"), member("b")
    until(lambda: [r.poll(0.02) for r in (first, second)] and
          sorted(len(r.assignment()) for r in (first, second)) == [32, 32])
    before, had = generation(), {p.partition for p in second.assignment()}
    second.close()
    second = member("b")
    until(lambda: [r.poll(0.02) for r in (first, second)] and len(second.assignment()) == 32)
    assert {p.partition for p in second.assignment()} == had and generation() == before
    first.close()
    second.close()


def test_seek_and_times(table):
    made = table(1)
    made.fill(range(5))
    time.sleep(0.05)
    middle = int(time.time() * 1000)
    time.sleep(0.05)
    made.fill(range(5, 10))
    reader = consumer()
    assert reader.get_watermark_offsets(TopicPartition(made.topic, 0)) == (0, 10)
    found, = reader.offsets_for_times([TopicPartition(made.topic, 0, middle)])
    assert found.offset == 5
    late, = reader.offsets_for_times([TopicPartition(made.topic, 0, middle + 3_600_000)])
    assert late.offset == -1
    reader.assign([TopicPartition(made.topic, 0, 5)])
    assert [m.offset() for m in read(reader, 5)] == [5, 6, 7, 8, 9]
    reader.seek(TopicPartition(made.topic, 0, 2))
    assert [m.offset() for m in read(reader, 3)] == [2, 3, 4]
    reader.close()


def test_offset_out_of_range(table):
    made = table(1)
    made.fill(range(3))
    reader = consumer(auto_offset_reset="error")
    reader.assign([TopicPartition(made.topic, 0, 1000)])
    found = until(lambda: reader.poll(0.2))
    assert found.error().name() in ("_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE")
    reader.close()


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_compression(table, codec):
    made = table(1)
    made.sql.execute(f"CREATE TOPIC {made.name}.{codec} ON {made.name} WITH (compression = {codec})")
    made.fill(range(300), "the same words again and again {}")
    reader = consumer()
    reader.assign([TopicPartition(f"{made.name}.{codec}", 0, OFFSET_BEGINNING)])
    assert [json.loads(m.key())["id"] for m in read(reader, 300)] == list(range(300))
    reader.close()


def test_debezium(table):
    made = table(1)
    made.sql.execute(f"CREATE TOPIC {made.name}.d ON {made.name} WITH (format = debezium)")
    made.fill([1])
    made.sql.execute(f"UPDATE {made.name} SET line = 'x'")
    made.sql.execute(f"DELETE FROM {made.name}")
    reader = consumer()
    reader.assign([TopicPartition(f"{made.name}.d", 0, OFFSET_BEGINNING)])
    values = [json.loads(m.value()) for m in read(reader, 3)]
    assert [v["op"] for v in values] == ["c", "u", "d"]
    assert values[0]["before"] is None and values[0]["after"] == {"id": 1, "line": "line 1"}
    assert values[1]["before"] == values[0]["after"] and values[1]["after"] == {"id": 1, "line": "x"}
    assert values[2]["before"] == values[1]["after"] and values[2]["after"] is None
    assert values[2]["source"]["table"] == made.name and values[2]["source"]["schema"] == "public"
    reader.close()


def test_raw_and_columns(table):
    made = table(1)
    made.sql.execute(f"CREATE TOPIC {made.name}.r ON {made.name} WITH (format = raw, columns = (line))")
    made.sql.execute(f"CREATE TOPIC {made.name}.c ON {made.name} WITH (columns = (line), key = line)")
    made.fill([1])
    reader = consumer()
    reader.assign([TopicPartition(f"{made.name}.r", 0, OFFSET_BEGINNING)])
    message, = read(reader, 1)
    assert (message.key(), message.value()) == (b"1", b"line 1")
    reader.assign([TopicPartition(f"{made.name}.c", 0, OFFSET_BEGINNING)])
    message, = read(reader, 1)
    assert json.loads(message.value()) == json.loads(message.key()) == {"line": "line 1"}
    reader.close()


def test_topics_are_described(table):
    made = table()
    admin = AdminClient({"bootstrap.servers": KAFKA})
    found = admin.list_topics(timeout=10)
    assert len(found.topics[made.topic].partitions) == 64
    brokers = set(found.brokers)
    assert all(p.leader in brokers for p in found.topics[made.topic].partitions.values())
    cluster = admin.describe_cluster(request_timeout=10).result()
    assert {n.id for n in cluster.nodes} == brokers


def test_groups_are_described_and_deleted(table):
    made = table()
    made.fill(range(4))
    group = f"g{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": KAFKA})
    reader = consumer(group)
    reader.subscribe([made.topic])
    messages = read(reader, 4)
    reader.commit(asynchronous=False)
    described = admin.describe_consumer_groups([group], request_timeout=10)[group].result()
    assert described.state.name == "STABLE"
    assert {p.partition for m in described.members for p in m.assignment.topic_partitions} == set(range(64))
    assert group in {g.group_id for g in admin.list_consumer_groups(request_timeout=10).result().valid}
    with pytest.raises(KafkaException):
        admin.delete_consumer_groups([group], request_timeout=10)[group].result()
    reader.close()
    offsets = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group)], request_timeout=10)[group].result()
    assert sum(max(0, p.offset) for p in offsets.topic_partitions) == len(messages)
    admin.delete_consumer_groups([group], request_timeout=10)[group].result()
    assert made.sql.execute("SELECT count(*) FROM kafka.offsets WHERE group_id = %s", (group,)).fetchone() == (0,)


def test_writes_are_refused(table):
    made = table(1)
    errors = []
    producer = Producer({"bootstrap.servers": KAFKA, "message.timeout.ms": 10000})
    producer.produce(made.topic, b"x", on_delivery=lambda error, _: errors.append(error))
    producer.flush(15)
    assert [e.name() for e in errors] == ["TOPIC_AUTHORIZATION_FAILED"]
    admin = AdminClient({"bootstrap.servers": KAFKA})
    with pytest.raises(KafkaException) as refused:
        admin.create_topics([NewTopic("t", 1, 1)], request_timeout=10)["t"].result()
    assert refused.value.args[0].name() == "POLICY_VIOLATION"
    with pytest.raises(KafkaException):
        admin.delete_topics([made.topic], request_timeout=10)[made.topic].result()


def test_missing_topic():
    reader = consumer()
    reader.subscribe(["public.nothing"])
    found = until(lambda: reader.poll(0.2))
    assert found.error().name() == "UNKNOWN_TOPIC_OR_PART"
    reader.close()


def test_order_per_key_under_writers(table):
    """Four writers, one key each: a group of three sees each key's values in order, none missing."""
    made = table()
    made.fill(range(4), "0")
    group = f"g{uuid.uuid4().hex}"
    last = 100

    from conftest import connect

    def write(key):
        with connect() as own:
            for value in range(1, last + 1):
                own.execute(f"UPDATE {made.name} SET line = %s WHERE id = %s", (str(value), key))

    writers = [threading.Thread(target=write, args=(key,)) for key in range(4)]
    readers = [consumer(group, session_timeout_ms=6000, heartbeat_interval_ms=300) for _ in range(3)]
    for reader in readers:
        reader.subscribe([made.topic])
    for writer in writers:
        writer.start()
    seen = {key: [] for key in range(4)}

    def poll():
        for reader in readers:
            message = reader.poll(0.01)
            if message is not None and message.error() is None:
                row = json.loads(message.value())
                seen[row["id"]].append(int(row["line"]))
        return all(values and values[-1] == last for values in seen.values())

    until(poll, 60)
    for writer in writers:
        writer.join()
    for values in seen.values():
        # A rebalance before the first commit may begin again; within a run it is in order.
        assert set(values) == set(range(last + 1))
        assert all(b == a + 1 or b == 0 for a, b in zip(values, values[1:]))
    for reader in readers:
        reader.close()

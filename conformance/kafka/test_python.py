"""kafka-python and aiokafka."""

import asyncio
import json
import uuid

from aiokafka import AIOKafkaConsumer
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from conftest import KAFKA


def value(data):
    return None if data is None else json.loads(data)


def test_kafka_python_group(table):
    made = table()
    made.fill(range(20))
    group = f"g{uuid.uuid4().hex}"
    reader = KafkaConsumer(
        made.topic, bootstrap_servers=KAFKA, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        consumer_timeout_ms=20000, value_deserializer=value)
    seen = set()
    for message in reader:
        seen.add(message.value["id"])
        if len(seen) == 20:
            break
    assert seen == set(range(20))
    reader.commit()
    assert sum(reader.committed(p) or 0 for p in reader.assignment()) == 20
    reader.close()


def test_kafka_python_times(table):
    made = table(1)
    made.fill(range(3))
    reader = KafkaConsumer(bootstrap_servers=KAFKA, enable_auto_commit=False, consumer_timeout_ms=10000)
    place = TopicPartition(made.topic, 0)
    reader.assign([place])
    assert reader.beginning_offsets([place]) == {place: 0}
    assert reader.end_offsets([place]) == {place: 3}
    assert reader.offsets_for_times({place: 0})[place].offset == 0
    reader.seek(place, 1)
    assert next(reader).offset == 1
    reader.close()


def test_kafka_python_admin(table):
    made = table()
    admin = KafkaAdminClient(bootstrap_servers=KAFKA)
    assert made.topic in admin.list_topics()
    admin.close()


def test_aiokafka_group(table):
    made = table()
    made.fill(range(20))
    group = f"g{uuid.uuid4().hex}"

    async def run():
        reader = AIOKafkaConsumer(
            made.topic, bootstrap_servers=KAFKA, group_id=group, auto_offset_reset="earliest",
            enable_auto_commit=False)
        await reader.start()
        try:
            seen = set()
            while len(seen) < 20:
                message = await asyncio.wait_for(reader.getone(), 20)
                seen.add(json.loads(message.value)["id"])
            await reader.commit()
            offsets = [await reader.committed(p) or 0 for p in reader.assignment()]
            assert seen == set(range(20)) and sum(offsets) == 20
        finally:
            await reader.stop()

    asyncio.run(run())

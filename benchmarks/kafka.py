#!/usr/bin/env python3
"""Topics: reading them beside librdkafka's mock cluster and a plain copy over the loopback, what a change stream costs writers,
and how long a commit takes to its consumer.

usage: benchmarks/kafka.py QUATRAIN_EXECUTABLE [--rounds N] [--records N] [--seconds N]

Needs confluent-kafka and psycopg (scripts/python.sh makes a place with both), gcc and librdkafka-dev. The server has one shard. CPU
time is that of the serving process alone. The figures of one run of a busy machine mean little; ratios of medians do.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

import confluent_kafka
import psycopg

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")
BYTES = 1_024
# The mock cluster keeps 5 MiB of a partition.
PARTITIONS = 64


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Server:
    def __init__(self, executable, directory):
        self.process = subprocess.Popen(
            [executable, "run", "--data-dir", str(directory / "data"), "--shards", "1", "--pg-port", "0", "--resp-port", "0",
             "--cql-port", "0", "--kafka-port", "0", "--http-port", "off", "--rpc-port", "0", "--durability", "relaxed"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(self.process.stdout.readline()[6:])
        self.kafka = ready["kafka"]
        self.host, self.port = ready["pg"].rsplit(":", 1)

    def sql(self):
        return psycopg.connect(host=self.host, port=self.port, user="quatrain", dbname="quatrain", autocommit=True)

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def consumer(address, topic, partitions):
    made = confluent_kafka.Consumer({
        "bootstrap.servers": address, "group.id": "bench", "enable.auto.commit": False, "check.crcs": False,
        "queued.max.messages.kbytes": 131_072, "fetch.message.max.bytes": 1 << 20})
    made.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in range(partitions)])
    return made


def fetch(address, topic, pid, records):
    """MB and records per second, CPU milliseconds for each MB."""
    reader = consumer(address, topic, PARTITIONS)
    before, begun, count, size = cpu_seconds(pid), time.monotonic(), 0, 0
    while count < records:
        batch = reader.consume(10_000, timeout=20)
        assert batch, f"{count} of {records} records came"
        for message in batch:
            assert message.error() is None, message.error()
            size += len(message.value())
        count += len(batch)
    elapsed, cpu = time.monotonic() - begun, cpu_seconds(pid) - before
    reader.close()
    return size / 1e6 / elapsed, count / elapsed, cpu * 1e3 / (size / 1e6)


def copy(megabytes):
    """The same bytes by `send` alone: MB and KiB per second, the sender's CPU milliseconds for each MB."""
    listener = socket.create_server(("127.0.0.1", 0))
    child = os.fork()
    if child == 0:
        connection = listener.accept()[0]
        piece = b"v" * (1 << 20)
        for _ in range(megabytes):
            connection.sendall(piece)
        connection.close()
        os._exit(0)
    connection = socket.create_connection(listener.getsockname())
    begun = time.monotonic()
    while connection.recv(1 << 20):
        pass
    elapsed = time.monotonic() - begun
    _, _, usage = os.wait4(child, 0)
    connection.close()
    listener.close()
    size = megabytes * 1.048576
    return size / elapsed, megabytes * 1_024 / elapsed, (usage.ru_utime + usage.ru_stime) * 1e3 / size


def compare_reading(server, directory, options):
    each = options.records // PARTITIONS
    records = each * PARTITIONS
    mock = directory / "mock_kafka"
    subprocess.run(["gcc", "-O2", "-o", str(mock), str(HERE / "mock_kafka.c"), "-lrdkafka"], check=True)
    with server.sql() as sql:
        sql.execute("create table bench (id int primary key, v text)")
        sql.execute(f"alter table bench set (change_stream = on, change_partitions = {PARTITIONS})")
        sql.execute("create topic raw on bench with (format = raw, key = id, columns = v)")
        with sql.cursor() as cursor, cursor.copy("copy bench from stdin") as rows:
            for number in range(records):
                rows.write(f"{number}\t{'v' * BYTES}\n")
    process = subprocess.Popen(
        [str(mock), str(PARTITIONS), str(each), str(BYTES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = process.stdout.readline().strip()
    figures = {}
    try:
        for _ in range(options.rounds):
            for name, place, topic, pid in (
                    ("raw", server.kafka, "raw", server.process.pid), ("json", server.kafka, "public.bench", server.process.pid),
                    ("mock cluster", address, "bench", process.pid)):
                figures.setdefault(name, []).append(fetch(place, topic, pid, records))
            figures.setdefault("plain copy", []).append(copy(records * BYTES >> 20))
    finally:
        process.stdin.close()
        process.wait()
    print(f"{'reading':14} {'MB/s':>8} {'records/s':>10} {'CPU ms per MB':>14} {'of the mock':>12}")
    peer = statistics.median(figure[2] for figure in figures["mock cluster"])
    for name, found in figures.items():
        rate, count, cpu = (statistics.median(column) for column in zip(*found))
        print(f"{name:14} {rate:8.0f} {count:10,.0f} {cpu:14.2f} {cpu / peer:12.2f}")


def pgbench_rate(server, script, seconds):
    """Transactions per second, the server's CPU microseconds for each."""
    tool = subprocess.run([str(HERE.parent / "scripts/pgbench.sh")], check=True, capture_output=True, text=True).stdout.strip()
    before = cpu_seconds(server.process.pid)
    report = subprocess.run(
        [tool, "-h", server.host, "-p", server.port, "-U", "quatrain", "-n", "-M", "prepared", "-c", "16", "-j", "1", "-T", str(seconds),
         "-f", str(script), "quatrain"], check=True, capture_output=True, text=True).stdout
    count = int(re.search(r"actually processed: (\d+)", report)[1])
    return count / seconds, (cpu_seconds(server.process.pid) - before) / count * 1e6


def compare_writing(server, directory, options):
    statements = {
        "insert": "insert into {} values (:id, 0, 'line') on conflict (id) do nothing",
        "update": "update {} set n = n + 1 where id = :id"}
    with server.sql() as sql:
        for table in "without", "with_stream":
            sql.execute(f"create table {table} (id int primary key, n int, line text)")
            sql.execute(f"insert into {table} select i, 0, repeat('x', 100) from generate_series(1, 100000) i")
        sql.execute("alter table with_stream set (change_stream = on)")
    figures = {}
    for _ in range(options.rounds):
        for kind, text in statements.items():
            for table in "without", "with_stream":
                script = directory / f"{kind}-{table}.sql"
                last = 100_000 if kind == "update" else 2_000_000_000
                script.write_text(f"\\set id random(1, {last})\n{text.format(table)};\n")
                figures.setdefault((kind, table), []).append(pgbench_rate(server, script, options.seconds))
    print(f"\n{'writing':8} {'':12} {'per second':>11} {'CPU µs':>8} {'of without':>11}")
    for kind in statements:
        usual = statistics.median(cpu for _, cpu in figures[kind, "without"])
        for table in "without", "with_stream":
            rate, cpu = (statistics.median(column) for column in zip(*figures[kind, table]))
            print(f"{kind:8} {table:12} {rate:11,.0f} {cpu:8.2f} {cpu / usual:11.2f}")


def measure_latency(server, options):
    with server.sql() as sql:
        sql.execute("create table soon (id int primary key) with (distributed_by = 'globally')")
        sql.execute("alter table soon set (change_stream = on)")
        reader = confluent_kafka.Consumer({
            "bootstrap.servers": server.kafka, "group.id": "soon", "enable.auto.commit": False, "fetch.wait.max.ms": 500})
        reader.assign([confluent_kafka.TopicPartition("public.soon", 0, 0)])
        committed, received = {}, {}
        wanted = options.seconds * 200

        def read():
            while len(received) < wanted:
                message = reader.poll(10)
                if message is None:
                    return
                assert message.error() is None, message.error()
                received[json.loads(message.value())["id"]] = time.monotonic()

        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(1)
        for number in range(wanted):
            sql.execute("insert into soon values (%s)", [number])
            committed[number] = time.monotonic()
            time.sleep(0.005)
        thread.join()
        reader.close()
    # The consumer may have it before the writer hears that it is committed.
    delays = sorted((received[number] - committed[number]) * 1e3 for number in committed)
    print(f"\nfrom the commit's reply to the consumer: p50 {delays[len(delays) // 2]:.2f} ms, p99 "
          f"{delays[len(delays) * 99 // 100]:.2f} ms, {len(delays)} records")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("executable")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp())
    server = Server(options.executable, directory)
    try:
        compare_reading(server, directory, options)
        compare_writing(server, directory, options)
        measure_latency(server, options)
    finally:
        server.stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()

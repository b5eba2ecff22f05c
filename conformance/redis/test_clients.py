"""Programs and libraries of others, as their users run them."""

import asyncio
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import time

import pytest
import redis
import redis.asyncio
from redis.cluster import RedisCluster

from conftest import RESP, address

HOST, PORT = address(RESP)
PROGRAMS = pathlib.Path(__file__).parent / "programs"
CLI = ["redis-cli", "-h", HOST, "-p", str(PORT)]
BIN = pathlib.Path(sys.executable).parent


def run(command, given=None, seconds=60, **options):
    done = subprocess.run(command, input=given, capture_output=True, timeout=seconds, **options)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


# redis-cli and redis-benchmark


def test_interactive_cli(client):
    """On a terminal it asks for the commands' documentation and completes from it."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "dumb"
        os.execvp(CLI[0], CLI)
    text = b""

    def until(pattern):
        nonlocal text
        deadline = time.monotonic() + 20
        while not re.search(pattern, text):
            assert time.monotonic() < deadline, text
            if select.select([terminal], [], [], 1)[0]:
                text += os.read(terminal, 65536)
        text = b""

    try:
        until(rb"> $")
        for line, answer in [
            (b"set poet Hafez", rb"\nOK"), (b"get poet", rb'"Hafez"'), (b"rpush l a b", rb"\(integer\) 2"),
            (b"lrange l 0 -1", rb'1\) "a"\r\n2\) "b"'), (b"incr poet", rb"\(error\) ERR value is not an integer"),
            (b"help get", rb"since:.* 1\.0\.0"), (b"multi", rb"\nOK"), (b"incr n", rb"QUEUED"),
            (b"exec", rb"1\) \(integer\) 1"), (b"hello 3", rb"proto"),
        ]:
            os.write(terminal, line + b"\r")
            until(answer)
    finally:
        os.close(terminal)
        os.waitpid(process, 0)


def test_cli_modes(client):
    lines = b"".join(b"SET p:%d %d\r\n" % (number, number) for number in range(300))
    assert "errors: 0, replies: 300" in run(CLI + ["--pipe"], lines)
    assert client.dbsize() == 300
    names = run(CLI + ["--scan", "--pattern", "p:1*"]).split()
    assert len(names) == len(set(names)) == 111
    client.rpush("long", *range(500))
    client.hset("wide", mapping={str(number): 1 for number in range(300)})
    found = run(CLI + ["--bigkeys"])
    assert re.search(r'Biggest\s+list found .*long.* has 500 items', found), found
    assert re.search(r'Biggest\s+hash found .*wide.* has 300 fields', found), found
    assert 'Biggest string found' in run(CLI + ["--memkeys"])
    assert "redis_version" in run(CLI + ["info", "server"])
    client.sadd("some", "x")
    assert run(CLI + ["-3", "--no-raw", "smembers", "some"]).strip() == '1~ "x"'
    assert run(CLI + ["--eval", "/dev/stdin", "k", ",", "v"], b"return {KEYS[1], ARGV[1]}").split() == ["k", "v"]
    assert run(CLI + ["-x", "set", "from-input"], b"text\n").strip() == "OK"
    assert client.get("from-input") == "text\n"


def test_benchmark(client):
    """All that it does by default, and with a pipeline."""
    for options in [], ["-P", "16"]:
        text = run(["redis-benchmark", "-h", HOST, "-p", str(PORT), "-q", "-n", "600", "-c", "20", "-r", "100000", *options],
                   seconds=120)
        # 600 requests within one millisecond of its clock are told as "inf".
        rates = re.findall(r"^([A-Z_]+[^:\r\n]*): \S+ requests per second", text.replace("\r", "\n"), re.M)
        assert len(rates) == 20, text
        assert "rror" not in text, text


# Libraries


def test_redis_py_defaults():
    with redis.Redis(host=HOST, port=PORT) as client:
        client.flushall()
        pipeline = client.pipeline()
        pipeline.set("a", 1).incr("a").hset("h", mapping={"f": "v"}).hgetall("h").zadd("z", {"m": 1.5}).zrange("z", 0, -1, withscores=True)
        replies = pipeline.execute()
        assert replies[:2] == [True, 2] and replies[3] == {b"f": b"v"}
        assert [list(pair) for pair in replies[5]] == [[b"m", 1.5]]
        with client.lock("lock", timeout=5, blocking_timeout=1):
            assert not client.lock("lock", blocking=False).acquire()
        script = client.register_script("return redis.call('incrby', KEYS[1], ARGV[1])")
        assert script(keys=["a"], args=[5]) == 7
        pubsub = client.pubsub()
        pubsub.subscribe("news")
        assert pubsub.get_message(timeout=5)["type"] == "subscribe"
        client.publish("news", "x")
        assert pubsub.get_message(timeout=5)["data"] == b"x"
        pubsub.close()

        def move(pipe):
            value = int(pipe.get("a"))
            pipe.multi()
            pipe.set("b", value)

        assert client.transaction(move, "a") == [True]


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("parser", ["python", "hiredis"])
def test_redis_py_parsers(protocol, parser):
    from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser

    chosen = _HiredisParser if parser == "hiredis" else _RESP3Parser if protocol == 3 else _RESP2Parser
    pool = redis.ConnectionPool(host=HOST, port=PORT, protocol=protocol, parser_class=chosen)
    with redis.Redis(connection_pool=pool) as client:
        client.flushall()
        binary = bytes(range(256)) * 300
        client.set("bin", binary)
        assert client.get("bin") == binary
        client.hset("h", mapping={"a": "1", "b": "2"})
        assert client.hgetall("h") == {b"a": b"1", b"b": b"2"}
        client.sadd("s", "x", "y")
        assert client.smembers("s") == {b"x", b"y"}
        client.zadd("z", {"m": 2.25})
        assert client.zscore("z", "m") == 2.25
        assert client.config_get("maxmemory-policy") in ({"maxmemory-policy": "noeviction"}, {b"maxmemory-policy": b"noeviction"})
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            client.incr("h")
        assert client.xadd("x", {"f": "v"}, id="1-1") == b"1-1"


def test_redis_py_asyncio():
    async def work():
        client = redis.asyncio.Redis(host=HOST, port=PORT, decode_responses=True)
        await client.flushall()
        await asyncio.gather(*(client.incrby("n", number) for number in range(50)))
        assert await client.get("n") == str(sum(range(50)))

        async def pop():
            return await client.blpop(["q"], timeout=10)

        waiting = asyncio.create_task(pop())
        await asyncio.sleep(0.1)
        await client.rpush("q", "job")
        found = await waiting
        assert list(found) == ["q", "job"]
        async with client.pipeline(transaction=True) as pipe:
            assert await pipe.set("a", 1).incr("a").execute() == [True, 2]
        await client.aclose()

    asyncio.run(work())


def test_redis_py_cluster():
    """It asks for the slots, and sends each command to the node that has the key's."""
    with RedisCluster(host=HOST, port=PORT, decode_responses=True) as client:
        client.flushall()
        for number in range(200):
            client.set(f"c:{number}", number)
        assert [client.get(f"c:{number}") for number in range(200)] == [str(number) for number in range(200)]
        assert client.mget_nonatomic(["c:1", "c:2", "c:3"]) == ["1", "2", "3"]
        pipe = client.pipeline()
        for number in range(50):
            pipe.incr(f"c:{number}")
        assert pipe.execute() == [number + 1 for number in range(50)]
        assert sorted(client.scan_iter(match="c:19*")) == sorted(["c:19"] + [f"c:19{digit}" for digit in range(10)])
        assert client.eval("return redis.call('get', KEYS[1])", 1, "c:7") == "8"
        assert client.cluster_keyslot("{a}b") == client.cluster_keyslot("a") == 15495


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_hiredis(client, tmp_path):
    program = tmp_path / "check"
    run(["cc", "-O1", "-Wall", "-Werror", str(PROGRAMS / "hiredis_check.c"), "-o", str(program), "-lhiredis"])
    run([str(program), HOST, str(PORT)])
    assert client.hget("h:49", "f") == "4999"


# Queues


def test_rq(client):
    import rq

    connection = redis.Redis(host=HOST, port=PORT)
    queue = rq.Queue(connection=connection)
    sys.path.insert(0, str(PROGRAMS))
    import rq_tasks

    jobs = [queue.enqueue(rq_tasks.double, number) for number in range(5)]
    bad = queue.enqueue(rq_tasks.fail)
    later = queue.enqueue(rq_tasks.double, 100, depends_on=jobs[0])
    run([str(BIN / "rq"), "worker", "--burst", "--url", f"redis://{RESP}"], cwd=PROGRAMS, seconds=90)
    assert [job.return_value(refresh=True) for job in jobs] == [0, 2, 4, 6, 8]
    assert later.return_value(refresh=True) == 200
    assert bad.get_status() == "failed" and len(queue.failed_job_registry) == 1
    assert len(queue) == 0 and rq.Worker.count(connection=connection) == 0


def test_celery(client):
    environment = {**os.environ, "QUATRAIN_RESP": RESP}
    worker = subprocess.Popen(
        [str(BIN / "celery"), "-A", "celery_tasks", "worker", "--pool", "solo", "--loglevel", "WARNING"], cwd=PROGRAMS,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.path.insert(0, str(PROGRAMS))
    os.environ["QUATRAIN_RESP"] = RESP
    import celery_tasks
    from celery import chord, group

    try:
        assert celery_tasks.add.delay(2, 3).get(timeout=60) == 5
        results = group(celery_tasks.add.s(number, number) for number in range(10))().get(timeout=60)
        assert results == [2 * number for number in range(10)]
        assert chord(celery_tasks.add.s(number, 1) for number in range(5))(celery_tasks.total.s()).get(timeout=60) == 15
        assert celery_tasks.fails_once.delay().get(timeout=60) == 1
        assert celery_tasks.add.apply_async((1, 1), countdown=1).get(timeout=60) == 2
    finally:
        worker.terminate()
        output, _ = worker.communicate(timeout=60)
    assert b"ERROR" not in output and b"Traceback" not in output, output.decode()


def test_bullmq(client):
    from bullmq import Queue, Worker

    async def work():
        options = {"connection": {"host": HOST, "port": PORT}}
        queue = Queue("poems", options)
        done = {}

        async def process(job, token):
            if job.name == "bad":
                raise RuntimeError("as it should")
            await job.updateProgress(50)
            return job.data["n"] * 2

        worker = Worker("poems", process, {**options, "concurrency": 4})
        worker.on("completed", lambda job, result: done.__setitem__(job.id, result))
        failed = []
        worker.on("failed", lambda job, error: failed.append(job.id))
        jobs = [await queue.add("line", {"n": number}) for number in range(10)]
        jobs += await queue.addBulk([{"name": "line", "data": {"n": 100}}, {"name": "line", "data": {"n": 200}, "opts": {"delay": 300}}])
        bad = await queue.add("bad", {})
        deadline = time.monotonic() + 60
        while (len(done) < 12 or not failed) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        assert [done.get(job.id) for job in jobs] == [2 * number for number in range(10)] + [200, 400]
        assert failed == [bad.id]
        counts = await queue.getJobCounts("completed", "failed", "waiting", "active")
        assert counts == {"completed": 12, "failed": 1, "waiting": 0, "active": 0}
        await worker.close()
        await queue.close()

    asyncio.run(work())

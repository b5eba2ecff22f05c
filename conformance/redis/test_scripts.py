"""Scripts that do not end, and what users with rules may do in them."""

import threading
import time

import pytest
import redis

from conftest import RESP, address

ENDLESS = "while true do end"


def connect(**options):
    host, port = address(RESP)
    return redis.Redis(host=host, port=port, decode_responses=True, single_connection_client=True, **options)


class Running:
    """A script in another thread, by a connection of its own."""

    def __init__(self, *arguments):
        self.client = connect(socket_timeout=60)
        self.error = self.reply = None
        self.thread = threading.Thread(target=self.run, args=arguments)
        self.thread.start()

    def run(self, *arguments):
        try:
            self.reply = self.client.execute_command(*arguments)
        except redis.ResponseError as error:
            self.error = str(error)

    def end(self):
        self.thread.join(20)
        assert not self.thread.is_alive()
        self.client.close()


@pytest.fixture
def impatient(client):
    client.config_set("busy-reply-threshold", 200)
    yield client
    client.config_set("busy-reply-threshold", 5000)


def until_busy(client):
    for _ in range(100):
        try:
            client.ping()
        except redis.exceptions.ResponseError as error:
            assert "BUSY" in str(error) or "busy" in str(error), error
            return str(error)
        time.sleep(0.05)
    raise AssertionError("nobody is told BUSY")


@pytest.mark.parametrize("script", [ENDLESS, "redis.call('set', KEYS[1], 1) " + ENDLESS, "pcall(function() " + ENDLESS + " end)"])
def test_kill(impatient, script):
    """Also on the shard that runs it, whoever asks; nothing that it has written stays."""
    running = Running("EVAL", script, "1", "k")
    others = [connect() for _ in range(6)]
    assert "SCRIPT KILL" in until_busy(others[0])
    for other in others[1:]:
        with pytest.raises(redis.ResponseError, match="(?i)busy"):
            other.get("k")
    with pytest.raises(redis.ResponseError, match="(?i)busy"):
        others[1].execute_command("FUNCTION", "KILL")
    assert others[2].script_kill()
    running.end()
    assert "Script killed by user" in running.error
    assert [other.get("k") for other in others] == [None] * 6
    with pytest.raises(redis.ResponseError, match="NOTBUSY|No scripts in execution"):
        others[3].script_kill()
    for other in others:
        other.close()


def test_function_kill(impatient):
    impatient.function_load("#!lua name=l\nredis.register_function('f', function() while true do end end)", replace=True)
    running = Running("FCALL", "f", "0")
    assert "FUNCTION KILL" in until_busy(impatient)
    with pytest.raises(redis.ResponseError, match="(?i)busy"):
        impatient.script_kill()
    assert impatient.function_kill() == "OK"
    running.end()
    assert "Script killed by user" in running.error
    impatient.function_delete("l")


def test_others_go_on(client):
    """A long script below the threshold: whoever does not need its keys is served meanwhile."""
    running = Running("EVAL", "local n = 0 for i = 1, 5e7 do n = n + 1 end redis.call('set', KEYS[1], n) return n", "1", "k")
    time.sleep(0.3)
    others = [connect() for _ in range(4)]
    slowest = 0
    for number in range(20):
        start = time.monotonic()
        others[number % 4].set(f"other:{number}", number)
        slowest = max(slowest, time.monotonic() - start)
        if not running.thread.is_alive():
            break
    running.end()
    assert running.reply == 50_000_000 and client.get("k") == "50000000"
    assert slowest < 1
    for other in others:
        other.close()


def test_rules_in_scripts(client):
    client.execute_command("ACL", "SETUSER", "poet", "reset", "on", ">secret", "+@all", "-flushall", "-set", "~p:*", "&p:*")
    try:
        with connect(username="poet", password="secret") as poet:
            assert poet.eval("return redis.call('incr', KEYS[1])", 1, "p:n") == 1
            for script, reason in [
                ("return redis.call('set', 'p:a', 1)", "can't run this command"),
                ("return redis.call('incr', 'other')", "can't access at least one of the keys"),
                ("return redis.call('publish', 'other', 1)", "can't publish to the channel"),
                ("return redis.call('flushall')", "can't run this command"),
            ]:
                with pytest.raises(redis.ResponseError, match=reason):
                    poet.eval(script, 0)
            assert poet.eval("return redis.acl_check_cmd('set', 'p:a', 1) and 1 or 0", 0) == 0
            assert poet.eval("return redis.acl_check_cmd('get', 'p:a') and 1 or 0", 0) == 1
            with pytest.raises(redis.exceptions.NoPermissionError):
                poet.eval("return 1", 1, "other")
        contexts = {entry["context"] for entry in client.acl_log()}
        assert "lua" in contexts
    finally:
        client.acl_deluser("poet")


def test_rules_at_exec(client):
    client.execute_command("ACL", "SETUSER", "poet", "reset", "on", ">secret", "+@all", "~*", "&*")
    try:
        with connect(username="poet", password="secret") as poet:
            poet.execute_command("MULTI")
            poet.execute_command("SET", "a", "1")
            poet.execute_command("INCR", "n")
            client.execute_command("ACL", "SETUSER", "poet", "-set")
            replies = poet.execute_command("EXEC")
            assert "ACLs rules changed" in str(replies[0]) and replies[1] == 1
            assert client.get("n") == "1" and client.get("a") is None
    finally:
        client.acl_deluser("poet")

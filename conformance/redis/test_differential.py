"""Seeded random commands here and to a real Redis, 200,000 of them: equal replies."""

import pytest

import differential
from conftest import RESP
from generators import GROUPS

# These wait for keys, and so take their time.
WAITING = ["list-more", "stream-more"]
OTHERS = [name for name in GROUPS if name not in WAITING]


@pytest.mark.parametrize("seed", range(101, 111))
def test_equal_replies(peer, seed):
    assert differential.run(RESP, peer, 19_800, seed, OTHERS, 2 + seed % 2, 50) == 0


def test_equal_replies_of_commands_that_wait(peer):
    assert differential.run(RESP, peer, 2_000, 111, WAITING + ["list", "stream"], 2, 50) == 0

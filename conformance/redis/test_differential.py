"""Seeded random commands here and to a real Redis: equal replies."""

import pytest

import differential
from conftest import RESP
from generators import GROUPS

SEEDS = range(101, 111)
COMMANDS = 20_000


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_replies(peer, seed):
    assert differential.run(RESP, peer, COMMANDS, seed, list(GROUPS), 2 + seed % 2, 50) == 0

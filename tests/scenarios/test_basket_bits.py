"""Pools of several coins give the same bits with and without the compiler, with depth and without it."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from scenarios.load import loads
from scenarios.simulation import Simulation
from sim.world import state_hash
from tests.sim.basket_world import BASKETS

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCKS = 40
AWAKE = {
    "time.horizon_blocks": BLOCKS,
    "cohorts.noise.attention_fraction": 1.0,
    "cohorts.arbitrageurs.attention_fraction": 1.0,
}


def ends() -> list[str]:
    """State hashes after forty busy blocks."""
    found = []
    for has_depth in (True, False):
        simulation = Simulation(
            loads(BASKETS).with_(**AWAKE, **{"channels.pool_depth": has_depth}), 3
        )
        assert simulation.run(BLOCKS) == BLOCKS
        found.append(state_hash(simulation.world))
    return found


@pytest.mark.usefixtures("compiled_engine")
def test_the_same_bits_without_the_compiler():
    command = [sys.executable, "-m", "tests.scenarios.test_basket_bits"]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    plain = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, timeout=300, capture_output=True
    )
    assert json.loads(plain.stdout) == ends()


if __name__ == "__main__":
    print(json.dumps(ends()))

"""Checkpoints: run 100 = run 37, save, load, run 63, to the last bit; and what is damaged is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from scenarios.schema import Scenario
from scenarios.simulation import Recorded, Simulation
from sim.errors import DamagedRun
from sim.world import columns, snapshot, state_hash
from tests.short_window import window

SEED = 7
pytestmark = pytest.mark.usefixtures("compiled_engine")


@pytest.fixture(scope="module")
def crash():
    """A window with liquidations, and longer than a hundred blocks."""
    return window("black_thursday_2020").with_(time={"horizon_blocks": 120})


def recorded(*parts: Recorded) -> dict[str, bytes]:
    """What several drains hold together; an event's place in the log is no part of it."""
    names = [field.name for field in dataclasses.fields(Recorded)]
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    whole["events"]["address"] = 0
    return {name: array.tobytes() for name, array in whole.items()}


@pytest.mark.parametrize("drain_first", [True, False])
def test_run_100_is_run_37_save_load_run_63(crash, tmp_path, drain_first):
    whole = Simulation(crash, SEED)
    assert whole.run(100) == 100
    first = Simulation(crash, SEED)
    first.run(37)
    parts = [first.drain()] if drain_first else []
    first.save(tmp_path / "checkpoint")
    second = Simulation.load(tmp_path / "checkpoint", crash, SEED)
    assert (second.slot, second.block) == (37, 32)
    assert second.run(63) == 63
    assert state_hash(second.world) == state_hash(whole.world)
    assert recorded(*parts, second.drain()) == recorded(whole.drain())


def test_how_often_it_is_asked_changes_nothing(crash):
    whole, stepwise = Simulation(crash, SEED), Simulation(crash, SEED)
    whole.run(40)
    for _ in range(40):
        stepwise.step()
    assert state_hash(stepwise.world) == state_hash(whole.world)
    assert recorded(stepwise.drain()) == recorded(whole.drain())


def test_loading_restores_every_array(crash, tmp_path):
    simulation = Simulation(crash, SEED)
    simulation.run(20)
    simulation.save(tmp_path / "checkpoint")
    before = snapshot(simulation.world)
    loaded = Simulation.load(tmp_path / "checkpoint", crash, SEED)
    for name, array in columns(loaded.world):
        assert array.tobytes() == before[name].tobytes(), name
    # The tables of the venues are views of the same memory, not copies of it.
    assert loaded.world.venues.pools[0].reserve0 == simulation.world.venues.pools[0].reserve0
    assert not (tmp_path / "checkpoint.partial").exists()


@pytest.fixture
def saved(crash: Scenario, tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint"
    Simulation(crash, SEED).save(path)
    return path


@pytest.mark.parametrize("place", [0, 31, 32, 1000, -1])
def test_one_flipped_bit_is_found(crash, saved, place):
    content = bytearray(saved.read_bytes())
    content[place] ^= 1
    saved.write_bytes(content)
    with pytest.raises(DamagedRun, match="damaged"):
        Simulation.load(saved, crash, SEED)


@pytest.mark.parametrize("length", [0, 10, 32, 5000])
def test_a_file_cut_short_is_found(crash, saved, length):
    saved.write_bytes(saved.read_bytes()[:length])
    with pytest.raises(DamagedRun):
        Simulation.load(saved, crash, SEED)


def test_another_seed_or_scenario_is_refused(crash, saved):
    with pytest.raises(DamagedRun, match="another scenario, seed or version"):
        Simulation.load(saved, crash, SEED + 1)
    with pytest.raises(DamagedRun, match="another scenario, seed or version"):
        Simulation.load(saved, crash.with_(time={"horizon_blocks": 121}), SEED)

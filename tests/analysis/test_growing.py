"""Rows gathered column by column are the rows of the log."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.growing import OF_BLOCKS, Growing
from analysis.snapshots import RECORDED_COLUMNS, rows_at_events
from scenarios.simulation import Simulation
from sim.tables import EVENT
from tests.short_window import window


@pytest.mark.usefixtures("compiled_engine")
def test_rows_gathered_in_stretches_are_those_of_one_drain() -> None:
    whole, parts = (Simulation(window("black_thursday_2020"), 7) for _ in range(2))
    growing = Growing(parts, 10_000_000)
    seen = []
    for _ in range(4):
        for simulation in (whole, parts):
            simulation.run(13)
        growing.add(parts.recorded())
        parts.forget()
        seen.append(growing.unseen()["blocks"])
    drained, given = whole.drain(), growing.give()
    for name in OF_BLOCKS:
        rows = getattr(given, name)
        assert np.array_equal(rows, getattr(drained, name)), name
        assert all(rows[..., k].flags.c_contiguous for k in range(rows.shape[-1]))
    assert len(drained.events) > 0
    for name in EVENT.names or ():
        assert given.events[name].tobytes() == drained.events[name].tobytes(), name
    assert np.array_equal(np.concatenate(seen), drained.blocks)
    assert len(growing) == 0


def test_a_single_row_is_kept_when_the_log_is_written_over() -> None:
    """Numpy calls one row both ways round already, and would hand out the log itself."""
    simulation = Simulation(window("black_thursday_2020"), 7)
    log, growing = simulation.world.log, Growing(simulation, 10_000_000)
    log.n[[0, 1, 5]] = 1
    log.events[0].usd = log.vaults[0, 2] = 3.0
    recorded = simulation.recorded()
    growing.add(recorded)
    rows = rows_at_events(simulation, recorded.vaults)
    log.events[0].usd = log.vaults[0, 2] = 5.0
    assert growing.give().events["usd"].tolist() == [3.0]
    assert rows[RECORDED_COLUMNS[2]].tolist() == [3.0]


@pytest.mark.usefixtures("compiled_engine")
def test_there_is_room_for_at_least_a_full_log() -> None:
    simulation = Simulation(window("black_thursday_2020"), 7)
    growing = Growing(simulation, 1)
    simulation.run(50)
    assert growing.has_room(simulation.recorded())

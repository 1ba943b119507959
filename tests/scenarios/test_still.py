"""A still says what the world says, to the last bit, and does not move with it."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.marks import marks_of_all
from scenarios.simulation import Simulation
from scenarios.still import still
from tests.short_window import window

pytestmark = pytest.mark.usefixtures("compiled_engine")


@pytest.fixture(scope="module")
def crashed() -> Simulation:
    simulation = Simulation(window("black_thursday_2020"), 7)
    while simulation.block < 30:
        simulation.step()
    return simulation


def test_marks_read_off_a_still_are_those_read_off_the_world(crashed):
    with np.errstate(all="raise"):
        of_still = marks_of_all(still(crashed.world))
    of_world = marks_of_all(crashed.world)
    assert len(of_still) == len(crashed.names.cohorts)
    for one, other in zip(of_still, of_world, strict=True):
        for name, values in one._asdict().items():
            assert values.tobytes() == getattr(other, name).tobytes(), name
    assert any(marks.nav_exit_usd.min() < 0.0 < marks.nav_exit_usd.max() for marks in of_still)


def test_every_field_of_every_table_is_there_under_its_name(crashed):
    world, now = crashed.world, still(crashed.world)
    for name, table in (*world.venues._asdict().items(), ("tokens", world.tokens)):
        plain = getattr(now, name) if name == "tokens" else getattr(now.venues, name)
        assert len(plain) == len(table)
        for row, record in zip(plain, table, strict=True):
            assert [*row] == [*record.tolist()] == [getattr(record, k) for k in row._fields]
    offset = world.ledger.offset
    places = np.ndindex(offset.shape)
    assert all(now.ledger.offset[place] == offset[place] for place in places)


def test_a_still_stays_and_cannot_be_written_to(crashed):
    world = crashed.world
    now = still(world)
    before = world.tokens[0].value_usd
    world.tokens[0].value_usd = 2.0 * before
    assert now.tokens[0].value_usd == before
    world.tokens[0].value_usd = before
    with pytest.raises(AttributeError):
        now.tokens[0].value_usd = 1.0

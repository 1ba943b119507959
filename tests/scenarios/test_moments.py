"""Moments looked at together say what each of them says alone, to the last bit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.moments import Differ, Row, Several, each, told
from scenarios.simulation import Simulation
from scenarios.snapshots import Snapshots
from tests.short_window import window

PRICES = np.array([4.0, 9.0, 16.0])


def test_a_number_that_never_differs_is_a_plain_one():
    assert type(told(np.array([2.0, 2.0]))) is float
    assert told(np.array([2.0, 2.0])) == 2.0
    assert type(told(np.array([7, 7]))) is int
    assert told(PRICES).shape == (3, 1)


def test_a_question_is_answered_only_where_all_moments_agree():
    price = told(PRICES)
    assert price > 3.0
    assert not price > 20.0
    assert max(price, 1.0) is price
    for ask in (lambda: bool(price > 9.0), lambda: math.sqrt(price), lambda: [0][price]):
        with pytest.raises(Differ):
            ask()


def test_a_function_of_plain_numbers_is_asked_at_each_moment():
    row = Row(np.array([(4.0, 1), (9.0, 1), (16.0, 1)], [("price", "f8"), ("kind", "i8")]))
    assert each(lambda row, power: row.price**power, row, 0.5).tolist() == [[2.0], [3.0], [4.0]]
    assert each(math.sqrt, row.price).tolist() == [[2.0], [3.0], [4.0]]
    assert each(math.sqrt, 4.0) == 2.0
    assert isinstance(row.price, Several)
    assert row.kind == 1


# Pools of both kinds, lending and keepers; of ticks the moments answer differently.
@pytest.mark.parametrize("name", ["black_thursday_2020", "liquidity_gap"])
@pytest.mark.usefixtures("compiled_engine")
def test_snapshots_worked_out_together_are_those_taken_alone(name):
    simulation = Simulation(window(name), 7)
    waiting, alone = Snapshots(simulation.world), []
    while not simulation.is_done:
        simulation.step()
        if simulation.block % 12 == 0:
            waiting.take(simulation.block)
            now = simulation.snapshot()
            alone.append((now.vault_rows(), now.mark_rows()))
    together = waiting.work_out()
    assert len(together) == len(alone) > 3
    for found, (vaults, marks) in zip(together, alone, strict=True):
        for column, values in marks.items():
            assert found.marks[column].tobytes() == values.tobytes(), column
        for column, values in vaults.items():
            rows = np.concatenate([part[column] for part in found.vaults])
            assert rows.tobytes() == values.tobytes(), column
    assert len({one.marks["nav_exit_usd"].tobytes() for one in together}) == len(together)
    assert waiting.work_out() == []

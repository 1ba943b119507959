"""Everybody is in one class, and the system of the losses is the inside of the ledger."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agents.strategies import STRATEGIES
from analysis.classes import CLASSES, SYSTEM, add_up, class_of, holders, insiders, members
from scenarios.layout import is_inside, lay_out
from scenarios.load import load
from sim import accounts


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_has_a_class(strategy: str) -> None:
    assert class_of(strategy) in CLASSES


def test_the_system_is_the_inside_of_the_ledger() -> None:
    """Pools and markets belong to those who have claims on them; all other inside groups are cohorts."""
    scenario = load("black_thursday_2020")
    layout = lay_out(scenario)
    owned = (accounts.POOL, accounts.MARKET, accounts.CUSTODY)
    inside = {g.name for g in layout.groups if is_inside(g, scenario) and g.kind not in owned}
    treasuries = {f"treasury.{reserve.name}" for reserve in scenario.reserves}
    assert set(insiders(scenario)) == inside | treasuries


def test_classes_share_out_the_system() -> None:
    scenario = load("calm_market")
    of_class = members(scenario)
    assert set(of_class) == set(SYSTEM) - {"depositors"}  # there is no share vault
    told = [name for names in of_class.values() for name in names]
    assert sorted(told) == sorted(insiders(scenario))
    assert [n for n, which in holders(scenario).items() if which == "noise_traders"] == ["noise"]


def test_a_sum_is_taken_in_order() -> None:
    parts = [np.array([0.1, 1e16]), np.array([0.2, 1.0]), np.array([0.3, -1e16])]
    assert add_up(parts).tolist() == [(0.1 + 0.2) + 0.3, (1e16 + 1.0) - 1e16]
    assert math.isclose(float(add_up([])[0]), 0.0)

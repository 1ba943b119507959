"""Draws of fundamental prices stay put, no price knows a later draw, and paths that cannot be are refused."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import scenarios.prices
from scenarios.paths import exogenous
from scenarios.schema import Scenario
from scenarios.streams import generator
from sim.errors import InputError
from tests.scenarios.price_paths import (
    BURN_IN,
    FALL,
    HOUR,
    eth_path,
    refused,
    shocked,
    usd,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_a_longer_run_begins_with_the_same_prices_and_dials(calm):
    path = {"shock": "price_path", "asset": "ETH", "kind": "fundamental"} | FALL
    wild = {"shock": "volatility", "asset": "ETH", "multiple": 4.0, "duration": "3 h"}
    gas = {"shock": "gas_demand", "chain": "main", "multiple": 4.0, "duration": "3 h"}
    long = exogenous(shocked(calm, path, wild, gas), 3)
    cut = shocked(calm, path, wild, gas).with_(time={"horizon_blocks": 100, "settle_blocks": 0})
    short = exogenous(cut, 3)
    n_rows = BURN_IN + 100 + 1
    assert len(short.dials) == len(short.fundamental_price_usd) == n_rows
    assert short.dials.tobytes() == long.dials[:n_rows].tobytes()
    prices = long.fundamental_price_usd[:n_rows]
    assert short.fundamental_price_usd.tobytes() == prices.tobytes()


@pytest.mark.parametrize("row", [5, BURN_IN + 77, BURN_IN + HOUR, BURN_IN + 4 * HOUR - 1])
def test_a_price_knows_no_later_draw(calm, monkeypatch, row):
    scenario = eth_path(calm)
    before = usd(scenario)

    class OtherLater:
        """Draws as before up to a row, and others after it."""

        def __init__(self, seed: int, name: str) -> None:
            self.own, self.other = generator(seed, name), generator(seed + 1, name)

        def standard_normal(self, n: int) -> np.ndarray:
            draws, others = self.own.standard_normal(n), self.other.standard_normal(n)
            return np.concatenate((draws[:row], others[row:]))

    monkeypatch.setattr(scenarios.prices, "generator", OtherLater)
    after = usd(scenario)
    assert after[: row + 1].tobytes() == before[: row + 1].tobytes()
    assert after.tobytes() != before.tobytes()


def test_what_is_added_to_a_scenario_moves_nobodys_prices(calm):
    scenario = eth_path(calm)
    before = exogenous(scenario, 4).fundamental_price_usd
    token = {"name": "SOL", "price_usd": 100, "volatility": "90 % per year", "depth": "1 bn USD"}
    holders = {"name": "more", "strategy": "buy_and_hold", "n_rows": 5, "tvl": "1 M USD"}
    stall = {"name": "stall", "shock": "oracle_stall", "feed": "eth_usd", "duration": "1 h"}
    more = scenario.with_(assets=[token], cohorts=[holders | {"asset": "ETH"}], shocks=[stall])
    after = exogenous(more, 4)
    names = [one.name for one in more.assets]
    kept = [names.index(one.name) for one in scenario.assets]
    assert len(names) == 4
    assert len(more.cohorts) == len(scenario.cohorts) + 1
    assert after.fundamental_price_usd[:, kept].tobytes() == before.tobytes()
    added = 2  # whether the new cohort acts, and how deep the new asset trades outside
    assert after.dials.shape[1] == exogenous(scenario, 4).dials.shape[1] + added


def test_paths_of_one_asset_that_overlap_are_refused_by_name(calm):
    early = eth_path(calm)

    def both(start: float, kind: str = "fundamental") -> Scenario:
        late: dict[str, Any] = {"name": "late", "shock": "price_path", "asset": "ETH", "kind": kind}
        late |= {"anchors": [[0, 1], [1, 2]], "volatility": "9 % per year", "start_seconds": start}
        return early.with_(shocks=[late])

    message = refused(lambda: both(3600.0 * 3))
    assert "shocks.late.start_seconds = 10800.0: shocks.path is a price path" in message
    apart = both(3600.0 * 3 + 12.0)
    assert usd(apart)[BURN_IN + 3 * HOUR :][:2].tolist() == [2000.0, 1.0]
    message = refused(lambda: both(3600.0 * 3 + 12.0, "market"))
    assert "shocks.path of the same asset is of kind 'fundamental'" in message


def test_a_path_after_the_horizon_and_anchors_in_one_slot_are_refused(calm):
    def told(**keys: Any) -> str:
        return refused(lambda: eth_path(calm, **keys))

    assert "shocks.path.start_seconds = 18000.0: begins after the horizon" in told(start="5 h")
    late = told(anchors=[[5, 1], [6, 2]])
    assert "shocks.path.anchors = (5.0, 1.0): begins after the horizon" in late
    assert "two anchors in one slot" in told(anchors=[[0, 1], [0.001, 2]])
    assert "slots after birth" in told(anchors=[[0, 1], [1e6, 2]])


def test_a_price_beyond_all_bounds_is_refused(calm):
    wild = {"shock": "volatility", "asset": "ETH", "multiple": 1e6, "duration": "1 h"}
    with pytest.raises(InputError, match="assets.ETH: the price of ETH reaches"):
        exogenous(shocked(calm, wild), 1)


def test_nothing_heavy_is_imported():
    code = "import sys, scenarios.paths; print({'numba', 'polars', 'scipy', 'mesa'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"

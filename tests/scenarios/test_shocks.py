"""Shocks turn dials in the slots they say, by what they say, and two of them compose by the dial's rule."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from scenarios.dials import DIALS, Turn, dial_column, dial_columns
from scenarios.grid import Grid
from scenarios.load import load
from scenarios.paths import exogenous
from scenarios.schema.links_shocks import shortest_recovery_seconds
from scenarios.schema.shocks import (
    SHOCKS,
    GasDemand,
    KeeperOutage,
    LiquidityWithdrawal,
    OracleStall,
    PriceGap,
    Volatility,
)
from scenarios.shocks import (
    gas_demand,
    keeper_outage,
    liquidity_withdrawal,
    oracle_stall,
    price_gap,
    volatility,
)
from sim.errors import InputError

# Ten slots of burn-in, a hundred recorded, ten to settle.
GRID = Grid(slot_seconds=12.0, burn_in_row=10, horizon_row=110, n_rows=121)

CONSTANT = [
    (volatility, Volatility, {"asset": "x", "multiple": 3.0}, "volatility", 3.0),
    (gas_demand, GasDemand, {"chain": "x", "multiple": 6.0}, "gas_demand", 6.0),
    (oracle_stall, OracleStall, {"feed": "x"}, "oracle_alive", 0.0),
    (keeper_outage, KeeperOutage, {"cohort": "x", "share_fraction": 0.75}, "keeper_alive", 0.25),
    (liquidity_withdrawal, LiquidityWithdrawal, {"pool": "x", "fraction": 0.25}, "depth", 0.75),
    (
        liquidity_withdrawal,
        LiquidityWithdrawal,
        {"asset": "x", "fraction": 0.2},
        "outside_depth",
        0.8,
    ),
]


def only(turns: list[Turn]) -> tuple[str, np.ndarray]:
    """The dial of the one turn, and its column."""
    (turn,) = turns
    return turn.dial, dial_column(turns, turn.dial, "x", GRID.n_rows)


@pytest.mark.parametrize(("file", "model", "keys", "dial", "value"), CONSTANT)
@pytest.mark.parametrize(
    ("start", "duration", "first", "end"),
    [
        (
            0.0,
            12.0,
            10,
            11,
        ),  # the moment of recorded time 0 is that of the last slot of the burn-in
        (24.0, 36.0, 12, 15),
        (25.0, 36.0, 13, 16),  # a slot's moment lies in the window, or it does not
        (24.0, 36.1, 12, 16),
        (0.1 * 12, 12.0, 11, 12),
        (1200.0, 12.0, 110, 111),  # with the horizon
        (1100.0, 1e9, 102, 121),  # to the end of the run
    ],
)
def test_a_shock_turns_its_dial_in_its_slots(
    file, model, keys, dial, value, start, duration, first, end
):
    shock = model(name="s", start_seconds=start, duration_seconds=duration, **keys)
    turned, column = only(file.turns(shock, GRID))
    expected = np.full(GRID.n_rows, DIALS[dial].neutral)
    expected[first:end] = value
    assert turned == dial
    assert column.tolist() == expected.tolist()


def test_liquidity_that_is_withdrawn_for_good_does_not_come_back():
    shock = LiquidityWithdrawal(name="s", pool="x", fraction=0.4, start_seconds=600.0)
    _, column = only(liquidity_withdrawal.turns(shock, GRID))
    assert set(column[:60]) == {1.0}
    assert set(column[60:]) == {0.6}


def test_outside_depth_comes_back_in_a_straight_line():
    shock = LiquidityWithdrawal(
        name="s", asset="x", fraction=0.4, start_seconds=24.0, duration_seconds=24.0,
        recovery_seconds=48.0,
    )  # fmt: skip
    _, column = only(liquidity_withdrawal.turns(shock, GRID))
    assert column[11:20] == pytest.approx([1.0, 0.6, 0.6, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0])
    late = shock.model_copy(update={"start_seconds": 1270.0, "duration_seconds": 24.0})
    _, column = only(liquidity_withdrawal.turns(late, dataclasses.replace(GRID, horizon_row=120)))
    assert column[115:] == pytest.approx(
        [1.0, 0.6, 0.6, 0.6 + 0.4 * 2 / 48, 0.725, 0.825], abs=0.06
    )


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9, 0.99])
def test_the_shortest_recovery_is_the_one_that_never_outruns_the_decay_of_impact(fraction):
    """Searched for slot by slot: the growth of depth in proportion, against that of 2^(dt / half-life)."""
    half_life, dt = 600.0, 1.0

    def outruns(recovery: float) -> bool:
        depth = 1.0 - fraction * (1.0 - np.minimum(np.arange(0.0, recovery + dt, dt) / recovery, 1))
        return bool((np.log(depth[1:] / depth[:-1]) > math.log(2.0) * dt / half_life).any())

    shortest = shortest_recovery_seconds(fraction, half_life)
    assert not outruns(shortest)
    assert shortest == half_life or outruns(0.97 * shortest)


def test_gas_demand_is_reached_in_a_straight_line():
    shock = GasDemand(
        name="s", chain="x", multiple=5.0, start_seconds=120.0, ramp_seconds=48.0,
        duration_seconds=96.0,
    )  # fmt: skip
    _, column = only(gas_demand.turns(shock, GRID))
    assert column[19:29].tolist() == [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0, 1.0]


def test_a_ramp_is_measured_from_the_start_and_not_from_the_first_slot():
    shock = GasDemand(
        name="s", chain="x", multiple=5.0, start_seconds=114.0, ramp_seconds=24.0,
        duration_seconds=96.0,
    )  # fmt: skip
    _, column = only(gas_demand.turns(shock, GRID))
    assert column[19:24].tolist() == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_gap_is_one_log_return_and_its_opposite():
    shock = PriceGap(
        name="s", asset="x", size_fraction=-0.2, start_seconds=60.0, duration_seconds=36.0
    )
    dial, column = only(price_gap.turns(shock, GRID))
    assert dial == "log_return"
    assert np.flatnonzero(column).tolist() == [15, 18]
    assert column[15] == -column[18] == pytest.approx(math.log(0.8), rel=1e-15)
    assert set(np.cumsum(column)[18:]) == {0.0}


def test_a_gap_that_outlasts_the_run_or_is_for_good_stays():
    for duration in (0.0, 1e6):
        shock = PriceGap(name="s", asset="x", size_fraction=0.5, duration_seconds=duration)
        _, column = only(price_gap.turns(shock, GRID))
        assert np.flatnonzero(column).tolist() == [10]


@pytest.mark.parametrize(
    ("dial", "two", "both"),
    [
        ("log_return", (0.5, -0.75), -0.25),
        ("volatility", (2.0, 3.0), 6.0),
        ("gas_demand", (2.0, 3.0), 6.0),
        ("oracle_alive", (0.0, 0.0), 0.0),
        ("oracle_alive", (0.0, 1.0), 0.0),
        ("keeper_alive", (0.5, 0.5), 0.25),
        ("depth", (0.5, 0.75), 0.375),
        ("outside_depth", (0.5, 0.75), 0.375),
    ],
)
def test_two_shocks_compose_where_they_overlap_and_in_any_order(dial, two, both):
    turns = [Turn(dial, "x", 2 + 2 * k, np.full(4, value)) for k, value in enumerate(two)]
    turns.append(Turn(dial, "y", 0, np.full(9, 9.0)))
    neutral = DIALS[dial].neutral
    expected = [neutral, neutral, two[0], two[0], both, both, two[1], two[1], neutral]
    assert dial_column(turns, dial, "x", 9).tolist() == expected
    assert dial_column(turns[::-1], dial, "x", 9).tolist() == expected


def test_a_neutral_dial_changes_nothing():
    for rule in DIALS.values():
        for value in (0.0, 0.3, 1.0):
            assert rule.compose(rule.neutral, value) == value


@pytest.mark.parametrize(("file", "model", "keys", "dial", "value"), CONSTANT)
def test_a_window_without_a_slot_is_refused(file, model, keys, dial, value):
    shock = model(name="brief", start_seconds=25.0, duration_seconds=11.0, **keys)
    with pytest.raises(InputError, match=r"shocks\.brief\.duration_seconds = 11\.0: no slot falls"):
        file.turns(shock, GRID)


@pytest.mark.parametrize(("file", "model", "keys", "dial", "value"), CONSTANT)
def test_a_shock_after_the_horizon_is_refused(file, model, keys, dial, value):
    shock = model(name="late", start_seconds=1201.0, duration_seconds=60.0, **keys)
    message = r"shocks\.late\.start_seconds = 1201\.0: begins after the horizon, which is at 1200 s"
    with pytest.raises(InputError, match=message):
        file.turns(shock, GRID)


def test_without_burn_in_the_first_block_is_shocked_and_birth_is_not():
    grid = Grid(slot_seconds=12.0, burn_in_row=0, horizon_row=5, n_rows=6)
    (turn,) = price_gap.turns(PriceGap(name="s", asset="x", size_fraction=-0.5), grid)
    assert turn.first_row == 1


def test_there_is_a_file_for_each_kind_of_shock():
    from importlib import import_module

    for kind in SHOCKS:
        assert import_module(f"scenarios.shocks.{kind}").__doc__


# ---------------------------------------------------------------- in a scenario

SHOCKED: dict[str, dict[str, Any]] = {
    "keepers": {"shock": "keeper_outage", "cohort": "liquidators", "duration": "1 min"},
    "stall": {"shock": "oracle_stall", "feed": "btc_usd", "duration": "1 min"},
    "gas": {"shock": "gas_demand", "chain": "main", "multiple": 4.0, "duration": "1 min"},
    "pool": {"shock": "liquidity_withdrawal", "pool": "btc_usdc", "fraction": 0.5},
    "thin": {"shock": "liquidity_withdrawal", "asset": "BTC", "fraction": 0.75},
}


def test_columns_stand_in_the_order_in_which_draw_reads_them():
    calm = load("calm_market", changes={"time.horizon_blocks": 50, "time.burn_in_blocks": 20})
    shocks = [{"name": name, "start": "2 min", **keys} for name, keys in SHOCKED.items()]
    given = calm.with_(shocks=shocks)
    dials = exogenous(given, 1).dials
    chains, feeds = len(given.chains), len(given.feeds)
    cohorts, pools = len(given.cohorts), len(given.pools)
    assert dials.shape == (71, chains + feeds + cohorts + pools + len(given.assets))
    assert dials.flags.c_contiguous
    assert len(dial_columns(given)) == dials.shape[1]
    place = {
        "gas": 0,
        "stall": chains + [feed.name for feed in given.feeds].index("btc_usd"),
        "keepers": chains + feeds + [c.name for c in given.cohorts].index("liquidators"),
        "pool": chains + feeds + cohorts + [pool.name for pool in given.pools].index("btc_usdc"),
        "thin": chains + feeds + cohorts + pools + [a.name for a in given.assets].index("BTC"),
    }
    shocked = {"gas": 4.0, "stall": 0.0, "keepers": 0.0, "pool": 0.5, "thin": 0.25}
    for name, column in place.items():
        expected = np.ones(71)
        expected[30 : 71 if name in ("pool", "thin") else 35] = shocked[name]
        assert dials[:, column].tolist() == expected.tolist()
    rest = np.delete(dials, list(place.values()), axis=1)
    assert set(rest.ravel()) == {1.0}
    assert set(exogenous(calm, 1).dials.ravel()) == {1.0}

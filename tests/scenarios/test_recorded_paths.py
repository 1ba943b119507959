"""Recorded bars and closes become prices that make the same bars again."""

from __future__ import annotations

import math
import pathlib
from typing import Any

import numpy as np
import pytest

from scenarios.bridge import fold
from scenarios.paths import exogenous
from scenarios.schema import Scenario
from sim.errors import InputError
from tests.scenarios.price_paths import (
    BURN_IN,
    HOUR,
    refused,
    usd,
)

START = 1706745600  # 2024-02-01T00:00:00Z, the start of calm_market
BARS = np.array(
    [  # open, high, low, close
        (2300.0, 2350.0, 2200.0, 2250.0),
        (2250.0, 2250.0, 2100.0, 2150.0),  # its high is its open
        (2160.0, 2160.0, 1900.0, 1900.0),  # falls from high to low, after a gap from the last close
        (1900.0, 1900.0, 1900.0, 1900.0),  # flat
        (1900.0, 2400.0, 1700.0, 2000.0),
        (2000.0, 2010.0, 1990.0, 2005.0),
    ]
)
BAR_SLOTS = 75


def bar_file(folder: pathlib.Path, step: float = 900.0, names: str = "open,high,low,close") -> str:
    path = folder / "bars.csv"
    rows = [
        ",".join(map(repr, [START + k * step, *map(float, bar[4 - len(names.split(",")) :])]))
        for k, bar in enumerate(BARS)
    ]
    path.write_text("\n".join([f"timestamp,{names}", *rows]))
    return str(path)


def from_file(scenario: Scenario, file: str, **keys: Any) -> Scenario:
    path = {"name": "path", "shock": "price_path", "asset": "ETH", "kind": "market"}
    volatility = {"volatility": "300 % per year"}
    return scenario.with_(shocks=[path | volatility | {"file": file} | keys])


def test_the_slots_of_a_bar_make_the_same_bar_again(calm, tmp_path):
    scenario = from_file(calm, bar_file(tmp_path))
    for seed in range(20):
        price = usd(scenario, seed)
        bars = price[BURN_IN : BURN_IN + len(BARS) * BAR_SLOTS].reshape(-1, BAR_SLOTS)
        again = np.column_stack((bars[:, 0], bars.max(1), bars.min(1), bars[:, -1]))
        assert again.tolist() == BARS.tolist()
        assert len(np.unique(bars[0])) == BAR_SLOTS  # it moves in between, and sticks nowhere


def test_high_and_low_come_in_drawn_order_at_drawn_times(calm, tmp_path):
    scenario = from_file(calm, bar_file(tmp_path))
    rows = []
    for seed in range(300):
        bar = usd(scenario, seed)[BURN_IN + 4 * BAR_SLOTS :][:BAR_SLOTS]
        rows.append((int(bar.argmax()), int(bar.argmin())))
    high, low = np.array(rows).T
    n = len(rows)
    assert abs(np.mean(high < low) - 0.5) < 3 * 0.5 / math.sqrt(n)
    middle, spread = (BAR_SLOTS - 1) / 2, (BAR_SLOTS - 2) / math.sqrt(12)
    for times in (high, low):
        assert abs(times.mean() - middle) < 3 * spread / math.sqrt(n)
        assert times.min() >= 1
        assert times.max() <= BAR_SLOTS - 2


@pytest.mark.parametrize("names", ["open,high,low,close", "close"])
@pytest.mark.parametrize("step", [900.0, 910.0])  # bars of 75 slots, and of 75 or 76
def test_wherever_a_run_ends_it_begins_like_a_longer_one(calm, tmp_path, names, step):
    file = bar_file(tmp_path, step, names)
    long = usd(from_file(calm, file), 9)
    for n in (10, 75, 76, 100, 151, 152, 227, 228, 303, 304):
        cut = calm.with_(time={"horizon_blocks": n, "settle_blocks": 0})
        assert usd(from_file(cut, file), 9).tobytes() == long[: BURN_IN + n + 1].tobytes()


def test_a_file_is_followed_until_a_moment_and_left_then(calm, tmp_path):
    last = BURN_IN + 2 * BAR_SLOTS
    until = {"until": "2024-02-01T00:30:00Z"}
    bars = usd(from_file(calm, bar_file(tmp_path), **until))
    closes = usd(from_file(calm, bar_file(tmp_path, names="close"), **until))
    assert bars[[last - BAR_SLOTS, last - 1]].tolist() == [2250.0, 2150.0]
    assert closes[[last - BAR_SLOTS, last]].tolist() == [2150.0, 1900.0]
    free = np.diff(np.log(usd(calm)))
    assert np.diff(np.log(bars))[last - 1 :] == pytest.approx(free[last - 1 :], abs=1e-13)
    assert np.diff(np.log(closes))[last:] == pytest.approx(free[last:], abs=1e-13)


def test_a_file_that_turns_bad_after_the_window_is_used_within_it(calm, tmp_path):
    file = pathlib.Path(bar_file(tmp_path, names="close"))
    file.write_text(file.read_text() + f"\n{START + 90_000},1\n{START + 80_000},2")
    with pytest.raises(InputError):
        from_file(calm, str(file))
    file.write_text(file.read_text().rpartition("\n")[0])
    price = usd(from_file(calm, str(file), until="2024-02-01T01:00:00Z"))
    assert price[BURN_IN + 4 * BAR_SLOTS] == 2000.0


def test_a_path_that_starts_inside_a_bar_begins_on_the_line_from_its_open_to_its_close(
    calm, tmp_path
):
    file = bar_file(tmp_path)
    price = usd(from_file(calm, file, **{"from": "2024-02-01T00:05:00Z"}), 2)
    third = 2300.0 * (2250.0 / 2300.0) ** (25 / 75)
    assert price[BURN_IN] == pytest.approx(third, rel=1e-12)
    left = price[BURN_IN : BURN_IN + 50]
    assert left[-1] == 2250.0
    assert 2200.0 <= left.min() <= left.max() <= 2350.0
    bars = price[BURN_IN + 50 :][: 5 * BAR_SLOTS].reshape(-1, BAR_SLOTS)
    again = np.column_stack((bars[:, 0], bars.max(1), bars.min(1), bars[:, -1]))
    assert again.tolist() == BARS[1:].tolist()


def test_closes_are_anchors_at_their_times(calm, tmp_path):
    scenario = from_file(calm, bar_file(tmp_path, names="close"), start="1 h")
    price = usd(scenario.with_(**{"shocks.path.from": "2024-02-01T00:00:00Z"}))
    rows = BURN_IN + HOUR + BAR_SLOTS * np.arange(len(BARS))
    assert price[rows].tolist() == BARS[:, 3].tolist()
    half = usd(scenario.with_(**{"shocks.path.from": "2024-02-01T00:07:30Z"}))
    assert half[BURN_IN + HOUR] == pytest.approx(math.sqrt(2250.0 * 2150.0), rel=1e-12)
    assert half[rows[:-1] + 38].tolist() == BARS[1:, 3].tolist()  # 37.5 slots later


def test_of_closes_in_one_slot_the_last_one_counts(calm, tmp_path):
    price = usd(from_file(calm, bar_file(tmp_path, step=4.0, names="close")))
    assert price[BURN_IN : BURN_IN + 3].tolist() == [2150.0, 2000.0, 2005.0]


def test_a_market_path_leaves_no_room_for_impact(calm, tmp_path):
    file = bar_file(tmp_path)
    assert exogenous(from_file(calm, file), 1).has_impact.tolist() == [0, 1, 0]
    scenario = from_file(calm, file, kind="fundamental")
    assert exogenous(scenario, 1).has_impact.tolist() == [1, 1, 0]


def test_what_lies_outside_is_reflected():
    low, high = np.zeros(7), np.ones(7)
    given = np.array([0.25, 1.25, -0.25, 2.25, -1.25, 1.0, 0.0])
    assert fold(given, low, high).tolist() == [0.25, 0.75, 0.25, 0.25, 0.75, 1.0, 0.0]
    assert fold(given, low, low).tolist() == [0.0] * 7
    assert fold(given, low - np.inf, high + np.inf).tolist() == given.tolist()


def test_bars_that_are_shorter_than_their_prices_are_refused(calm, tmp_path):
    file = bar_file(tmp_path, step=36.0)
    message = refused(lambda: from_file(calm, file))
    assert "shocks.path.file: bar 1 of the window spans 3 slots" in message
    assert "need 4" in message

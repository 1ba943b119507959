"""Fundamental prices: closed forms of the walk and the bridge, exact points, and draws that stay put."""

from __future__ import annotations

import math
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scenarios.prices
from scenarios.bridge import bridge_noise, fold
from scenarios.load import load
from scenarios.paths import exogenous
from scenarios.schema import Scenario
from scenarios.streams import generator
from sim.errors import InputError
from sim.units import SECONDS_PER_YEAR

ROOT = pathlib.Path(__file__).resolve().parents[2]
BURN_IN = 20
HOUR = 300  # slots of 12 s
SLOT_YEARS = 12.0 / SECONDS_PER_YEAR
ETH, BTC, USDC = 0, 1, 2
FALL = {"anchors": [[0, 2300], [1, 1800], [3, 2000]], "volatility": "100 % per year"}


@pytest.fixture(scope="module")
def calm() -> Scenario:
    """Four hours and a bit, of which no shock takes note by itself."""
    times = {"burn_in_blocks": BURN_IN, "horizon_blocks": 4 * HOUR, "settle_blocks": 10}
    return load("calm_market", changes={"time": times})


def eth_path(scenario: Scenario, **keys: Any) -> Scenario:
    path = {"name": "path", "shock": "price_path", "asset": "ETH", "kind": "fundamental"}
    return scenario.with_(shocks=[path | FALL | keys])


def shocked(scenario: Scenario, *shocks: dict[str, Any]) -> Scenario:
    return scenario.with_(shocks=[{"name": f"s{k}", **keys} for k, keys in enumerate(shocks)])


def asset(scenario: Scenario, name: str, **keys: Any) -> Scenario:
    return scenario.with_(**{f"assets.{name}.{key}": value for key, value in keys.items()})


def usd(scenario: Scenario, seed: int = 1, column: int = ETH) -> np.ndarray:
    return exogenous(scenario, seed).fundamental_price_usd[:, column]


def refused(make: Callable[[], Scenario]) -> str:
    """What is said when the scenario is made; nothing needs to be drawn for it."""
    with pytest.raises(InputError) as caught:
        make()
    return str(caught.value)


# ---------------------------------------------------------------- the free walk


def test_row_0_is_birth_and_there_is_a_row_a_slot(calm):
    given = exogenous(calm, 1)
    assert given.fundamental_price_usd.shape == (BURN_IN + 4 * HOUR + 10 + 1, 3)
    assert given.fundamental_price_usd.dtype == given.dials.dtype == np.float64
    assert given.fundamental_price_usd[0].tolist() == [2300.0, 43000.0, 1.0]
    assert given.has_impact.tolist() == [1, 1, 0]
    assert given.has_impact.dtype == np.int64


def test_a_seed_gives_the_same_bytes_and_another_seed_others(calm):
    scenario = eth_path(calm)
    assert usd(scenario, 5).tobytes() == usd(scenario, 5).tobytes()
    assert usd(scenario, 5).tobytes() != usd(scenario, 6).tobytes()


def test_the_free_walk_has_the_moments_of_geometric_brownian_motion(calm):
    sigma, drift, seeds = 0.8, 20.0, 40
    scenario = asset(calm, "ETH", volatility_per_year=sigma, drift_per_year=drift)
    returns = np.diff(np.log([usd(scenario, seed) for seed in range(seeds)])).ravel()
    mean, variance = (drift - 0.5 * sigma**2) * SLOT_YEARS, sigma**2 * SLOT_YEARS
    assert abs(returns.mean() - mean) < 3 * math.sqrt(variance / len(returns))
    assert abs(returns.var() / variance - 1.0) < 3 * math.sqrt(2.0 / len(returns))
    walk = returns.reshape(seeds, -1)
    assert abs(np.mean(walk[:, 1:] * walk[:, :-1])) < 3 * variance / math.sqrt(len(returns))


def test_the_expected_price_grows_at_the_drift(calm):
    scenario = asset(calm, "ETH", volatility_per_year=5.0, drift_per_year=50.0)
    last = np.array([usd(scenario, seed)[-1] for seed in range(400)]) / 2300.0
    expected = math.exp(50.0 * (BURN_IN + 4 * HOUR + 10) * SLOT_YEARS)
    assert abs(last.mean() - expected) < 3 * last.std() / math.sqrt(400)


def test_without_volatility_a_price_is_its_drift(calm):
    scenario = asset(calm, "ETH", volatility_per_year=0.0, drift_per_year=10.0)
    rows = np.arange(BURN_IN + 4 * HOUR + 11)
    assert usd(scenario) == pytest.approx(2300.0 * np.exp(10.0 * SLOT_YEARS * rows), rel=1e-12)
    still = asset(calm, "ETH", volatility_per_year=0.0)
    assert set(usd(still)) == {2300.0}


def test_a_volatility_shock_scales_the_noise_of_its_slots_and_no_others(calm):
    shock = {"shock": "volatility", "asset": "ETH", "multiple": 3.0}
    scenario = shocked(calm, shock | {"start": "1 h", "duration": "30 min"})
    noise = [
        np.diff(np.log(usd(one))) + 0.5 * (0.6 * multiple) ** 2 * SLOT_YEARS
        for one, multiple in ((calm, 1.0), (scenario, 3.0))
    ]
    window = slice(BURN_IN + HOUR - 1, BURN_IN + HOUR + HOUR // 2 - 1)  # steps to those rows
    assert noise[1][window] == pytest.approx(3.0 * noise[0][window], abs=1e-13)
    calm_returns, shocked_returns = (np.diff(np.log(usd(one))) for one in (calm, scenario))
    for part in (slice(0, window.start), slice(window.stop, None)):
        assert shocked_returns[part] == pytest.approx(calm_returns[part], abs=1e-13)
    two = shocked(calm, *(shock | {"start": "1 h", "duration": "30 min"} for _ in range(2)))
    nine = np.diff(np.log(usd(two))) + 0.5 * 5.4**2 * SLOT_YEARS
    assert nine[window] == pytest.approx(9.0 * noise[0][window], abs=1e-12)


# ---------------------------------------------------------------- gaps


def test_a_gap_multiplies_the_price_exactly_and_goes_back(calm):
    gap = {"shock": "price_gap", "asset": "USDC", "size_fraction": -0.08}
    scenario = shocked(calm, gap | {"start": "1 h", "duration": "1 h"})
    price = usd(scenario, column=USDC)
    assert set(price[: BURN_IN + HOUR]) == {1.0}
    assert price[BURN_IN + HOUR : BURN_IN + 2 * HOUR] == pytest.approx(0.92, rel=1e-15)
    assert set(price[BURN_IN + 2 * HOUR :]) == {1.0}


def test_gaps_compose_with_each_other_and_come_on_top_of_a_path(calm):
    gap = {"shock": "price_gap", "asset": "ETH", "size_fraction": -0.5, "start": "2 h"}
    path = {"shock": "price_path", "asset": "ETH", "kind": "fundamental"} | FALL
    ratio = usd(shocked(calm, path, gap, gap | {"start": "3 h"})) / usd(shocked(calm, path))
    assert set(ratio[: BURN_IN + 2 * HOUR]) == {1.0}
    assert ratio[BURN_IN + 2 * HOUR : BURN_IN + 3 * HOUR] == pytest.approx(0.5, rel=1e-14)
    assert ratio[BURN_IN + 3 * HOUR :] == pytest.approx(0.25, rel=1e-14)


def test_the_burn_in_has_no_shocks(calm):
    for keys in (
        {"shock": "price_gap", "size_fraction": -0.5},
        {"shock": "volatility", "multiple": 9.0, "duration": "1 h"},
    ):
        scenario = shocked(calm, {"asset": "ETH", **keys})
        assert usd(scenario)[:BURN_IN].tobytes() == usd(calm)[:BURN_IN].tobytes()
        assert usd(scenario)[BURN_IN] != usd(calm)[BURN_IN]


# ---------------------------------------------------------------- anchors and the bridge


def test_a_path_passes_exactly_through_its_anchors(calm):
    for seed in range(5):
        price = usd(eth_path(calm), seed)
        assert price[[0, BURN_IN, BURN_IN + HOUR, BURN_IN + 3 * HOUR]].tolist() == [
            2300.0, 2300.0, 1800.0, 2000.0,
        ]  # fmt: skip


def test_an_anchor_counts_from_the_start_of_its_shock_in_the_nearest_slot(calm):
    anchors = [[0, 2000], [0.01, 2100], [1, 1900]]  # 0.01 h = 3 slots
    price = usd(eth_path(calm, anchors=anchors, start="605 s"))
    assert price[[BURN_IN + 50, BURN_IN + 53]].tolist() == [2000.0, 2100.0]
    price = usd(eth_path(calm, anchors=anchors, start="607 s"))
    assert price[[BURN_IN + 51, BURN_IN + 54]].tolist() == [2000.0, 2100.0]


def test_the_bridge_has_variance_t_times_what_is_left_of_it(calm):
    seeds, sigma, begin, length = 600, 1.0, BURN_IN + 30, 90
    short = calm.with_(time={"horizon_blocks": 130, "settle_blocks": 0})
    path = eth_path(short, anchors=[[0, 2300], [0.1, 1800], [0.4, 2000]])
    logs = np.log([usd(path, seed) for seed in range(seeds)])
    for t in (1, length // 4, length // 2, length - 1):
        at = logs[:, begin + t]
        line = math.log(1800.0) + (t / length) * math.log(2000.0 / 1800.0)
        variance = sigma**2 * SLOT_YEARS * t * (length - t) / length
        assert abs(at.mean() - line) < 3 * math.sqrt(variance / seeds)
        assert abs(at.var() / variance - 1.0) < 3 * math.sqrt(2.0 / seeds)
    s, t = length // 4, length // 2
    together = np.cov(logs[:, begin + s], logs[:, begin + t])
    expected = sigma**2 * SLOT_YEARS * s * (length - t) / length
    error = math.sqrt((together[0, 0] * together[1, 1] + expected**2) / seeds)
    assert abs(together[0, 1] - expected) < 3 * error


def test_a_bridge_of_changing_volatility_follows_its_variance():
    variance = np.concatenate((np.full(10, 1.0), np.full(10, 9.0), np.zeros(5)))
    knots = np.array([0, 20, 25])
    normals = generator(1, "test").standard_normal((20_000, 25))
    noise = np.array([bridge_noise(row, variance, knots) for row in normals])
    elapsed = np.append(0.0, np.cumsum(variance))
    expected = elapsed * np.maximum(100.0 - elapsed, 0.0) / 100.0
    assert np.all(noise[:, 20:] == 0.0)
    assert noise[:, 1:20].var(axis=0) == pytest.approx(expected[1:20], rel=3 * 0.01)


def test_without_volatility_a_path_is_straight_lines_whatever_the_seed(calm):
    scenario = asset(eth_path(calm, volatility="0 % per year"), "ETH", volatility_per_year=0.0)
    price = usd(scenario)
    line = np.geomspace(2300.0, 1800.0, HOUR + 1)
    assert price[BURN_IN : BURN_IN + HOUR + 1] == pytest.approx(line, rel=1e-12)
    assert set(price[: BURN_IN + 1]) == {2300.0}
    assert price[BURN_IN + 3 * HOUR :] == pytest.approx(2000.0, rel=1e-12)
    assert price.tobytes() == usd(scenario, 2).tobytes()


def test_after_its_last_point_the_price_goes_on_as_it_would_have(calm):
    last = BURN_IN + 3 * HOUR
    with_path, without = (np.diff(np.log(usd(one))[last:]) for one in (eth_path(calm), calm))
    assert with_path == pytest.approx(without, abs=1e-13)


def test_a_volatility_shock_widens_the_bridge_and_moves_no_anchor(calm):
    path = {"shock": "price_path", "asset": "ETH", "kind": "fundamental"} | FALL
    wild = {"shock": "volatility", "asset": "ETH", "multiple": 4.0, "duration": "2 h"}
    price, wilder = usd(shocked(calm, path)), usd(shocked(calm, path, wild))
    for row in (BURN_IN + HOUR, BURN_IN + 3 * HOUR):
        assert wilder[row] == price[row]
    hour = slice(BURN_IN + 1, BURN_IN + HOUR)
    line = np.geomspace(2300.0, 1800.0, HOUR + 1)[1:-1]
    assert np.log(wilder[hour] / line) == pytest.approx(4 * np.log(price[hour] / line), abs=1e-4)


def test_a_later_path_is_reached_from_the_recorded_start_on(calm):
    quiet = asset(calm, "ETH", volatility_per_year=0.0)
    price = usd(eth_path(quiet, anchors=[[0, 1500], [1, 1500]], start="1 h"))
    assert price[: BURN_IN + 1].tolist() == [2300.0] * (BURN_IN + 1)
    line = np.geomspace(2300.0, 1500.0, HOUR + 1)
    assert price[BURN_IN : BURN_IN + HOUR + 1] == pytest.approx(line, rel=1e-12)


@pytest.mark.parametrize(("first", "birth"), [(2300.0, 2300.0), (2310.0, 2300.0), (2400.0, 2400.0)])
def test_birth_is_the_first_price_of_a_path_if_the_two_are_far_apart(calm, first, birth):
    price = usd(eth_path(calm, anchors=[[0, first], [1, 2000]]))
    assert price[[0, BURN_IN]].tolist() == [birth, first]
    assert abs(price[:BURN_IN] / birth - 1.0).max() < 0.01


def test_without_burn_in_a_path_begins_at_birth(calm):
    price = usd(eth_path(calm.with_(time={"burn_in_blocks": 0}), anchors=[[0, 2310], [1, 1800]]))
    assert price[[0, HOUR]].tolist() == [2310.0, 1800.0]


# ---------------------------------------------------------------- draws that stay put


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


# ---------------------------------------------------------------- recorded files

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


# ---------------------------------------------------------------- what is refused


def test_bars_that_are_shorter_than_their_prices_are_refused(calm, tmp_path):
    file = bar_file(tmp_path, step=36.0)
    message = refused(lambda: from_file(calm, file))
    assert "shocks.path.file: bar 1 of the window spans 3 slots" in message
    assert "need 4" in message


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

"""A path passes through its anchors, and between them has the variance of a Brownian bridge."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.bridge import bridge_noise
from scenarios.streams import generator
from tests.scenarios.price_paths import (
    BURN_IN,
    FALL,
    HOUR,
    SLOT_YEARS,
    asset,
    eth_path,
    shocked,
    usd,
)


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

"""The free walk of fundamental prices has the moments of its closed form; a gap multiplies it exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.paths import exogenous
from tests.scenarios.price_paths import (
    BURN_IN,
    FALL,
    HOUR,
    SLOT_YEARS,
    USDC,
    asset,
    eth_path,
    shocked,
    usd,
)


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

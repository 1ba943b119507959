"""StableSwap against its limits and against small trades; to many digits: tests/analysis/venues."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.formulas import constant_product
from sim.formulas import stable_swap as curve

ratios = st.floats(1e-4, 1.0)
coins = st.integers(2, 4)


def pull_of(levels: np.ndarray, amplification: float) -> tuple[float, float]:
    ann = amplification * len(levels)
    invariant = curve.invariant_of(levels, len(levels), ann)
    return curve.product_term(levels, len(levels), invariant) / ann, invariant


@given(level=st.floats(1e-3, 1e12), n=coins, amplification=st.floats(0.01, 1e6))
def test_in_balance_the_invariant_is_the_sum(level, n, amplification):
    _, invariant = pull_of(np.full(n, level), amplification)
    assert invariant == pytest.approx(n * level, rel=1e-14)


@given(ratio=ratios, sold=ratios)
def test_without_amplification_it_is_a_constant_product(ratio, sold):
    levels = np.array([1e6, 1e6 * ratio])
    pull, invariant = pull_of(levels, 1e-9)
    assert invariant == pytest.approx(2e6 * math.sqrt(ratio), rel=1e-6)
    bought = curve.level_out(levels[0], levels[1], pull, 1e6 * sold)
    by_product = constant_product.amount_out(1e6 * sold, levels[0], levels[1], 0.0)
    assert bought == pytest.approx(by_product, rel=1e-6)


@given(ratio=st.floats(0.05, 1.0), sold=st.floats(1e-9, 0.04))
def test_with_endless_amplification_it_is_a_constant_sum(ratio, sold):
    levels = np.array([1e6, 1e6 * ratio])
    pull, invariant = pull_of(levels, 1e12)
    assert invariant == pytest.approx(levels.sum(), rel=1e-9)
    assert curve.level_out(*levels, pull, 1e6 * sold) == pytest.approx(1e6 * sold, rel=1e-8)


@given(n=coins, ratio=ratios, amplification=st.floats(1.0, 5000.0), size=st.floats(1e-12, 10.0))
def test_a_round_trip_gives_back_what_went_in(n, ratio, amplification, size):
    levels = np.geomspace(1.0, ratio, n)
    pull, _ = pull_of(levels, amplification)
    sold = size * levels[0]
    bought = curve.level_out(levels[0], levels[-1], pull, sold)
    after = pull * levels[0] / (levels[0] + sold) * levels[-1] / (levels[-1] - bought)
    back = curve.level_out(levels[-1] - bought, levels[0] + sold, after, bought)
    left = (levels[-1] - bought) / levels[-1]
    assert back == pytest.approx(sold, rel=1e-12 / left)


@given(n=coins, ratio=ratios, amplification=st.floats(1.0, 5000.0), share=st.floats(-0.5, 5.0))
def test_growth_in_proportion_is_that_proportion(n, ratio, amplification, share):
    levels = np.geomspace(1e6, 1e6 * ratio, n)
    pull, invariant = pull_of(levels, amplification)
    ann = amplification * n
    grown = curve.growth(levels, share * levels, n, ann, invariant, pull * ann)
    assert grown == pytest.approx(share, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("amplification", [5.0, 200.0, 2000.0])
def test_the_spot_price_is_that_of_a_small_trade(amplification):
    levels = np.array([3e5, 9e5, 1e6])
    pull, _ = pull_of(levels, amplification)
    small = curve.level_out(levels[1], levels[0], pull, 1e-3) / 1e-3
    assert curve.spot_price(levels[1], levels[0], pull) == pytest.approx(small, rel=1e-7)


@pytest.mark.parametrize("price", [0.998, 0.97, 0.6, 0.1])
def test_a_sale_to_a_price_ends_there(price):
    levels = np.array([1e6, 9e5, 1e6])
    pull, _ = pull_of(levels, 100.0)
    sold = curve.sale_to(levels[0], levels[1], pull, price)
    bought = curve.level_out(levels[0], levels[1], pull, sold)
    after = pull * levels[0] / (levels[0] + sold) * levels[1] / (levels[1] - bought)
    found = curve.spot_price(levels[0] + sold, levels[1] - bought, after)
    assert found == pytest.approx(price, rel=1e-9)
    assert curve.sale_to(levels[0], levels[1], pull, 1.1) == 0.0


@pytest.mark.parametrize(
    "prices", [(1.0, 1.0), (1.0, 0.99, 1.0), (1.0, 0.8, 1.3, 1.0), (1.0, 0.02)]
)
def test_levels_at_prices_leave_no_gap(prices):
    n, worth = len(prices), np.array(prices)
    levels = np.zeros(n)
    curve.levels_at_prices(levels, worth, n, 100.0 * n, 5e6)
    pull, invariant = pull_of(levels, 100.0)
    assert invariant == pytest.approx(5e6, rel=1e-9)
    for i in range(n):
        spot = curve.spot_price(levels[i], levels[0], pull)
        assert spot == pytest.approx(worth[i] / worth[0], rel=1e-8)


def test_amplification_moves_in_a_straight_line():
    assert curve.amplification_at(100.0, 200.0, 10.0, 20.0, 5.0) == 100.0
    assert curve.amplification_at(100.0, 200.0, 10.0, 20.0, 12.5) == 125.0
    assert curve.amplification_at(100.0, 20.0, 10.0, 20.0, 15.0) == 60.0
    assert curve.amplification_at(100.0, 200.0, 10.0, 20.0, 25.0) == 200.0


def test_amplification_is_rounded_down_to_a_hundredth_while_it_moves():
    """By hand: a third of the way is 33.333 of 100."""
    assert curve.amplification_at(100.0, 200.0, 0.0, 30.0, 10.0) == 100.0 + 33.33
    assert curve.amplification_at(200.0, 100.0, 0.0, 30.0, 10.0) == 200.0 - 33.34
    assert curve.amplification_at(0.07, 0.57, 0.0, 50.0, 29.0) == 0.07 + 0.29

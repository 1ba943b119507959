"""Fair values of pools: by hand, and against a slow search for the poorest point of the same curve.

Arbitrage takes out of a pool all that it can: what is left at given prices is the least the curve allows.
"""

from __future__ import annotations

import math

import pytest

from sim.formulas.pool_shares import fair_value_usd, least_value_usd
from sim.formulas.stable_swap import invariant_of, level_out, product_term


def test_by_hand():
    assert fair_value_usd(1000.0, 2e6, 2000.0, 1.0) == pytest.approx(4e6)
    assert fair_value_usd(1000.0, 2e6, 500.0, 1.0) == pytest.approx(2e6)
    assert fair_value_usd(2000.0, 1e6, 2000.0, 1.0) == pytest.approx(
        4e6
    )  # the same k, off the market
    assert least_value_usd(3e6, 0.9) == pytest.approx(2.7e6)


@pytest.mark.parametrize("price_usd", [300.0, 2000.0, 2500.0, 40e3])
def test_a_constant_product_pool_holds_least_where_arbitrage_leaves_it(price_usd):
    k = 1000.0 * 2e6
    points = (1000.0 * math.exp(0.0005 * step) for step in range(-8000, 8000))
    least_usd = min(x * price_usd + k / x for x in points)
    assert fair_value_usd(1000.0, 2e6, price_usd, 1.0) == pytest.approx(least_usd, rel=1e-6)


@pytest.mark.parametrize("price_usd", [0.5, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("ann", [20.0, 2000.0])
def test_a_stable_swap_pool_never_holds_less_than_is_said(price_usd, ann):
    levels = [1e6, 1e6]
    invariant = invariant_of(levels, 2, ann)
    pull = product_term(levels, 2, invariant) / ann
    said_usd = least_value_usd(invariant, price_usd)
    held_usd = []
    for step in range(
        1, 400
    ):  # sales of the coin that has fallen, from none to twenty times the pool
        sold = 1e6 * (math.exp(step * 0.0077) - 1.0)
        left = 1e6 - level_out(1e6, 1e6, pull, sold)
        held_usd.append((1e6 + sold) * price_usd + left)
    assert said_usd <= min(held_usd) * (1.0 + 1e-12)
    if ann == 2000.0:  # and not much less, where the curve is nearly flat
        assert said_usd > 0.97 * min(held_usd)

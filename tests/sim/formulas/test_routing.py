"""Splitting a trade over pools against a numeric optimum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from sim.formulas import constant_product, routing

POOLS = {
    "alike": [(1000.0, 2e6, 0.003), (1000.0, 2e6, 0.003)],
    "fees": [(1000.0, 2e6, 0.003), (800.0, 1.6e6, 0.0005), (50.0, 1.01e5, 0.01)],
    "four": [(10.0, 2.1e4, 0.003), (1e4, 2e7, 0.003), (500.0, 9.9e5, 0.0001), (70.0, 1.4e5, 0.02)],
}


def split(amount, pools):
    """The parts at the common level, leaving out pools round by round, as the agents' route does."""
    taking = list(range(len(pools)))
    for _ in pools:
        slopes = sum(routing.slope(*pools[k]) for k in taking)
        intercepts = sum(routing.intercept(pools[k][0], pools[k][2]) for k in taking)
        level = routing.level(amount, intercepts, slopes)
        taking = [
            k
            for k in taking
            if routing.slope(*pools[k]) * level > routing.intercept(pools[k][0], pools[k][2])
        ]
    return [
        routing.part(level, routing.slope(*pool), routing.intercept(pool[0], pool[2]))
        for pool in pools
    ]


def numeric_split(amount, pools):
    """The parts at which all marginal prices are equal, found by bisection on that price."""

    def parts(price):
        found = []
        for x, y, fee in pools:
            kept = 1.0 - fee
            found.append(max((np.sqrt(kept * x * y / price) - x) / kept, 0.0))
        return np.array(found)

    best = max((1.0 - fee) * y / x for x, y, fee in pools)
    price = brentq(lambda p: parts(p).sum() - amount, 1e-9 * best, best, xtol=1e-300, rtol=1e-15)
    return parts(price)


@pytest.mark.parametrize("pools", POOLS.values(), ids=POOLS)
@pytest.mark.parametrize("amount", [0.01, 1.0, 30.0, 500.0, 1e5])
def test_the_split_is_the_numeric_optimum(pools, amount):
    parts = split(amount, pools)
    assert sum(parts) == pytest.approx(amount, rel=1e-9)
    # Parts are differences of numbers as large as the reserves: that is what they are exact to.
    assert parts == pytest.approx(numeric_split(amount, pools), abs=1e-10 * (amount + 1e4))


@pytest.mark.parametrize("pools", POOLS.values(), ids=POOLS)
def test_no_other_split_pays_more(pools):
    def paid(parts):
        return sum(
            constant_product.amount_out(part, *pool)
            for part, pool in zip(parts, pools, strict=True)
        )

    amount = 40.0
    parts = np.array(split(amount, pools))
    rng = np.random.default_rng(0)
    for _ in range(200):
        other = np.maximum(parts + rng.normal(0.0, 0.1, len(parts)) * amount, 0.0)
        other *= amount / other.sum()
        assert paid(other) <= paid(parts) * (1.0 + 1e-12)


def test_a_small_trade_goes_to_the_best_price_alone():
    assert split(0.001, POOLS["fees"])[0] == 0.0
    assert sum(part > 0.0 for part in split(0.001, POOLS["fees"])) == 1

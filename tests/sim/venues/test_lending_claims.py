"""Sums of debts and receipts, against exact arithmetic: when all is repaid nothing is left."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import aftershock as af
from sim.venues.lending_claims import _moved


def test_a_sum_of_many_is_the_exact_one_rounded_once():
    rng = random.Random(3)
    held = [0.0] * 20
    total, rest, most = 0.0, 0.0, 0.0
    for _ in range(2_000):
        k = rng.randrange(20)
        now = 0.0 if rng.random() < 0.3 else 10.0 ** rng.uniform(-9.0, 9.0)
        total, rest = _moved(total, rest, held[k], now)
        held[k] = now
        exact = sum(map(Fraction, held))
        assert total == float(exact)
        most = max(most, total)  # 106 bits of it, less those that 2,000 roundings took
        assert abs(Fraction(total) + Fraction(rest) - exact) <= most * 2.0**-95


def test_of_a_small_loan_beside_a_large_one_nothing_is_left():
    """In one float 0.1 beside a billion leaves 2.4e-8 when both are gone, and interest is charged on it."""
    market = af.venues.LendingMarket(
        {
            "USDC": {"price_usd": 1.0},
            "ETH": {"price_usd": 2_000.0, "ltv_fraction": 0.8, "threshold_fraction": 0.8},
        }
    )
    market.supply("USDC", 1e10)
    for name, loan in (("small", 0.1), ("large", 1e9), ("other", 0.7)):
        market.give(name, "ETH", loan)
        market.supply("ETH", loan, account=name)
        market.borrow("USDC", loan, account=name)
    assert 0.1 + 1e9 + 0.7 - 1e9 - 0.7 - 0.1 != 0.0
    for name in ("large", "other", "small"):
        assert market.reserve("USDC").scaled_debt > 0.0
        market.repay("USDC", math.inf, account=name)
    assert market.reserve("USDC").scaled_debt == 0.0

"""Constant-product pools against hand numbers, exact rational arithmetic and brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from sim.formulas import constant_product as pool

reserves = st.floats(1.0, 1e12)
shares = st.floats(1e-9, 10.0)  # of the reserve
fees = st.floats(0.0, 0.1)


def test_a_sale_by_hand():
    # 10 into 1,000 : 2,000 at 30 bps: 9.97 x 2,000 / 1,009.97.
    assert pool.amount_out(10.0, 1000.0, 2000.0, 0.003) == pytest.approx(19.743160687, rel=1e-10)
    assert pool.amount_out(0.0, 1000.0, 2000.0, 0.003) == 0.0


def test_the_price_falls_by_what_the_curve_says():
    """Selling x(sqrt(2) - 1) without a fee halves the price: mid falls by 1 - 1 / (1 + dx/x)^2."""
    sold = 1000.0 * (math.sqrt(2.0) - 1.0)
    bought = pool.amount_out(sold, 1000.0, 2000.0, 0.0)
    assert pool.spot_price(1000.0 + sold, 2000.0 - bought) == pytest.approx(1.0, rel=1e-14)


@given(amount=shares, reserve_in=reserves, reserve_out=reserves, fee=fees)
def test_like_uniswap_v2_in_exact_arithmetic(amount, reserve_in, reserve_out, fee):
    """Uniswap v2 Core (2020): (x + g dx)(y - dy) = x y, here in fractions without rounding."""
    sold = amount * reserve_in
    charged = Fraction(sold) * (1 - Fraction(fee))
    exact = charged * Fraction(reserve_out) / (Fraction(reserve_in) + charged)
    assert pool.amount_out(sold, reserve_in, reserve_out, fee) == pytest.approx(
        float(exact), rel=1e-15
    )


@given(amount=shares, reserve_in=reserves, reserve_out=reserves, fee=fees)
def test_amount_in_is_the_inverse(amount, reserve_in, reserve_out, fee):
    bought = pool.amount_out(amount * reserve_in, reserve_in, reserve_out, fee)
    sold = pool.amount_in(bought, reserve_in, reserve_out, fee)
    assert sold == pytest.approx(amount * reserve_in, rel=1e-6)


@given(amount=shares, reserve_in=reserves, reserve_out=reserves, fee=fees)
def test_round_trip_never_profits(amount, reserve_in, reserve_out, fee):
    sold = amount * reserve_in
    bought = pool.amount_out(sold, reserve_in, reserve_out, fee)
    back = pool.amount_out(bought, reserve_out - bought, reserve_in + sold, fee)
    assert back <= sold * (1.0 + 1e-9)


@given(
    amounts=st.lists(shares, min_size=2, max_size=6),
    reserve_in=reserves,
    reserve_out=reserves,
    fee=fees,
)
def test_splitting_a_sale_never_pays_more(amounts, reserve_in, reserve_out, fee):
    whole = pool.amount_out(sum(amounts) * reserve_in, reserve_in, reserve_out, fee)
    x, y, parts = reserve_in, reserve_out, 0.0
    for amount in amounts:
        got = pool.amount_out(amount * reserve_in, x, y, fee)
        x, y, parts = x + amount * reserve_in, y - got, parts + got
    assert parts <= whole * (1.0 + 1e-9)


@given(reserve=reserves, fee=fees, slippage=st.floats(1e-6, 0.5))
def test_amount_in_to_slippage_fills_exactly_that_much_below(reserve, fee, slippage):
    sold = pool.amount_in_to_slippage(reserve, fee, slippage)
    after_fee = 2.0 * (1.0 - fee)  # the price is 2 before fee and impact
    fill = pool.amount_out(sold, reserve, 2.0 * reserve, fee) / sold
    assert fill == pytest.approx(after_fee * (1.0 - slippage), rel=1e-9)


def test_shares():
    assert pool.first_shares(4.0, 9.0) == 6.0
    assert pool.shares_for_deposit(10.0, 1000.0, 500.0) == 5.0


# Pools that pay more for a token than it costs outside, by up to a half; depth in the quote token.
CASES = [
    (1000.0, 2.0e6, 0.003, 1990.0, math.inf),  # 0.5 % off: beyond the fee
    (1000.0, 2.0e6, 0.003, 1500.0, math.inf),
    (1000.0, 2.0e6, 0.0, 1999.9, math.inf),
    (1000.0, 2.0e6, 0.003, 1500.0, 1e8),
    (1000.0, 2.0e6, 0.003, 1900.0, 1e6),
    (1000.0, 2.0e6, 0.0005, 1000.0, 3e5),
    (5e6, 4e3, 0.01, 7e-4, 1e4),
]


def marginal_gain(sold, reserve_in, reserve_out, fee, price, depth):
    """What the pool pays for a little more, less what buying it outside costs, price / (1 - n p / D)."""
    kept = 1.0 - fee
    paid = kept * reserve_in * reserve_out / (reserve_in + kept * sold) ** 2
    return paid * (1.0 - sold * price / depth) - price


@pytest.mark.parametrize("case", CASES)
def test_arbitrage_stops_where_the_last_token_pays_what_it_costs(case):
    reserve_in, _, _, price, depth = case
    end = min(10.0 * reserve_in, depth / price)
    best = brentq(marginal_gain, 0.0, end, args=case, xtol=1e-300, rtol=1e-14, maxiter=500)
    assert pool.arbitrage_amount_in(*case) == pytest.approx(best, rel=1e-9)


def profit(sold, reserve_in, reserve_out, fee, price, depth):
    got = pool.amount_out(sold, reserve_in, reserve_out, fee)
    if math.isinf(depth):
        return got - sold * price
    return got + depth * math.log1p(-sold * price / depth)


@pytest.mark.parametrize("case", CASES)
def test_no_other_amount_gains_more(case):
    best = pool.arbitrage_amount_in(*case)
    assert profit(best, *case) > 0.0
    for share in (0.5, 0.9, 0.999, 1.001, 1.1, 1.5):
        if share * best * case[3] < case[4]:
            assert profit(share * best, *case) < profit(best, *case)


def test_no_arbitrage_within_the_fee():
    assert pool.arbitrage_amount_in(1000.0, 2e6, 0.003, 1994.1, math.inf) == 0.0  # 0.295 % off
    assert pool.arbitrage_amount_in(1000.0, 2e6, 0.003, 2100.0, 1e9) == 0.0

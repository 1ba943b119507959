"""The outside exchange: fills are the average along the move, and no round trip profits.

A round trip is any sequence of sales and purchases that ends with the tokens it began with. It pays
nothing as long as depth recovers more slowly than impact decays (Gatheral 2010; Huberman and Stanzl 2004).
"""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.formulas import outside

PRICE, DEPTH = 2000.0, 1e9


@pytest.mark.parametrize("amount", [1e-6, 1.0, 1e3, 1e5, 2e6])
def test_proceeds_are_the_integral_of_the_price_along_the_move(amount):
    """Having sold n, the price is p / (1 + n p / D): the log price falls by proceeds / D."""
    integral, _ = quad(lambda n: PRICE / (1.0 + n * PRICE / DEPTH), 0.0, amount, epsrel=1e-12)
    proceeds = outside.sale_proceeds_usd(amount, PRICE, DEPTH)
    assert proceeds == pytest.approx(integral, rel=1e-12)
    assert PRICE * math.exp(-proceeds / DEPTH) == pytest.approx(
        PRICE / (1.0 + amount * PRICE / DEPTH), rel=1e-12
    )


@pytest.mark.parametrize("amount", [1e-6, 1.0, 1e3, 1e5, 4e5])
def test_a_purchase_costs_the_integral_too(amount):
    integral, _ = quad(lambda n: PRICE / (1.0 - n * PRICE / DEPTH), 0.0, amount, epsrel=1e-12)
    assert outside.purchase_cost_usd(amount, PRICE, DEPTH) == pytest.approx(integral, rel=1e-11)


def test_nobody_can_buy_more_than_the_depth():
    assert outside.purchase_cost_usd(DEPTH / PRICE, PRICE, DEPTH) == math.inf


@given(amount=st.floats(1e-3, 4e5), depth=st.floats(1e9, 1e12))
def test_purchase_amount_is_the_inverse_of_the_cost(amount, depth):
    cost = outside.purchase_cost_usd(amount, PRICE, depth)
    assert outside.purchase_amount(cost, PRICE, depth) == pytest.approx(amount, rel=1e-11)


def test_depth_by_hand():
    assert outside.effective_depth_usd(DEPTH, 0.5, 1.0) == DEPTH
    # Half of the impact stays; the other half is ten times as large when depth is a tenth.
    assert outside.effective_depth_usd(DEPTH, 0.5, 0.1) == pytest.approx(DEPTH / 5.5, rel=1e-15)
    assert outside.effective_depth_usd(DEPTH, 1.0, 0.1) == DEPTH


def test_decay_by_hand():
    assert outside.decay(600.0, 600.0) == pytest.approx(0.5, rel=1e-15)
    assert outside.decay(12.0, 600.0) ** 50 == pytest.approx(0.5, rel=1e-13)


class Market:
    """The price of one asset under a sequence of trades: the propagator of `economics.md` in ten lines."""

    def __init__(self, permanent_fraction: float) -> None:
        self.share = permanent_fraction
        self.permanent = self.transient = self.tokens = self.usd = 0.0
        self.multiple = 1.0

    @property
    def price(self) -> float:
        return PRICE * math.exp(self.permanent + self.transient)

    @property
    def depth(self) -> float:
        return outside.effective_depth_usd(DEPTH, self.share, self.multiple)

    def buy(self, usd: float) -> None:
        """Spend so many USD, or with a minus sign sell tokens for so many."""
        bought = outside.purchase_amount(usd, self.price, self.depth)
        self.tokens, self.usd = self.tokens + bought, self.usd - usd
        self.permanent += usd / DEPTH * self.share
        self.transient += usd / DEPTH * (1.0 - self.share) / self.multiple

    def wait(self, seconds: float, wanted_multiple: float) -> None:
        """Impact decays; depth falls at once, but comes back at no more than the pace of that decay."""
        left = outside.decay(seconds, 600.0)
        self.transient *= left
        self.multiple = min(wanted_multiple, self.multiple / left)

    def close(self) -> None:
        """Sell what was bought, buy back what was sold."""
        if self.tokens > 0.0:
            self.buy(-outside.sale_proceeds_usd(self.tokens, self.price, self.depth))
        else:
            self.buy(outside.purchase_cost_usd(-self.tokens, self.price, self.depth))


trades = st.lists(
    st.tuples(st.floats(-2e8, 2e8), st.floats(0.0, 3600.0), st.floats(0.05, 1.0)),
    min_size=1,
    max_size=8,
)


@given(trades=trades, permanent_fraction=st.floats(0.0, 1.0))
def test_no_round_trip_profits(trades, permanent_fraction):
    market = Market(permanent_fraction)
    for usd, seconds, multiple in trades:
        market.buy(usd)
        market.wait(seconds, multiple)
    # Buying back nearly all that there is costs without bound, and cannot be computed.
    assume(market.tokens * market.price > -0.9 * market.depth)
    market.close()
    turnover = sum(abs(usd) for usd, _, _ in trades)
    assert abs(market.tokens) * PRICE <= 1e-9 * turnover + 1e-3
    assert market.usd <= 1e-9 * turnover + 1e-3


def test_depth_that_comes_back_faster_than_impact_decays_would_be_a_money_machine():
    """Why depth must recover slowly: push a thin market up, sell into a deep one."""
    market = Market(0.5)
    market.multiple = 0.1
    market.buy(1e7)
    market.multiple = 1.0
    market.close()
    assert market.usd > 1e5

"""Bands of soft liquidation against their closed forms: the invariant, its edges, and a slow fall."""

from __future__ import annotations

import math

import pytest

from sim.formulas import llamma

A, EDGE = 100.0, 2000.0
LOWER = EDGE * (A - 1.0) / A


def held(x: float, y: float, price: float) -> tuple[float, float, float]:
    """Both sides with what the band behaves as if it had, and y0."""
    y0 = llamma.anchor(x, y, price, EDGE, A)
    f = llamma.virtual_coin(y0, price, EDGE, A)
    g = llamma.virtual_collateral(y0, price, EDGE, A)
    return f + x, g + y, y0


@pytest.mark.parametrize("price", [0.8 * EDGE, LOWER, 0.997 * EDGE, EDGE, 1.3 * EDGE])
@pytest.mark.parametrize(("x", "y"), [(0.0, 3.0), (4000.0, 0.0), (1500.0, 2.0), (1e-6, 1e6)])
def test_the_anchor_solves_the_invariant_of_the_white_paper(x, y, price):
    left, right, y0 = held(x, y, price)
    assert left * right == pytest.approx(A * A * y0 * y0 * price, rel=1e-12)


def test_at_its_edges_a_band_asks_what_the_oracle_says():
    assert llamma.price_in_band(0.0, 3.0, EDGE, EDGE, A) == pytest.approx(EDGE, rel=1e-15)
    assert llamma.price_in_band(5000.0, 0.0, LOWER, EDGE, A) == pytest.approx(LOWER, rel=1e-14)


def test_the_price_moves_with_the_third_power_of_the_oracle():
    before = llamma.price_in_band(0.0, 3.0, EDGE, EDGE, A)
    after = llamma.price_in_band(0.0, 3.0, 0.99 * EDGE, EDGE, A)
    assert after / before == pytest.approx(0.99**3, rel=1e-14)


def test_between_two_edges_the_price_is_continuous_in_what_is_sold():
    """A band with a trace of the other side asks what one without it does."""
    for x, y, other in ((0.0, 3.0, (1e-9, 3.0)), (4000.0, 0.0, (4000.0, 1e-12))):
        price = llamma.price_in_band(x, y, 0.995 * EDGE, EDGE, A)
        near = llamma.price_in_band(*other, 0.995 * EDGE, EDGE, A)
        assert near == pytest.approx(price, rel=1e-9)


def traded_to_the_oracle(x: float, y: float, price: float) -> tuple[float, float]:
    """Without a fee, as an arbitrageur leaves the band: its price is the oracle's, or it is all of a kind."""
    left, right, _ = held(x, y, price)
    most = left * right
    f, g = left - x, right - y
    target = math.sqrt(most * price)
    new_x = min(max(target - f, 0.0), most / g - f)
    return new_x, max(most / (f + new_x) - g, 0.0)


@pytest.mark.parametrize("n_steps", [50, 400])
def test_sold_in_many_small_steps_a_band_brings_the_mean_of_its_edges(n_steps):
    """The closed form of a slow fall is y sqrt(P P'), and the way there loses as one over the steps."""
    x, y = 0.0, 3.0
    for k in range(1, n_steps + 1):
        price = EDGE * (LOWER / EDGE) ** (k / n_steps)
        x, y = traded_to_the_oracle(x, y, price)
    slow = 3.0 * math.sqrt(EDGE * LOWER)
    assert y == pytest.approx(0.0, abs=1e-9)
    assert x == pytest.approx(slow, rel=0.03 / n_steps)
    assert x != pytest.approx(slow, rel=1e-12)
    assert llamma.coin_if_sold(0.0, 3.0, EDGE, EDGE, A) == pytest.approx(slow, rel=1e-12)
    assert llamma.collateral_if_bought(x, 0.0, LOWER, EDGE, A) == pytest.approx(
        x / math.sqrt(EDGE * LOWER), rel=1e-12
    )


def test_what_a_band_would_bring_hardly_changes_on_the_way():
    """In a slow fall a loan stays covered by the same coin, wherever in the band the price stands."""
    x, y = 0.0, 3.0
    before = llamma.coin_if_sold(x, y, EDGE, EDGE, A)
    for k in range(1, 201):
        price = EDGE * (LOWER / EDGE) ** (k / 200)
        x, y = traded_to_the_oracle(x, y, price)
        assert llamma.coin_if_sold(x, y, price, EDGE, A) == pytest.approx(before, rel=2e-4)


def test_effective_collateral_is_the_slow_sale_of_all_bands():
    n, collateral = 7, 10.0
    edge, total = EDGE, 0.0
    for _ in range(n):
        total += llamma.coin_if_sold(0.0, collateral / n, 2.0 * EDGE, edge, A)
        edge = edge * (A - 1.0) / A
    effective = llamma.effective_collateral(collateral, n, A, 0.0)
    assert effective * EDGE == pytest.approx(total, rel=1e-12)
    assert llamma.effective_collateral(collateral, n, A, 0.09) == pytest.approx(
        0.91 * effective, rel=1e-12
    )


def test_a_loan_begins_in_the_highest_band_that_covers_it():
    debt = 12_000.0
    effective = llamma.effective_collateral(10.0, 10, A, 0.09)
    first = llamma.first_band(effective, EDGE, debt, A)
    assert effective * llamma.upper_edge(EDGE, A, first) >= debt
    assert effective * llamma.upper_edge(EDGE, A, first + 1) < debt


def test_a_jump_of_the_oracle_raises_the_fee_until_it_is_forgotten():
    """1 - 0.9^3 = 0.271 at once, half of it a minute later, nothing after two."""
    assert llamma.limited_price(90.0, 100.0, 0.0, 0.0) == pytest.approx((90.0, 0.271))
    assert llamma.limited_price(90.0, 100.0, 0.0, 60.0) == pytest.approx((90.0, 0.1355))
    assert llamma.limited_price(90.0, 100.0, 0.0, 120.0) == (90.0, 0.0)
    assert llamma.limited_price(100.0, 90.0, 0.0, 0.0) == pytest.approx((100.0, 0.271))


def test_a_jump_beyond_a_quarter_is_held_back():
    price, fee = llamma.limited_price(10.0, 100.0, 0.0, 0.0)
    assert price == pytest.approx(80.0)
    assert fee == pytest.approx(1.0 - 0.8**3)
    assert llamma.limited_price(1000.0, 100.0, 0.0, 0.0)[0] == pytest.approx(125.0)


def test_part_removed_leaves_the_rest_healthier():
    """Half the debt for less than half the bands and half of the discount on them."""
    part = llamma.part_removed(0.5, 0.06)
    assert part == pytest.approx((1.03 / 1.06 * 0.5 + 0.5) * 0.5)
    assert llamma.part_removed(1.0, 0.06) == 1.0

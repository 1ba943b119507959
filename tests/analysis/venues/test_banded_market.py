"""A market of soft liquidation at the prompt: hand calculations of loans, trades and what a turn costs."""

from __future__ import annotations

import math

import pytest

import aftershock as af
from sim.errors import InputError
from sim.transaction import SUPPLY, WITHDRAW

A = 100


def market(**terms):
    return af.venues.BandedMarket(3000.0, amplification=A, **terms)


def arbitrage(bands):
    """Trade until the next bit, fee included, costs what the oracle says."""
    symbol, amount = bands.amount_to(bands.oracle_price)
    if amount > 0.0:
        bands.swap(symbol, amount)
    return amount


def test_arbitrage_ends_where_the_last_bit_is_worth_what_it_costs():
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    bands.set_price(2200.0)
    bands.wait(600.0)
    symbol, amount = bands.amount_to(2200.0)
    bit = 1e-4 * amount
    more = bands.quote(symbol, amount + 0.5 * bit) - bands.quote(symbol, amount - 0.5 * bit)
    assert symbol == "crvUSD"
    assert bit / more == pytest.approx(2200.0, rel=1e-6)
    bands.swap(symbol, amount)
    assert bands.amount_to(2200.0)[1] == pytest.approx(0.0, abs=1e-6)


def test_a_loan_lies_where_its_debt_is_covered():
    """10 ETH in 10 bands at a discount of 9 % bring 20,000: from 2,310 down, by the sum of the bands."""
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    loan = bands.loan("alice")
    edge = 3000.0 * 0.99 ** loan["first_band"]
    brings = sum(math.sqrt(0.99) * edge * 0.99**k for k in range(10))
    assert loan["coin_if_sold"] == pytest.approx(brings, rel=1e-12)
    assert 0.91 * brings >= 20_000.0 > 0.91 * 0.99 * brings
    assert loan["health"] == pytest.approx(0.94 * brings / 20_000.0 - 1.0, rel=1e-9)
    above = (3000.0 - edge) * 10.0 / 20_000.0
    assert loan["full_health"] == pytest.approx(loan["health"] + above, rel=1e-9)


def test_one_trade_in_one_band_by_hand():
    """At the upper edge of a band of 1 ETH: f = A y0 p, g = (A - 1) y0 with y0 = 1."""
    bands = market(fee_fraction=0.006)
    bands.open("alice", 10.0, 20_000.0, 10)
    first = bands.loan("alice")["first_band"]
    edge = 3000.0 * 0.99**first
    bands.set_price(edge)
    bands.wait(600.0)
    sold = 1000.0
    usable = sold * (1.0 - 0.006)
    by_hand = 100.0 * usable / (100.0 * edge + usable)
    assert bands.swap("crvUSD", sold).received == pytest.approx(by_hand, rel=1e-12)
    assert bands.active_band == first
    assert bands.band(first).coin == sold


def test_a_trade_split_in_two_brings_the_same_but_for_the_fee_on_the_way():
    bands = market(fee_fraction=1e-12)
    bands.open("alice", 10.0, 20_000.0, 10)
    bands.set_price(bands.band(26).upper_price)  # no band is so far off that it asks for more
    bands.wait(600.0)
    whole = bands.quote("crvUSD", 3000.0)
    halves = [bands.swap("crvUSD", 1500.0).received for _ in range(2)]
    assert sum(halves) == pytest.approx(whole, rel=1e-10)


def test_exact_out_undoes_exact_in():
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    bands.set_price(2200.0)
    bands.wait(600.0)
    bought = bands.quote("crvUSD", 5000.0)
    assert bands.swap("ETH", 0.5, exact="in").received == 0.0  # nobody has brought coin yet
    assert bands.swap("crvUSD", bought, exact="out").paid == pytest.approx(5000.0, rel=1e-12)


def test_a_fall_through_all_bands_leaves_coin_and_a_rise_brings_collateral_back():
    """Sold at about the mean of the edges, bought back at the same: the turn costs what arbitrage earned."""
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    before = bands.loan("alice")
    first, last = before["first_band"], before["last_band"]
    for n in range(first - 1, last + 3):
        bands.set_price(3000.0 * 0.99 ** (n + 0.5))
        bands.wait(600.0)
        arbitrage(bands)
    low = bands.loan("alice")
    assert low["collateral"] == pytest.approx(0.0, abs=1e-9)
    # A band is sold at one price of its third power, and not slowly: that costs a hundredth or two.
    assert 0.97 * before["coin_if_sold"] < low["coin"] < before["coin_if_sold"]
    assert low["health"] > 0.0  # no hard liquidation: the coin covers the debt
    for n in range(last + 3, first - 4, -1):
        bands.set_price(3000.0 * 0.99 ** (n + 0.5))
        bands.wait(600.0)
        arbitrage(bands)
    after = bands.loan("alice")
    assert after["coin"] == pytest.approx(0.0, abs=1e-6)
    lost = 10.0 - after["collateral"]
    assert 0.1 < lost < 0.5  # the same again on the way up


def test_a_jump_over_the_bands_ends_in_a_hard_liquidation():
    """If nobody trades in time the collateral is worth too little; who takes over pays the debt for it."""
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 4)
    with pytest.raises(af.venues.Reverted, match="not liquidatable"):
        bands.liquidate("alice")
    bands.set_price(2050.0)
    bands.wait(600.0)
    assert bands.loan("alice")["full_health"] < 0.0
    bands.give("liquidator", "crvUSD", 20_000.0)
    paid, received = bands.liquidate("alice")
    assert (paid, received) == pytest.approx((20_000.0, 10.0), rel=1e-12)
    assert bands.loan("alice")["debt"] == 0.0


def test_part_of_a_loan_taken_over_leaves_it_healthier():
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    bands.set_price(2000.0)
    bands.wait(600.0)
    sick = bands.loan("alice")["health"]
    bands.give("liquidator", "crvUSD", 20_000.0)
    _, received = bands.liquidate("alice", 0.5)
    assert received == pytest.approx(10.0 * (1.03 / 1.06 * 0.5 + 0.5) * 0.5, rel=1e-9)
    assert bands.loan("alice")["health"] > sick


def test_interest_raises_debts_and_the_grid_alike():
    bands = market(rate_per_year=0.1)
    bands.open("alice", 10.0, 20_000.0, 10)
    edge = bands.band(26).upper_price
    bands.wait(365 * 86_400.0)
    assert bands.loan("alice")["debt"] == pytest.approx(22_000.0, rel=1e-9)
    assert bands.band(26).upper_price == pytest.approx(1.1 * edge, rel=1e-9)


def test_a_loan_being_converted_can_only_be_repaid():
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    bands.set_price(2250.0)
    bands.wait(600.0)
    bands.swap("crvUSD", 3000.0)
    told = bands.loan("alice")
    bands.give("alice", "ETH", 1.0)
    for refused in (bands.add_collateral, bands.borrow_more, bands.remove_collateral):
        with pytest.raises(af.venues.Reverted, match="sold already"):
            refused("alice", 0.5)
    assert bands.loan("alice") == told
    bands.repay("alice", 5000.0)
    assert bands.loan("alice")["first_band"] == told["first_band"]
    bands.give("alice", "crvUSD", 20_000.0)
    bands.repay("alice")
    assert bands.balance("ETH", "alice") == pytest.approx(1.0 + told["collateral"], rel=1e-12)
    assert bands.loan("alice")["debt"] == 0.0


def test_collateral_supplied_before_a_loan_comes_back_whole():
    bands = market()
    bands.give("bob", "ETH", 5.0)
    bands._call(
        SUPPLY, "bob", row=0, amount=5.0
    )  # as an agent does; the contract takes both at once
    bands._call(WITHDRAW, "bob", row=0, amount=5.0)
    assert bands.balance("ETH", "bob") == 5.0


def test_without_a_loan_there_is_nothing_to_change():
    bands = market()
    bands.give("bob", "ETH", 5.0)
    for refused in (bands.add_collateral, bands.borrow_more, bands.remove_collateral):
        with pytest.raises(af.venues.Reverted, match="no loan"):
            refused("bob", 1.0)
    assert bands.balance("ETH", "bob") == 5.0


def test_more_debt_than_the_bands_cover_is_refused():
    bands = market()
    with pytest.raises(af.venues.Reverted, match="more debt"):
        bands.open("alice", 10.0, 27_500.0, 10)
    with pytest.raises(af.venues.Reverted, match="range"):
        bands.open("alice", 10.0, 10_000.0, 51)
    assert bands.loan("alice")["debt"] == 0.0


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({"amplification": 1}, "amplification"),
        ({"fee_fraction": 0.2}, "fee_fraction"),
        ({"loan_discount_fraction": 0.05}, "loan_discount_fraction"),
        ({"liquidation_discount_fraction": 0.0}, "liquidation_discount_fraction"),
        ({"rate_per_year": -0.1}, "rate_per_year"),
        ({"base_price": -1.0}, "base_price"),
    ],
)
def test_impossible_terms_are_refused_by_name(terms, name):
    with pytest.raises(InputError, match=name):
        af.venues.BandedMarket(3000.0, **terms)


def test_it_tells_and_draws_itself():
    bands = market()
    bands.open("alice", 10.0, 20_000.0, 10)
    assert "active band" in bands._repr_html_()
    figure = bands.plot()
    assert figure.axes[0].get_xlabel() == "price of ETH (crvUSD)"

"""Debt positions at the prompt: hand calculations, every reason to refuse, and coin that adds up."""

from __future__ import annotations

import math

import numpy as np
import pytest

import aftershock as af
from sim import causes
from sim.errors import InputError
from sim.world import snapshot


def dutch(**rules):
    rules = {"dust": 100.0, "hole": 1e6, "tip": 10.0, "chip_fraction": 0.001, **rules}
    positions = af.venues.CollateralizedDebt(200.0, auction="dutch", **rules)
    positions.open("bob", 100.0, 10_000.0)
    return positions


def english(**rules):
    positions = af.venues.CollateralizedDebt(200.0, auction="english", **rules)
    positions.open("bob", 100.0, 10_000.0)
    for bidder in ("carl", "dora"):
        positions.give(bidder, "DAI", 50_000.0)
    return positions


def refused(positions, reason, call, *arguments, **more):
    """The call reverts for this reason and nothing that matters has changed."""
    positions.account()  # opened here, for that mints
    before = snapshot(positions._world)
    with pytest.raises(af.venues.Reverted, match=reason):
        call(*arguments, **more)
    after = snapshot(positions._world)
    for name in before:
        if name.startswith(("ledger.memory", "ledger.minted", "ledger.burned", "ledger.flow")):
            assert np.array_equal(before[name], after[name]), name


def adds_up(positions):
    """Coin issued is owed by positions, or was by those in auctions, or is lost; collateral likewise."""
    world = positions._world
    flow = world.ledger.flow
    net = float(flow[causes.ISSUE, 1] - flow[causes.RETIRE, 1])
    assert net == pytest.approx(positions.issued, abs=1e-6)
    in_auctions = sum(one["lot"] for one in positions.auctions)
    locked = float(world.venues.reserves[0].scaled_supply)
    assert positions.collateral_held() == pytest.approx(locked + in_auctions, abs=1e-9)
    due = float(np.sum(world.venues.auctions["due"][world.venues.auctions["kind"] > 0]))
    assert positions.debt + due + positions.deficit == pytest.approx(positions.issued, abs=1e-6)


# ------------------------------------------------------------------------- positions


def test_a_position_borrows_up_to_the_liquidation_ratio():
    positions = dutch()
    assert positions.position("bob")["health"] == pytest.approx(200.0 * 100.0 / 1.5 / 10_000.0)
    refused(positions, "health too low", positions.borrow, 3_334.0, "bob")
    positions.borrow(3_333.0, "bob")
    refused(positions, "health too low", positions.free, 1.0, "bob")
    assert positions.balance("DAI", "bob") == 13_333.0
    assert positions.issued == 13_333.0
    adds_up(positions)


def test_a_debt_is_nothing_or_more_than_dust_and_below_the_limit():
    positions = dutch(debt_limit=12_000.0)
    refused(positions, "cap exceeded", positions.borrow, 2_001.0, "bob")
    refused(positions, "dust", positions.repay, 9_950.0, "bob")
    assert positions.repay(1e9, "bob") == 10_000.0
    assert positions.issued == 0.0
    refused(positions, "bad amount", positions.repay, 1.0, "bob")
    positions.free(100.0, "bob")
    positions.lock(1.0, "bob")
    refused(positions, "dust", positions.borrow, 99.0, "bob")


def test_the_stability_fee_makes_debt_grow_and_is_the_protocols():
    positions = dutch(fee_per_year=0.08)
    positions.wait(365 * 86_400.0)
    assert positions.position("bob")["debt"] == pytest.approx(10_000.0 * math.exp(0.08), rel=1e-4)
    assert positions.issued == 10_000.0
    positions.give("bob", "DAI", 1_000.0)
    positions.repay(1e9, "bob")
    assert positions.debt == 0.0
    assert positions.issued == pytest.approx(-10_000.0 * (math.exp(0.08) - 1.0), rel=2e-3)


# ------------------------------------------------------------------------- Dutch auctions


def test_a_dutch_auction_by_hand():
    positions = dutch()
    refused(positions, "not liquidatable", positions.bark, "bob")
    positions.set_price(140.0)
    number = positions.bark("bob")
    assert positions.balance("DAI", "keeper") == pytest.approx(10.0 + 0.001 * 11_300.0)
    (auction,) = positions.auctions
    assert auction["tab"] == pytest.approx(11_300.0)
    assert auction["price"] == pytest.approx(1.2 * 140.0)
    adds_up(positions)
    positions.wait(1_800.0)  # twenty steps
    price = 168.0 * 0.99**20
    paid, bought = positions.take(number, 30.0)
    assert (paid, bought) == pytest.approx((30.0 * price, 30.0))
    adds_up(positions)
    refused(positions, "slippage limit", positions.take, number, 10.0, at_most=0.99 * price)
    paid, bought = positions.take(number, 1_000.0)
    assert paid == pytest.approx(11_300.0 - 30.0 * price)
    assert bought == pytest.approx(paid / price)
    assert positions.balance("ETH", "bob") == pytest.approx(100.0 - 11_300.0 / price)
    assert positions.auctions == []
    assert positions.surplus == pytest.approx(1_300.0 - 21.3)
    assert positions.deficit == 0.0
    adds_up(positions)


def test_a_dutch_auction_that_ends_below_its_debt_leaves_a_deficit():
    positions = dutch(tip=0.0, chip_fraction=0.0)
    positions.set_price(60.0)
    number = positions.bark("bob")
    positions.wait(3_600.0)
    price = 72.0 * 0.99**40
    positions.take(number, 100.0)
    assert positions.deficit == pytest.approx(10_000.0 - 100.0 * price)
    adds_up(positions)


def test_a_stale_dutch_auction_takes_no_buyer_until_it_is_restarted():
    positions = dutch()
    positions.set_price(120.0)
    number = positions.bark("bob")
    refused(positions, "needs no reset", positions.redo, number)
    positions.wait(8_401.0)
    assert positions.auctions[0]["needs_reset"]
    refused(positions, "needs a reset", positions.take, number, 1.0)
    positions.set_price(90.0)
    before = positions.balance("DAI", "keeper")
    positions.redo(number)
    assert positions.balance("DAI", "keeper") == pytest.approx(before + 21.3)
    assert positions.auctions[0]["price"] == pytest.approx(1.2 * 90.0)
    adds_up(positions)


def test_the_hole_bounds_all_auctions_together():
    positions = dutch(hole=5_650.0)
    positions.set_price(120.0)
    first = positions.bark("bob")
    assert positions.auctions[0]["tab"] == pytest.approx(5_650.0)
    assert positions.position("bob")["debt"] == pytest.approx(5_000.0)
    refused(positions, "no room", positions.bark, "bob")
    positions.wait(1_800.0)
    positions.take(first, 1_000.0)
    assert positions.bark("bob") == first + 1


def test_a_purchase_may_not_leave_dust_of_a_tab():
    positions = dutch(dust=9_900.0)
    positions.set_price(140.0)
    number = positions.bark("bob")
    paid, bought = positions.take(number, 50.0)  # no more than leaves 9,900 and its penalty
    assert (paid, bought) == pytest.approx((1.13 * 100.0, 1.13 * 100.0 / 168.0))
    refused(positions, "dust", positions.take, number, 1.0)
    positions.take(number, 100.0)
    assert positions.auctions == []


# ------------------------------------------------------------------------- English auctions


def test_an_auction_with_one_bidder_ends_at_nothing():
    positions = english()
    positions.set_price(120.0)
    number = positions.bark("bob")
    (auction,) = positions.auctions
    assert (auction["lot"], auction["tab"]) == (50.0, pytest.approx(5_650.0))
    refused(positions, "not finished", positions.deal, number)
    positions.bid(number, 0.01, account="carl")
    positions.wait(600.0)
    refused(positions, "not finished", positions.deal, number)
    positions.wait(1.0)
    refused(positions, "auction is over", positions.bid, number, 100.0, account="dora")
    positions.deal(number)
    assert positions.balance("ETH", "carl") == 50.0
    assert positions.deficit == pytest.approx(5_000.0 - 0.01)
    adds_up(positions)


def test_rivals_raise_a_bid_to_the_tab_and_then_ask_for_less():
    positions = english()
    positions.set_price(130.0)
    number = positions.bark("bob")
    positions.bid(number, 1_000.0, account="carl")
    adds_up(positions)
    refused(positions, "bid too low", positions.bid, number, 1_029.0, account="dora")
    refused(positions, "bad amount", positions.bid, number, 5_651.0, account="dora")
    positions.bid(number, 3_000.0, account="dora")
    assert positions.balance("DAI", "carl") == 50_000.0  # he has his bid back
    assert positions.balance("DAI", "dora") == 47_000.0
    tab = positions.auctions[0]["tab"]
    positions.bid(number, tab, account="carl")
    refused(positions, "bad amount", positions.bid, number, tab, account="dora")
    refused(positions, "bid too low", positions.bid, number, tab, 49.0, account="dora")
    positions.bid(number, tab, 48.0, account="dora")
    assert positions.balance("ETH", "bob") == 2.0
    adds_up(positions)
    positions.wait(601.0)
    positions.deal(number)
    assert positions.balance("ETH", "dora") == 48.0
    assert positions.surplus == pytest.approx(650.0)
    assert positions.deficit == 0.0
    adds_up(positions)


def test_a_surplus_is_set_off_against_a_later_deficit():
    positions = english()
    positions.set_price(120.0)
    first = positions.bark("bob")
    positions.bid(first, positions.auctions[0]["tab"], account="carl")
    second = positions.bark("bob")
    positions.bid(second, 0.01, account="dora")
    positions.wait(601.0)
    positions.deal(first)
    positions.deal(second)
    assert positions.deficit == pytest.approx(5_000.0 - 0.01 - 650.0)
    assert positions.surplus == 0.0
    adds_up(positions)


def test_an_auction_without_a_bid_is_restarted_after_tau():
    positions = english(tau_seconds=3_600.0)
    positions.set_price(120.0)
    number = positions.bark("bob")
    refused(positions, "needs no reset", positions.redo, number)
    positions.wait(3_601.0)
    refused(positions, "auction is over", positions.bid, number, 1.0)
    positions.redo(number)
    positions.bid(number, 1.0)
    refused(positions, "no such auction", positions.deal, number + 1)


# ------------------------------------------------------------------------- the delayed oracle


def test_the_price_is_that_of_the_poke_before():
    positions = af.venues.CollateralizedDebt(200.0, delay_seconds=3_600.0)
    positions.set_price(150.0)
    assert positions.price == 200.0
    refused(positions, "price already waiting", positions.poke)
    positions.wait(3_700.0)
    positions.poke()
    assert positions.price == 200.0
    positions.set_price(100.0)
    refused(positions, "price already waiting", positions.poke)
    positions.wait(3_500.0)  # the next whole hour
    positions.poke()
    assert positions.price == 150.0
    positions.wait(3_600.0)
    positions.poke()
    assert positions.price == 100.0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("chop_fraction", 1.0), ("chop_fraction", -0.1), ("cut_fraction", 1.0), ("cut_fraction", 0.0),
        ("liquidation_ratio", 0.9), ("auction", "candle"), ("step_seconds", 0.0), ("lump", 0.0),
        ("dust", -1.0), ("price", math.nan), ("ttl_seconds", math.inf), ("fee_per_year", -0.01),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused_by_name(key, value):
    with pytest.raises(InputError, match=key):
        af.venues.CollateralizedDebt(**{"price": 200.0, key: value})


def test_it_shows_itself():
    positions = dutch()
    positions.set_price(120.0)
    positions.bark("bob")
    assert "auctions under way" in positions._repr_html_()
    assert positions.plot().axes[0].get_ylabel() == "DAI a unit"

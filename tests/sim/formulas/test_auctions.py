"""Prices and sizes of collateral auctions, against the documents of the protocol and calculations by hand."""

from __future__ import annotations

import math

import pytest

from sim.formulas.auctions import (
    barked_debt,
    dutch_purchase,
    largest_next_lot,
    least_next_bid,
    needs_reset,
    stairstep_price,
)


@pytest.mark.parametrize(
    ("seconds", "steps"), [(0, 0), (89.9, 0), (90, 1), (179, 1), (180, 2), (3600, 40)]
)
def test_the_price_falls_by_whole_steps(seconds, steps):
    """cut = 0.99 a step of 90 s: multiplied out one step after the other."""
    by_hand = 1300.0
    for _ in range(steps):
        by_hand = by_hand * 0.99
    assert stairstep_price(1300.0, seconds, 0.99, 90.0) == pytest.approx(by_hand, rel=1e-13)


def test_a_price_of_130_per_cent_meets_the_market_after_40_minutes():
    """Maker's launch setting (buf 1.3, cut 0.99, step 90 s): the sale was expected after some 40 minutes."""
    steps = math.ceil(math.log(1.3) / -math.log(0.99))
    assert steps * 90.0 / 60.0 == pytest.approx(40.5)
    assert stairstep_price(1.3, steps * 90.0, 0.99, 90.0) <= 1.0
    assert stairstep_price(1.3, steps * 90.0 - 1.0, 0.99, 90.0) > 1.0


def test_a_reset_is_needed_after_the_tail_or_below_the_cusp():
    assert not needs_reset(8400.0, 8400.0, 41.0, 100.0, 0.4)
    assert needs_reset(8401.0, 8400.0, 41.0, 100.0, 0.4)
    assert not needs_reset(10.0, 8400.0, 40.0, 100.0, 0.4)
    assert needs_reset(10.0, 8400.0, 39.9, 100.0, 0.4)


@pytest.mark.parametrize(
    ("debt", "room", "dust", "taken"),
    [
        (1000.0, 5000.0, 100.0, 1000.0),  # it fits
        (1000.0, 565.0, 100.0, 500.0),  # half of it fits with a penalty of 13 %
        (1000.0, 1050.9, 100.0, 1000.0),  # 930 would leave dust of 70: all of it
        (1000.0, 56.5, 100.0, 0.0),  # a piece of 50 is not worth an auction
        (1000.0, 0.0, 100.0, 0.0),
        (1000.0, -5.0, 100.0, 0.0),
    ],
)
def test_what_one_bark_takes(debt, room, dust, taken):
    assert barked_debt(debt, room, 0.13, dust) == pytest.approx(taken, rel=1e-12)


@pytest.mark.parametrize(
    ("wanted", "owe", "bought"),
    [
        (10.0, 500.0, 10.0),  # a part
        (100.0, 2000.0, 40.0),  # the debt is covered by 40, the rest is not sold
        (39.0, 1900.0, 38.0),  # 1,950 would leave 50 of the tab, less than 100: a little less
        (60.0, 2000.0, 40.0),
    ],
)
def test_a_purchase_from_a_lot_of_60_at_50_for_a_tab_of_2000(wanted, owe, bought):
    purchase = dutch_purchase(60.0, 2000.0, wanted, 50.0, 100.0)
    assert purchase == pytest.approx((owe, bought, 2000.0 - owe))


def test_what_a_purchase_leaves_for_an_auction_is_the_least_to_the_last_bit():
    assert dutch_purchase(60.0, 2000.1, 39.0, 50.0, 100.3)[2] == 100.3
    assert 2000.1 - (2000.1 - 100.3) != 100.3  # a sum in floats would not be


def test_whoever_takes_the_last_of_a_lot_need_not_cover_the_debt():
    assert dutch_purchase(30.0, 2000.0, 30.0, 50.0, 100.0) == (1500.0, 30.0, 500.0)


def test_a_tab_that_is_itself_dust_is_bought_whole_or_not_at_all():
    assert dutch_purchase(30.0, 90.0, 1.0, 50.0, 100.0) == (0.0, 0.0, 90.0)
    assert dutch_purchase(30.0, 90.0, 2.0, 50.0, 100.0) == (90.0, 1.8, 0.0)


def test_english_bids_rise_by_beg_up_to_the_tab_and_then_lots_fall_by_it():
    assert least_next_bid(100.0, 1000.0, 0.05) == 105.0
    assert least_next_bid(990.0, 1000.0, 0.05) == 1000.0
    assert least_next_bid(0.0, 1000.0, 0.05) == 0.0
    assert largest_next_lot(42.0, 0.05) == pytest.approx(40.0)

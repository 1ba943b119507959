"""Debt positions and auctions that cannot be: refused by key and range, when the scenario is read."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.load import load
from sim.errors import InputError

PRESET = "zero_bid_auctions_2020"
DUTCH = {
    "markets.maker.auction": "dutch",
    "cohorts.model_keepers.strategy": "auction_taker",
    "cohorts.opportunist.strategy": "auction_taker",
    "remove": ["cohorts.model_keepers.opening", "cohorts.opportunist.opening"],
}


def refusal(changes: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        load(PRESET, changes=changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("markets.maker.chop_fraction", 1.0, "less than 1"),
        ("markets.maker.chop_fraction", -0.1, "greater than or equal to 0"),
        ("markets.maker.lump", 0.0, "greater than 0"),
        ("markets.maker.tau_seconds", 0.0, "greater than 0"),
        ("markets.maker.auction", "candle", "dutch"),
        ("markets.maker.auction_capacity", 0, "greater than or equal to 1"),
        ("markets.maker.cut_fraction", 0.9, "only dutch ones use"),
        ("markets.maker.kind", "cdps", "cdp"),
        ("reserves.maker_eth.ltv_fraction", 0.5, "debt positions"),
        ("reserves.maker_dai.slope1_per_year", 0.1, "debt positions"),
        ("reserves.maker_eth.threshold_fraction", 1.0, "less than 1"),
        ("feeds.eth_usd.delay_seconds", 0.0, "must be above 0"),
        ("feeds.eth_usd.heartbeat_seconds", 60.0, "does not use"),
        ("cohorts.model_keepers.margin_fraction", 1.5, "between 0 and 1"),
        ("cohorts.model_keepers.max_gas_price_gwei", -1.0, "between 0"),
        ("cohorts.model_keepers.strategy", "auction_taker", "does not use"),
    ],
)
def test_what_cannot_be_is_refused_by_name(key, value, words):
    message = refusal({key: value})
    assert key.rsplit(".", 1)[0] in message
    assert words in message


def test_a_penalty_above_the_collateral_is_refused_where_the_threshold_stands():
    message = refusal({"markets.maker.chop_fraction": 0.6})
    assert "reserves.maker_eth.threshold_fraction" in message
    assert "the penalty would be more than the collateral" in message


def test_bidders_need_auctions_of_their_kind():
    one = {**DUTCH, "cohorts.opportunist.strategy": "auction_bidder"}
    message = refusal({**one, "remove": ["cohorts.model_keepers.opening"]})
    assert "has no english auctions" in message


def test_a_dutch_version_is_accepted_and_drops_what_only_english_ones_use():
    (market,) = load(PRESET, changes=DUTCH).resolved()["markets"]
    assert market["hole"] == 100e6
    assert "lump" not in market


@pytest.mark.parametrize("cut", [0.0, 1.0])
def test_a_price_that_does_not_fall_or_is_gone_at_once_is_refused(cut):
    assert "cut_fraction" in refusal({**DUTCH, "markets.maker.cut_fraction": cut})


def test_nobody_lends_to_a_market_of_debt_positions():
    lender = {"name": "lenders", "strategy": "lender", "n_rows": 1, "market": "maker",
              "reserve_asset": "DAI"}  # fmt: skip
    assert "nobody lends to it" in refusal({"cohorts": [lender]})


def test_a_market_of_debt_positions_has_one_collateral():
    assert "needs two reserves" in refusal({"remove": ["reserves.maker_dai"]})

"""Receipts that cannot be pledged as asked: refused by key, when the scenario is read."""

from __future__ import annotations

import pytest

from scenarios.load import loads
from sim.errors import InputError
from tests.sim.venues.test_pledged_receipts import PAWN
from tests.sim.worlds import SCENARIO

TEXT = SCENARIO + PAWN.format(of="usdc", price=1.0)
POOLED = """
[[reserves]]
name = "more_receipts"
market = "core"
asset = "receipt"
feed = "receipt_usd"
ltv_fraction = 0.75
threshold_fraction = 0.8
bonus_fraction = 0.05
"""
ANOTHER = {"name": "more", "price_usd": 1.0, "receipt_of": "core_usdc"}
TWICE = {"name": "twice", "price_usd": 1.0, "receipt_of": "pawn_claims"}
A_FAIR = {"name": "receipt_fair", "asset": "receipt", "mode": "fair"}
LENDER = {
    "name": "receipt_lenders", "strategy": "lender", "n_rows": 1, "market": "pawn",
    "reserve_asset": "receipt", "tvl_usd": 1e3,
}  # fmt: skip


def refusal(text: str, changes: dict[str, object]) -> str:
    with pytest.raises(InputError) as caught:
        loads(text).with_(**changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assets.receipt.receipt_of": "core_usd"}, "Did you mean 'core_usdc'"),
        ({"assets.receipt.pool": "eth_usdc"}, "an asset is a claim on one thing"),
        ({"assets.receipt.price_usd": 2.0}, "a receipt is born at one USDC"),
        ({"assets.receipt.volatility_per_year": 0.1}, "traded nowhere"),
        ({"assets": [ANOTHER]}, "its shares are assets.receipt already"),
        ({"assets": [TWICE]}, "gives no receipts that change hands"),
        ({"assets.receipt.receipt_of": "pawn_usdc"}, "gives no receipts that change hands"),
        ({"pools.eth_usdc.tokens": ["receipt", "USDC"]}, "receipt is traded nowhere"),
        ({"cohorts.pawners.attention_fraction": 0.5}, "its owner cannot act"),
        ({"cohorts": [LENDER]}, "nobody borrows receipt"),
        ({"feeds.receipt_usd.base_feed": "eth_usd"}, "must be a feed of USDC"),
        ({"feeds": [A_FAIR]}, "mode 'fair' is for a share of a pool"),
    ],
)
def test_what_cannot_be_is_refused(changes, words):
    assert words in refusal(TEXT, changes)


def test_a_market_does_not_take_its_own_receipts():
    text = SCENARIO + POOLED + PAWN.format(of="usdc", price=1.0)
    assert "what it owes cannot be pledged to 'core'" in refusal(text, {})


def test_receipts_of_receipts_are_none():
    text = TEXT + POOLED.replace('"core"', '"more"') + '[[markets]]\nname = "more"\n'
    twice = {"name": "twice", "price_usd": 1.0, "receipt_of": "more_receipts"}
    assert "receipts of a claim cannot be pledged" in refusal(text, {"assets": [twice]})

"""Shares of a pool that cannot be pledged, or valued, as asked: refused by key, when the scenario is read."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.load import loads
from sim.errors import InputError
from tests.sim.basket_world import BASKETS
from tests.sim.venues.test_pledged_pool_shares import FEEDS, PAWN


def refusal(changes: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        loads(BASKETS + FEEDS + PAWN.format(pool="stable")).with_(**changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


ANOTHER = {"name": "more", "price_usd": 1.0, "pool": "stable"}
A_FAIR = {"name": "eth_fair", "asset": "ETH", "mode": "fair"}
A_RATE = {"name": "share_rate", "asset": "share", "mode": "rate", "base_feed": "usdc_usd"}
STALL = {"name": "s", "shock": "oracle_stall", "feed": "share_usd", "start_seconds": 0.0,
         "duration_seconds": 60.0}  # fmt: skip
LENDER = {
    "name": "share_lenders", "strategy": "lender", "n_rows": 1, "market": "pawn",
    "reserve_asset": "share", "tvl_usd": 1e3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assets.share.pool": "stabel"}, "Did you mean 'stable'"),
        ({"assets.share.share_vault": "safe"}, "an asset is a claim on one thing"),
        ({"assets.share.depth_usd": 1e6}, "traded nowhere"),
        ({"assets.share.drift_per_year": 0.1}, "traded nowhere"),
        ({"assets": [ANOTHER]}, "its shares are assets.share already"),
        ({"pools.eth_usdc.kind": "concentrated", "assets.share.pool": "eth_usdc"}, "not alike"),
        ({"pools.eth_usdc.tokens": ["share", "USDC"]}, "share is traded nowhere"),
        ({"cohorts.pawners.attention_fraction": 0.5}, "its owner cannot act"),
        ({"cohorts.holders.asset": "share"}, "only a leveraged_loop"),
        ({"cohorts": [LENDER]}, "nobody borrows share"),
        ({"feeds.usdt_usd.asset": "DAI"}, "USDT has none"),
        ({"feeds.share_usd.base_feed": "usdc_usd"}, "mode 'fair' does not use"),
        ({"feeds": [A_FAIR]}, "for a share of a pool"),
        ({"feeds": [A_RATE]}, "mode 'rate' is for"),
        ({"shocks": [STALL]}, "nothing to publish"),
    ],
)
def test_what_cannot_be_is_refused(changes, words):
    assert words in refusal(changes)

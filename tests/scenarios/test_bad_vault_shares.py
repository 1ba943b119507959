"""Shares of a vault that cannot be pledged as asked: refused by key, when the scenario is read."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.load import loads
from sim.errors import InputError
from tests.sim.share_vault_world import SHARE_VAULTS
from tests.sim.venues.test_pledged_shares import PAWN
from tests.sim.worlds import SCENARIO


def refusal(changes: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        loads(SCENARIO + SHARE_VAULTS + PAWN).with_(**changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


ANOTHER = {"name": "more", "price_usd": 1.0, "share_vault": "safe"}
A_RATE = {"name": "eth_rate", "asset": "ETH", "mode": "rate", "base_feed": "usdc_usd"}
LENDER = {
    "name": "share_lenders", "strategy": "lender", "n_rows": 1, "market": "pawn",
    "reserve_asset": "shares", "tvl_usd": 1e3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assets.shares.share_vault": "saf"}, "Did you mean 'safe'"),
        ({"assets.shares.price_usd": 2.0}, "a share is born at one USDC"),
        ({"assets.shares.depth_usd": 1e6}, "traded nowhere"),
        ({"assets.shares.drift_per_year": 0.1}, "traded nowhere"),
        ({"assets": [ANOTHER]}, "its shares are assets.shares already"),
        ({"share_vaults.safe.redemptions": "in_line"}, "does not pay at once"),
        ({"pools.eth_usdc.tokens": ["shares", "USDC"]}, "shares is traded nowhere"),
        ({"cohorts.pawners.attention_fraction": 0.5}, "its owner cannot act"),
        ({"cohorts.holders.asset": "shares"}, "only a leveraged_loop"),
        ({"cohorts": [LENDER]}, "nobody borrows shares"),
        ({"feeds.shares_usd.base_feed": "eth_usd"}, "must be a feed of USDC"),
        ({"feeds": [A_RATE]}, "for a share of a vault"),
    ],
)
def test_what_cannot_be_is_refused(changes, words):
    assert words in refusal(changes)

"""Feeds of mode ``rate`` of claims that are pledged: what whoever issued them says they are worth.

A share of a vault is worth what the books say, a receipt of a lending market its index; neither knows what is
lost until it is booked, and a receipt not even then: a deficit is owed to its holders and no index falls. So
who lends against claims lends against promises, and learns last that they cannot be kept.
Source: ERC-4626 (2021); aave-v3-origin, ReserveLogic.getNormalizedIncome and StaticATokenLM (a receipt whose
balance does not grow: the scaled one).
"""

from __future__ import annotations

from sim.compile import kernel
from sim.venues.lending import liquidity_index_now
from sim.venues.oracle import RATE
from sim.venues.share_vault import vault_of_share


@kernel
def reserve_of_receipt(venues, token):
    """The reserve that a token is a receipt of, or -1."""
    for r in range(venues.reserves.shape[0]):
        if venues.reserves[r].receipt_token == token:
            return r
    return -1


@kernel
def tell_rates(venues, now_seconds):
    """Write the rates. An empty vault has none: the last one stands."""
    for row in range(venues.feeds.shape[0]):
        feed = venues.feeds[row]
        if feed.mode != RATE:
            continue
        token = venues.exchanges[feed.asset].token
        v = vault_of_share(venues, token)
        if v >= 0 and venues.share_vaults[v].total_assets > 0.0:
            feed.rate = venues.share_vaults[v].total_assets / venues.share_vaults[v].supply
        r = reserve_of_receipt(venues, token)
        if r >= 0:
            feed.rate = liquidity_index_now(venues.reserves[r], now_seconds)

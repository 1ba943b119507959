"""Feeds of mode ``fair``: views that say what a share of a pool is worth at the oracle prices of its coins.

Nobody publishes them. A trade in the pool, however large, moves none of the numbers that they read by more
than its fee, so borrowers cannot raise their collateral by trading first, and nobody is liquidated for a gap
that arbitrage is about to close. What does move them is an oracle: late as it is, it is late for shares too.
Source: see ``sim/formulas/pool_shares.py``.
"""

from __future__ import annotations

import math

from sim.compile import boundary, kernel
from sim.formulas import weighted
from sim.formulas.pool_shares import fair_value_usd, least_value_usd
from sim.journal import remember
from sim.tables import CONSTANT_PRODUCT, STABLE_SWAP
from sim.venues.any_pool import asset_of, n_coins, pool_of_share
from sim.venues.oracle import FAIR, FEED_WORDS
from sim.venues.stable_swap import ann_now, invariant_now


@kernel
def feed_of(venues, asset):
    """The first feed of an asset."""
    for row in range(venues.feeds.shape[0]):
        if venues.feeds[row].asset == asset:
            return row
    return -1


@kernel
def value_usd(ledger, venues, p, seconds):
    """All shares of a pool together, at oracle prices; 0 where a coin is gone."""
    pool = venues.pools[p]
    if pool.kind == CONSTANT_PRODUCT:
        price0_usd = venues.feeds[feed_of(venues, pool.asset0)].price_usd
        price1_usd = venues.feeds[feed_of(venues, pool.asset1)].price_usd
        return fair_value_usd(pool.reserve0, pool.reserve1, price0_usd, price1_usd)
    basket = venues.baskets[pool.state]
    first = basket.first_coin
    if pool.kind == STABLE_SWAP:
        least_usd = math.inf
        for k in range(first, first + basket.n_coins):
            coin = venues.coins[k]
            least_usd = min(
                least_usd, venues.feeds[feed_of(venues, coin.asset)].price_usd / coin.rate
            )
        ann = ann_now(basket, seconds)
        invariant = invariant_now(ledger.journal.levels, basket, venues.coins, ann)
        return least_value_usd(max(invariant, 0.0), least_usd)
    prices = ledger.journal.levels
    for k in range(basket.n_coins):
        coin = venues.coins[first + k]
        if not coin.balance > 0.0:
            return 0.0
        prices[k] = venues.feeds[feed_of(venues, coin.asset)].price_usd
    return math.exp(weighted.log_value(venues.coins, first, basket.n_coins, prices))


@boundary(None)
def read(ledger, venues, row, seconds):
    """Let one feed say what its pool and the feeds of its coins say now; an empty pool says nothing new.

    Of several coins it is as old as the oldest price, and owes its impact to each by equal parts: a weighted
    pool by its weights.
    """
    feed = venues.feeds[row]
    p = pool_of_share(venues, venues.exchanges[feed.asset].token)
    pool = venues.pools[p]
    if not pool.lp_supply > 0.0:
        return
    worth_usd = value_usd(ledger, venues, p, seconds)
    if not worth_usd > 0.0:
        return
    feed.price_usd = worth_usd / pool.lp_supply
    n = n_coins(venues, p)
    impact = 0.0
    for k in range(n):
        coin = venues.feeds[feed_of(venues, asset_of(venues, p, k))]
        part = 1.0 / n
        if pool.kind != CONSTANT_PRODUCT and pool.kind != STABLE_SWAP:
            part = venues.coins[venues.baskets[pool.state].first_coin + k].weight
        impact += part * coin.impact
        if k == 0 or coin.updated_seconds < feed.updated_seconds:
            feed.updated_seconds = coin.updated_seconds
            feed.observed_slot = coin.observed_slot
    feed.impact = impact


@kernel
def read_all(ledger, venues, seconds):
    """At the start of a block."""
    for row in range(venues.feeds.shape[0]):
        if venues.feeds[row].mode == FAIR:
            read(ledger, venues, row, seconds)


@kernel
def pass_on(ledger, venues, seconds):
    """Within the transaction that has published a price: ``publish_price`` has asked for the room."""
    for row in range(venues.feeds.shape[0]):
        if venues.feeds[row].mode == FAIR:
            remember(ledger.journal, ledger.memory, venues.feeds[row].address, FEED_WORDS)
            read(ledger, venues, row, seconds)

"""Shares of pools at birth: who brings the coins, how many shares that makes, and what was pledged before.

Shares that can be pledged are counted so that one is worth the price of its asset.
"""

from __future__ import annotations

import math

from scenarios import baskets
from scenarios.claims import held_by_all
from sim.venues.any_pool import is_basket
from sim.world import World


def deposit(world: World, p: int, value_usd: float) -> float:
    """Bring all coins of a pool, worth so much and without a gap to the outside; the shares for them."""
    pool = world.venues.pools[p]
    if is_basket(pool):
        minted = baskets.deposit(world, p, value_usd)
    else:
        amount0, amount1 = (
            0.5 * value_usd / float(world.venues.exchanges[asset].market_price_usd)
            for asset in (pool.asset0, pool.asset1)
        )
        pool.reserve0 += amount0
        pool.reserve1 += amount1
        minted = math.sqrt(amount0 * amount1)
    for exchange in world.venues.exchanges:
        if exchange.token == pool.lp_token:
            return value_usd / float(exchange.market_price_usd)
    return minted


def deposit_pledged(world: World) -> None:
    """Whoever has pledged shares at birth has deposited what they are worth before."""
    for exchange in world.venues.exchanges:
        for p, pool in enumerate(world.venues.pools):
            if pool.lp_token == exchange.token:
                receipts = [
                    r.receipt_token for r in world.venues.reserves if r.token == exchange.token
                ]
                pledged = math.fsum(held_by_all(world, token)[0] for token in receipts)
                if pledged > 0.0:
                    deposit(world, p, pledged * float(exchange.market_price_usd))

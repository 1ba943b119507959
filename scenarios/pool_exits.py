"""What shares of a pool would bring who took their coins out and sold them into the pool that remains."""

from __future__ import annotations

import numpy as np

from scenarios.basket_exits import sold_usd
from scenarios.moments import of_one
from scenarios.sales import Sale
from sim.formulas import constant_product
from sim.venues.any_pool import is_basket, n_coins
from sim.world import World


def paid_by_the_rest(world: World, p: int, part: np.ndarray, sold: np.ndarray) -> np.ndarray:
    """What a constant-product pool pays for its first token once so much of it has been taken out."""
    pool = world.venues.pools[p]
    if world.clock.now[0].has_pool_depth == 0:
        price = world.tokens[pool.token0].value_usd / world.tokens[pool.token1].value_usd
        return np.asarray(sold * (1.0 - pool.fee_fraction) * price)
    left0 = np.maximum((1.0 - part) * pool.reserve0, 0.0)
    left1 = np.maximum((1.0 - part) * pool.reserve1, 0.0)
    with np.errstate(invalid="ignore"):
        bought = constant_product.amount_out(sold, left0, left1, pool.fee_fraction)
    return np.where(left0 > 0.0, bought, 0.0)  # who owns the whole pool has nobody to sell to


def taken_out(world: World, token: int, shares: np.ndarray) -> Sale:
    """All coins behind shares of a pool, sold for the cash or, where it has none, for one of them."""
    p = int(world.tokens[token].venue_row)
    pool = world.venues.pools[p]
    part = shares / max(pool.lp_supply, 1e-300)
    if is_basket(pool):
        nothing = np.zeros(n_coins(world.venues, p))
        sold = [sold_usd(world, p, one, nothing) for one in of_one(part).tolist()]
        return Sale(np.array([usd for usd, _ in sold]), np.array([n for _, n in sold]))
    amount = part * pool.reserve0
    kept = part * pool.reserve1 + paid_by_the_rest(world, p, part, amount)
    return Sale(kept * world.tokens[pool.token1].value_usd, amount > 0.0)

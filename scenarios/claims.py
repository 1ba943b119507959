"""What one claim on a pool is worth, at whatever prices its tokens are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.venues import any_pool
from sim.world import World


def claim_usd(world: World, token: int, price_usd: Sequence[float] | Mapping[int, float]) -> float:
    """Its part of all that stands behind such claims; ``price_usd`` goes by number of the token."""
    supply = float(any_pool.supply(world.tokens, world.venues, token))
    if supply <= 0.0:
        return 0.0
    p = any_pool.pool_of_claim(world.tokens, world.venues, token)
    total = 0.0
    for k in range(any_pool.n_coins(world.venues, p)):
        amount = float(any_pool.behind(world.tokens, world.venues, token, k))
        total += amount * float(price_usd[int(any_pool.token_of(world.venues, p, k))])
    return total / supply

"""What one claim on a pool is worth, at whatever prices, and how many of a token there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.ledger import column
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


def held_by_all(world: World, token: int) -> tuple[float, float]:
    """Exact sum of a token over all accounts, as two floats."""
    n_groups = world.ledger.offset.shape[1]
    amounts = [
        amount
        for group in range(n_groups)
        if world.ledger.offset[token, group] >= 0
        for amount in column(world.ledger, token, group)
    ]
    total = math.fsum(amounts)
    return total, math.fsum([*amounts, -total])

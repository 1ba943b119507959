"""What a pool would pay for a sale, and how much it could take, as somebody sees it."""

from __future__ import annotations

import math

from sim.formulas import constant_product
from tests.reference.observation import Observation
from tests.reference.pool import Pool


def pool_pays(seen: Observation, pool: Pool, token_in: str, amount: float) -> float:
    """Tokens that a pool would give."""
    if not seen.has_pool_depth:
        price = seen.price_of(pool.asset0) / seen.price_of(pool.asset1)
        if pool.token0 != token_in:
            price = 1.0 / price
        return constant_product.frictionless_out(amount, price, pool.fee_fraction)
    reserve_in, reserve_out = seen.sides(pool, token_in)
    return constant_product.amount_out(amount, reserve_in, reserve_out, pool.fee_fraction)


def pool_takes(seen: Observation, pool: Pool, token_in: str, slippage_fraction: float) -> float:
    """The largest sale whose average fill is at most that far below the price after fee."""
    if not seen.has_pool_depth:
        return math.inf
    reserve_in, _ = seen.sides(pool, token_in)
    return constant_product.amount_in_to_slippage(reserve_in, pool.fee_fraction, slippage_fraction)

"""What a pool would pay an agent, and how much it could take, at the reserves or the price that it sees."""

from __future__ import annotations

import math

from sim.compile import formula, kernel
from sim.formulas import constant_product
from sim.view import market_price, pool_reserves


@formula
def sides(view, row, pool, token_in):
    """Reserves of a pool as seen, the side that takes ``token_in`` first."""
    reserve0, reserve1 = pool_reserves(view, row, pool)
    if view.pools[pool].token0 == token_in:
        return reserve0, reserve1
    return reserve1, reserve0


@kernel
def pool_pays(view, row, pool, token_in, amount):
    """Tokens that a pool would give for ``amount`` of ``token_in``."""
    fee = view.pools[pool].fee_fraction
    if view.now[0].has_pool_depth == 0:
        price = market_price(view, row, view.pools[pool].asset0)
        price = price / market_price(view, row, view.pools[pool].asset1)
        if view.pools[pool].token0 != token_in:
            price = 1.0 / price
        return constant_product.frictionless_out(amount, price, fee)
    reserve_in, reserve_out = sides(view, row, pool, token_in)
    return constant_product.amount_out(amount, reserve_in, reserve_out, fee)


@kernel
def pool_takes(view, row, pool, token_in, slippage_fraction):
    """The largest sale of ``token_in`` whose average fill is at most that far below the price after fee."""
    if view.now[0].has_pool_depth == 0:
        return math.inf
    reserve_in, _ = sides(view, row, pool, token_in)
    return constant_product.amount_in_to_slippage(
        reserve_in, view.pools[pool].fee_fraction, slippage_fraction
    )

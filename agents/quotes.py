"""What a pool would pay an agent, and how much it could take, at the state or the price that it sees.

Which mathematics a pool follows is asked in ``sim/venues/any_pool.py``. Where a closed form exists for
constant product alone (slippage, the arbitrage against an outside market with depth) it stands here beside
the search that does the same for every other kind.
"""

from __future__ import annotations

import math

from sim.compile import formula, kernel
from sim.formulas import constant_product
from sim.tables import CONSTANT_PRODUCT
from sim.venues import any_pool
from sim.view import market_price, pool_reserves, pool_sqrt_price

HALVINGS = 40  # of the search for the price at which an arbitrage ends


@formula
def sides(view, row, pool, token_in):
    """Reserves of a pool of two tokens as seen, the side that takes ``token_in`` first."""
    reserve0, reserve1 = pool_reserves(view, row, pool)
    if view.pools[pool].token0 == token_in:
        return reserve0, reserve1
    return reserve1, reserve0


@kernel
def curve_pays(view, row, pool, token_in, token_out, amount):
    """Tokens that a sale along the pool's curve would bring."""
    reserve0, reserve1 = pool_reserves(view, row, pool)
    return any_pool.pays(
        view.ledger, view.venues, pool, reserve0, reserve1, pool_sqrt_price(view, row, pool),
        token_in, token_out, amount,
    )  # fmt: skip


@kernel
def marginal_price(view, row, pool, token_in, token_out):
    """What the next token sold would bring, after the fee."""
    reserve0, reserve1 = pool_reserves(view, row, pool)
    return any_pool.marginal_price(
        view.ledger, view.venues, pool, reserve0, reserve1, pool_sqrt_price(view, row, pool),
        token_in, token_out,
    )  # fmt: skip


@kernel
def sale_to(view, row, pool, token_in, token_out, price):
    """The sale after which the next token would bring ``price``."""
    reserve0, reserve1 = pool_reserves(view, row, pool)
    return any_pool.sale_to(
        view.ledger, view.venues, pool, reserve0, reserve1, pool_sqrt_price(view, row, pool),
        token_in, token_out, price,
    )  # fmt: skip


@kernel
def outside_price(view, row, pool, token_in, token_out):
    """What one token is worth in another of the same pool, on the outside market as seen."""
    i = any_pool.place_of(view.venues, pool, token_in)
    j = any_pool.place_of(view.venues, pool, token_out)
    price = market_price(view, row, any_pool.asset_of(view.venues, pool, min(i, j)))
    price = price / market_price(view, row, any_pool.asset_of(view.venues, pool, max(i, j)))
    return price if i < j else 1.0 / price


@kernel
def pool_pays(view, row, pool, token_in, token_out, amount):
    """Tokens that a pool would give for ``amount`` of ``token_in``."""
    if view.now[0].has_pool_depth == 0:
        price = outside_price(view, row, pool, token_in, token_out)
        return constant_product.frictionless_out(amount, price, view.pools[pool].fee_fraction)
    return curve_pays(view, row, pool, token_in, token_out, amount)


@kernel
def pool_takes(view, row, pool, token_in, token_out, slippage_fraction):
    """The largest sale whose average fill is at most that far below the price after fee.

    Where a pool is no constant product: the sale that moves its price as far as it would move one. That is
    the same within a range of liquidity.
    """
    if view.now[0].has_pool_depth == 0:
        return math.inf
    if view.pools[pool].kind == CONSTANT_PRODUCT:
        reserve_in, _ = sides(view, row, pool, token_in)
        return constant_product.amount_in_to_slippage(
            reserve_in, view.pools[pool].fee_fraction, slippage_fraction
        )
    price = marginal_price(view, row, pool, token_in, token_out)
    if price <= 0.0:
        return 0.0
    kept = 1.0 - slippage_fraction
    return sale_to(view, row, pool, token_in, token_out, price * kept * kept)


@kernel
def arbitrage_sale(view, row, pool, token_in, token_out, price, depth):
    """How much to buy outside at ``price`` and sell here until the pool pays what the next one costs there.

    Buying ``n`` outside moves the price to ``price / (1 - n price / depth)``.
    """
    if view.pools[pool].kind == CONSTANT_PRODUCT:
        reserve_in, reserve_out = sides(view, row, pool, token_in)
        fee = view.pools[pool].fee_fraction
        return constant_product.arbitrage_amount_in(reserve_in, reserve_out, fee, price, depth)
    high = marginal_price(view, row, pool, token_in, token_out)
    if high <= price:
        return 0.0
    low = price
    amount = sale_to(view, row, pool, token_in, token_out, low)
    if depth == math.inf:
        return amount
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        amount = sale_to(view, row, pool, token_in, token_out, middle)
        if price < middle * (1.0 - amount * price / depth):
            high = middle
        else:
            low = middle
    return amount

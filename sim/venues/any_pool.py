"""What agents and protocols ask of a pool, whatever its kind: the one place that tells kinds apart.

A sale spreads over pools of different mathematics until the next token brings the same in each, and a
crash in one of them is carried to the others by whoever asks these questions. There are two sets:

* of a trade of one token for another: :func:`trades`, :func:`pays`, :func:`marginal_price`, :func:`sale_to`;
* of what is in the pool: :func:`n_coins`, :func:`in_pool`, :func:`token_of`, :func:`asset_of`,
  :func:`behind`, :func:`supply`, :func:`seen_sqrt_price`.

``reserve0`` and ``reserve1`` are those that the asker sees, at his latency; a constant-product pool is asked
at them, a concentrated one at the sqrt price he sees, bands and pools of several coins as they stand at
the end of the last block. To add a kind: a branch in each function here, one in ``apply_to_pool``
(``sim/block/execute.py``), one in each of ``sim/venues/bottomless_pool.py``, and a class in
``scenarios/sides.py``, which answers for many sellers at once.
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import constant_product as curve
from sim.tables import (
    BAND_POOL,
    CONCENTRATED,
    CONSTANT_PRODUCT,
    POSITION_TOKEN,
    STABLE_SWAP,
    WEIGHTED,
)
from sim.venues import band_quotes, basket_quotes, concentrated_quotes
from sim.venues.positions import holdings


@formula
def is_basket(pool):
    """Whether a pool's tokens are rows of COIN."""
    return pool.kind == STABLE_SWAP or pool.kind == WEIGHTED


@kernel
def n_coins(venues, p):
    """Tokens that a pool holds."""
    pool = venues.pools[p]
    return venues.baskets[pool.state].n_coins if is_basket(pool) else 2


@kernel
def token_of(venues, p, k):
    """The token number ``k`` of a pool."""
    pool = venues.pools[p]
    if is_basket(pool):
        return venues.coins[venues.baskets[pool.state].first_coin + k].token
    return pool.token0 if k == 0 else pool.token1


@kernel
def asset_of(venues, p, k):
    """The asset that this token is."""
    pool = venues.pools[p]
    if is_basket(pool):
        return venues.coins[venues.baskets[pool.state].first_coin + k].asset
    return pool.asset0 if k == 0 else pool.asset1


@kernel
def in_pool(venues, p, k):
    """How much of its token number ``k`` a pool has on its books."""
    pool = venues.pools[p]
    if is_basket(pool):
        return venues.coins[venues.baskets[pool.state].first_coin + k].balance
    return pool.reserve0 if k == 0 else pool.reserve1


@kernel
def place_of(venues, p, token):
    """Which of a pool's tokens this is; -1 if it does not trade it."""
    for k in range(n_coins(venues, p)):
        if token_of(venues, p, k) == token:
            return k
    return -1


@kernel
def trades(venues, p, token_in, token_out):
    """Whether a pool takes one token for another."""
    if token_in == token_out:
        return False
    return place_of(venues, p, token_in) >= 0 and place_of(venues, p, token_out) >= 0


@kernel
def seen_sqrt_price(venues, p):
    """What observers keep of a pool beside two reserves: its sqrt price if that is its state, else 0."""
    pool = venues.pools[p]
    if pool.kind == CONCENTRATED:
        return venues.concentrated[pool.state].sqrt_price
    return 0.0


@kernel
def pays(ledger, venues, p, seconds, reserve0, reserve1, sqrt_price, token_in, token_out, amount):
    """What a sale of ``amount`` would bring, after fee and slippage."""
    pool = venues.pools[p]
    is_zero_in = token_in == pool.token0
    if pool.kind == CONSTANT_PRODUCT:
        reserve_in = reserve0 if is_zero_in else reserve1
        reserve_out = reserve1 if is_zero_in else reserve0
        return curve.amount_out(amount, reserve_in, reserve_out, pool.fee_fraction)
    if pool.kind == CONCENTRATED:
        return concentrated_quotes.pays(ledger, venues, p, sqrt_price, is_zero_in, amount)
    if pool.kind == BAND_POOL:
        return band_quotes.pays(ledger, venues, p, token_in, amount, seconds)
    return basket_quotes.pays(ledger, venues, p, token_in, token_out, amount, seconds)


@kernel
def marginal_price(ledger, venues, p, seconds, reserve0, reserve1, sqrt_price, token_in, token_out):
    """What the next token sold would bring, after the fee; 0 if the pool has nothing to give."""
    pool = venues.pools[p]
    is_zero_in = token_in == pool.token0
    if pool.kind == CONSTANT_PRODUCT:
        reserve_in = reserve0 if is_zero_in else reserve1
        reserve_out = reserve1 if is_zero_in else reserve0
        if reserve_in <= 0.0:
            return 0.0
        return (1.0 - pool.fee_fraction) * reserve_out / reserve_in
    if pool.kind == CONCENTRATED:
        return concentrated_quotes.marginal_price(venues, p, sqrt_price, is_zero_in)
    if pool.kind == BAND_POOL:
        return band_quotes.marginal_price(ledger, venues, p, token_in, seconds)
    price, _ = basket_quotes.sale_to(ledger, venues, p, token_in, token_out, 0.0, seconds)
    return price


@kernel
def sale_to(ledger, venues, p, seconds, reserve0, reserve1, sqrt_price, token_in, token_out, price):
    """The sale after which the next token would bring ``price``; 0 if it brings no more than that now."""
    pool = venues.pools[p]
    is_zero_in = token_in == pool.token0
    if pool.kind == CONSTANT_PRODUCT:
        reserve_in = reserve0 if is_zero_in else reserve1
        reserve_out = reserve1 if is_zero_in else reserve0
        return curve.sale_to(reserve_in, reserve_out, pool.fee_fraction, price)
    if pool.kind == CONCENTRATED:
        return concentrated_quotes.sale_to(ledger, venues, p, sqrt_price, is_zero_in, price)
    if pool.kind == BAND_POOL:
        return band_quotes.sale_to(ledger, venues, p, token_in, price, seconds)
    _, sale = basket_quotes.sale_to(ledger, venues, p, token_in, token_out, price, seconds)
    return sale


@kernel
def pool_of_share(venues, token):
    """The pool whose shares are this token, or -1."""
    for p in range(venues.pools.shape[0]):
        if venues.pools[p].lp_token == token:
            return p
    return -1


@kernel
def supply(tokens, venues, token):
    """How many tokens share what stands :func:`behind` a claim on a pool."""
    claim = tokens[token]
    if claim.kind == POSITION_TOKEN:
        return venues.positions[claim.venue_row].liquidity
    return venues.pools[claim.venue_row].lp_supply


@kernel
def behind(tokens, venues, token, k):
    """How much of the pool's token number ``k`` stands behind all tokens of a claim together."""
    claim = tokens[token]
    if claim.kind == POSITION_TOKEN:
        amount0, amount1 = holdings(venues, claim.venue_row)
        return amount0 if k == 0 else amount1
    return in_pool(venues, claim.venue_row, k)


@kernel
def pool_of_claim(tokens, venues, token):
    """The pool that a claim is one on."""
    claim = tokens[token]
    if claim.kind == POSITION_TOKEN:
        return venues.positions[claim.venue_row].pool
    return claim.venue_row

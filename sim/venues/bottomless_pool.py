"""A pool whose depth is no friction: it fills at the outside price less its fee, whatever the size.

The outside world is the counterparty and the fee stays in the pool. Once a block the pool is moved along its
curve to the outside price, so that its providers bear divergence loss as they do where arbitrageurs come.
Source: Milionis, Moallemi, Roughgarden and Zhang (2022), Automated Market Making and Loss-Versus-Rebalancing,
for the frictionless arbitrageur.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import boundary, kernel
from sim.formulas.constant_product import frictionless_out
from sim.journal import has_room, remember, walk_back
from sim.ledger import transfer
from sim.tables import CONCENTRATED, CONSTANT_PRODUCT
from sim.venues import any_pool, basket_market
from sim.venues.concentrated import N_STATE, N_SUMS, STATE, SUMS
from sim.venues.constant_product import BOOKS, N_BOOKS
from sim.venues.outside import EXCHANGE_WORDS
from sim.venues.tick_walk import add_fee, walk

MOST_WORDS = 64  # of the books of one pool


@kernel
def keep_fee(ledger, venues, p, i, fee):
    """The fee of a trade stays in the pool: its books, and whose it is. ``i`` is the coin that was sold."""
    pool = venues.pools[p]
    if any_pool.is_basket(pool):
        basket_market.keep_fee(ledger, venues, pool, i, fee)
        return
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_BOOKS)
    if i == 0:
        pool.reserve0 = pool.reserve0 + fee
    else:
        pool.reserve1 = pool.reserve1 + fee
    if pool.kind == CONCENTRATED:
        state = venues.concentrated[pool.state]
        remember(ledger.journal, ledger.memory, state.address + SUMS, N_SUMS)
        add_fee(state, i == 0, fee, state.liquidity)


@boundary(int)
def swap(ledger, venues, tx, amount, receipt):
    """Sell exactly ``amount`` of ``token_in`` at the outside price; ``limit`` is the least received."""
    pool = venues.pools[tx.row]
    i = any_pool.place_of(venues, tx.row, tx.token_in)
    j = any_pool.place_of(venues, tx.row, tx.token_out)
    if j < 0:
        j = 1 if i == 0 else 0
    sold = venues.exchanges[any_pool.asset_of(venues, tx.row, i)]
    bought = venues.exchanges[any_pool.asset_of(venues, tx.row, j)]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, MOST_WORDS + 2 * EXCHANGE_WORDS, 0):
        return status.JOURNAL_FULL
    price = sold.market_price_usd / bought.market_price_usd
    received = frictionless_out(amount, price, pool.fee_fraction)
    if received < tx.limit:
        return status.SLIPPAGE
    remember(ledger.journal, ledger.memory, sold.address, EXCHANGE_WORDS)
    remember(ledger.journal, ledger.memory, bought.address, EXCHANGE_WORDS)
    fee = amount * pool.fee_fraction
    code = transfer(ledger, tx.token_in, tx.sender, pool.account, amount, causes.SWAP)
    if code != status.OK:
        return code
    code = transfer(ledger, tx.token_in, pool.account, sold.account, amount - fee, causes.SWAP)
    if code != status.OK:
        return code
    code = transfer(ledger, bought.token, bought.account, tx.sender, received, causes.SWAP)
    if code != status.OK:
        return code
    keep_fee(ledger, venues, tx.row, i, fee)
    sold.inventory = sold.inventory + (amount - fee)
    bought.inventory = bought.inventory - received
    receipt.venue = pool.account
    receipt.token = tx.token_in
    receipt.amount_in = amount
    receipt.amount_out = received
    return status.OK


@kernel
def moved(ledger, venues, p, price):
    """What a pool of two tokens takes in of the first and pays of the second on its way to a price.

    Both are negative on the way up. A concentrated pool is left there; it charges no fee.
    """
    pool = venues.pools[p]
    if pool.kind == CONSTANT_PRODUCT:
        if pool.reserve0 <= 0.0 or pool.reserve1 <= 0.0:
            return 0.0, 0.0
        # Where x y = k and y / x = p, x is sqrt(k / p).
        grown = math.sqrt(pool.reserve1 / (pool.reserve0 * price))
        if grown == 1.0:
            return 0.0, 0.0
        return pool.reserve0 * (grown - 1.0), pool.reserve1 * (1.0 - 1.0 / grown)
    if pool.kind == CONCENTRATED:
        state = venues.concentrated[pool.state]
        remember(ledger.journal, ledger.memory, state.address + STATE, N_STATE)
        remember(ledger.journal, ledger.memory, state.address + SUMS, N_SUMS)
        target = math.sqrt(price)
        is_zero_in = target < state.sqrt_price
        if target == state.sqrt_price:
            return 0.0, 0.0
        code, paid, bought, _ = walk(
            ledger, venues, p, is_zero_in, True, math.inf, 0.0, target, 0.0, 0.0, True
        )
        if code == status.OK and is_zero_in:
            return paid, bought
        if code == status.OK:
            return -bought, -paid
    return 0.0, 0.0


@boundary(None)
def move_to_market(ledger, venues, p, seconds):
    """Move a pool along its curve to the outside price, against the outside world."""
    pool = venues.pools[p]
    if any_pool.is_basket(pool):
        basket_market.move_to_market(ledger, venues, pool, seconds)
        return
    side0 = venues.exchanges[pool.asset0]
    side1 = venues.exchanges[pool.asset1]
    price = side0.market_price_usd / side1.market_price_usd
    sold, paid = moved(ledger, venues, p, price)
    if sold == 0.0 and paid == 0.0:
        return
    if _exchange(ledger, pool.account, side0, side1, sold, paid) != status.OK:
        walk_back(ledger.journal, ledger.memory)  # the outside world has run out of one of the two
        return
    pool.reserve0 = pool.reserve0 + sold
    pool.reserve1 = pool.reserve1 - paid
    side0.inventory = side0.inventory - sold
    side1.inventory = side1.inventory + paid


@kernel
def _exchange(ledger, pool, side0, side1, sold, paid):
    """``sold`` of one asset into the pool for ``paid`` of the other; both negative the other way round."""
    outside = side0.account
    if sold > 0.0:
        code = transfer(ledger, side0.token, outside, pool, sold, causes.REPRICING)
        if code != status.OK:
            return code
        return transfer(ledger, side1.token, pool, outside, paid, causes.REPRICING)
    code = transfer(ledger, side1.token, outside, pool, -paid, causes.REPRICING)
    if code != status.OK:
        return code
    return transfer(ledger, side0.token, pool, outside, -sold, causes.REPRICING)

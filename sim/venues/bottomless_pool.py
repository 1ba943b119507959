"""A pool whose depth is no friction: it fills at the outside price less its fee, whatever the size.

The outside world is the counterparty and the fee stays in the pool. Once a block the pool is moved along its
curve to the outside price, so that its providers bear divergence loss as they do where arbitrageurs come.
Source: Milionis, Moallemi, Roughgarden and Zhang (2022), Automated Market Making and Loss-Versus-Rebalancing,
for the frictionless arbitrageur.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import kernel
from sim.formulas.constant_product import frictionless_out
from sim.journal import has_room, remember, walk_back
from sim.ledger import transfer
from sim.venues.constant_product import BOOKS, N_BOOKS
from sim.venues.outside import EXCHANGE_WORDS


@kernel
def swap(ledger, pools, exchanges, tx, amount, receipt):
    """Sell exactly ``amount`` of ``token_in`` at the outside price; ``limit`` is the least received."""
    pool = pools[tx.row]
    is_zero_in = tx.token_in == pool.token0
    sold = exchanges[pool.asset0 if is_zero_in else pool.asset1]
    bought = exchanges[pool.asset1 if is_zero_in else pool.asset0]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, N_BOOKS + 2 * EXCHANGE_WORDS, 0):
        return status.JOURNAL_FULL
    price = sold.market_price_usd / bought.market_price_usd
    received = frictionless_out(amount, price, pool.fee_fraction)
    if received < tx.limit:
        return status.SLIPPAGE
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_BOOKS)
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
    if is_zero_in:
        pool.reserve0 = pool.reserve0 + fee
    else:
        pool.reserve1 = pool.reserve1 + fee
    sold.inventory = sold.inventory + (amount - fee)
    bought.inventory = bought.inventory - received
    receipt.venue = pool.account
    receipt.token = tx.token_in
    receipt.amount_in = amount
    receipt.amount_out = received
    return status.OK


@kernel
def move_to_market(ledger, pools, exchanges, row):
    """Move a pool along its curve to the outside price, against the outside world."""
    pool = pools[row]
    side0 = exchanges[pool.asset0]
    side1 = exchanges[pool.asset1]
    if pool.reserve0 <= 0.0 or pool.reserve1 <= 0.0:
        return
    # Where x y = k and y / x = p, x is sqrt(k / p); ``sold`` is what the pool takes in of token0.
    price = side0.market_price_usd / side1.market_price_usd
    grown = math.sqrt(pool.reserve1 / (pool.reserve0 * price))
    if grown == 1.0:
        return
    sold = pool.reserve0 * (grown - 1.0)
    paid = pool.reserve1 * (1.0 - 1.0 / grown)
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

"""A pool whose depth is no friction: it fills at the outside price less its fee, against the outside world.

The fee stays in the pool, and once a block the pool is moved along its curve to the outside price, so that
its providers bear the divergence loss that arbitrageurs would have brought.
Milionis, Moallemi, Roughgarden and Zhang (2022).
"""

from __future__ import annotations

import math

from sim.formulas.constant_product import frictionless_out
from tests.reference.ledger import Account, Move, Revert, transfer
from tests.reference.pool import Pool
from tests.reference.transaction import Leg, Receipt


def swap_frictionlessly(leg: Leg, sender: Account, amount: float, receipt: Receipt) -> None:
    """Sell exactly ``amount`` at the outside price."""
    pool: Pool = leg.venue
    sells_zero = leg.token_in == pool.token0
    sold, bought = (pool.asset0, pool.asset1) if sells_zero else (pool.asset1, pool.asset0)
    if not amount > 0.0:
        raise Revert("bad amount")
    price = sold.market_price_usd / bought.market_price_usd
    received = frictionless_out(amount, price, pool.fee_fraction)
    if received < leg.limit:
        raise Revert("slippage limit")
    fee = amount * pool.fee_fraction
    transfer(sold.token, sender, pool.account, amount, "swap", receipt.moves)
    transfer(sold.token, pool.account, sold.account, amount - fee, "swap", receipt.moves)
    transfer(bought.token, bought.account, sender, received, "swap", receipt.moves)
    if sells_zero:
        pool.reserve0 += fee
    else:
        pool.reserve1 += fee
    sold.inventory += amount - fee
    bought.inventory -= received
    receipt.venue = pool.account.name
    receipt.token = leg.token_in
    receipt.amount_in = amount
    receipt.amount_out = received


def move_to_market(pool: Pool) -> list[Move]:
    """Move a pool along its curve to the outside price, if the outside world has what that takes."""
    moves: list[Move] = []
    if pool.reserve0 <= 0.0 or pool.reserve1 <= 0.0:
        return moves
    price = pool.asset0.market_price_usd / pool.asset1.market_price_usd
    grown = math.sqrt(pool.reserve1 / (pool.reserve0 * price))  # of reserve0
    if grown == 1.0:
        return moves
    taken0 = pool.reserve0 * (grown - 1.0)  # by the pool, of token0; negative if it gives
    given1 = pool.reserve1 * (1.0 - 1.0 / grown)
    outside = pool.asset0.account
    if taken0 > 0.0:
        can_pay = outside.holding(pool.token0) >= taken0
        can_pay = can_pay and pool.account.holding(pool.token1) >= given1
    else:
        can_pay = outside.holding(pool.token1) >= -given1
        can_pay = can_pay and pool.account.holding(pool.token0) >= -taken0
    if not can_pay:
        return moves
    if taken0 > 0.0:
        transfer(pool.token0, outside, pool.account, taken0, "repricing", moves)
        transfer(pool.token1, pool.account, outside, given1, "repricing", moves)
    else:
        transfer(pool.token1, outside, pool.account, -given1, "repricing", moves)
        transfer(pool.token0, pool.account, outside, -taken0, "repricing", moves)
    pool.reserve0 += taken0
    pool.reserve1 -= given1
    pool.asset0.inventory -= taken0
    pool.asset1.inventory += given1
    return moves

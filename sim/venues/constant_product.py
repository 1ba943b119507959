"""Constant-product pools: the table, what one transaction does to it, and ``apply`` that picks the verb.

The first interaction after some time adds price times seconds to two sums, as it was before: whoever looks at
a sum twice knows the mean price in between, which no single block can move by much. The protocol's part of
the fees, where there is one, is minted in shares to the pool's own account before deposits and withdrawals.

The pool keeps its own books (``reserve0``, ``reserve1``, ``lp_supply``) beside the ledger; the audit
compares the two, so that no transfer can be forgotten.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas import constant_product as curve
from sim.formulas.protocol_fee import log_growth_of_swap, protocol_shares
from sim.journal import has_room, remember
from sim.ledger import balance, burn, mint, transfer
from sim.records import place_of, record
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY, SWAP

POOL = record(
    "reserve0 reserve1 lp_supply log_growth cumulative0 cumulative1 updated_seconds "
    "fee_fraction protocol_fee_fraction",
    "account token0 token1 lp_token asset0 asset1 kind state",  # state: the row of a family's own table
)
BOOKS = place_of(POOL, "reserve0")
N_BOOKS = 3  # both reserves and the supply of shares: what every transaction writes
HISTORY = place_of(POOL, "log_growth")
N_HISTORY = 4  # growth by fees, sums of prices and their time: what the first one in a block writes


@kernel
def swap(ledger, pools, row, tx, amount, receipt):
    """Sell exactly ``amount`` of ``token_in``; revert if less than ``limit`` comes out."""
    pool = pools[row]
    is_zero_in = tx.token_in == pool.token0
    reserve_in = pool.reserve0 if is_zero_in else pool.reserve1
    reserve_out = pool.reserve1 if is_zero_in else pool.reserve0
    token_out = pool.token1 if is_zero_in else pool.token0
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if reserve_in <= 0.0 or reserve_out <= 0.0:
        return status.NO_LIQUIDITY
    bought = curve.amount_out(amount, reserve_in, reserve_out, pool.fee_fraction)
    if bought < tx.limit:
        return status.SLIPPAGE
    if bought >= reserve_out:
        return status.NO_LIQUIDITY
    code = transfer(ledger, tx.token_in, tx.sender, pool.account, amount, causes.SWAP)
    if code != status.OK:
        return code
    code = transfer(ledger, token_out, pool.account, tx.sender, bought, causes.SWAP)
    if code != status.OK:
        return code
    if pool.protocol_fee_fraction > 0.0:
        fee = amount * pool.fee_fraction
        pool.log_growth = pool.log_growth + log_growth_of_swap(amount, fee, reserve_in, 0.5)
    if is_zero_in:
        pool.reserve0 = pool.reserve0 + amount
        pool.reserve1 = pool.reserve1 - bought
    else:
        pool.reserve1 = pool.reserve1 + amount
        pool.reserve0 = pool.reserve0 - bought
    receipt.token = tx.token_in
    receipt.amount_in = amount
    receipt.amount_out = bought
    # Signed move of the log price of token0 in token1: a sale of token0 lowers it.
    move = curve.log_move(amount, bought, reserve_in, reserve_out)
    receipt.impact = -move if is_zero_in else move
    return status.OK


@kernel
def add_liquidity(ledger, pools, row, tx, amount, receipt):
    """Deposit ``amount`` of token0 and as much token1 as the pool's proportion asks for."""
    pool = pools[row]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if pool.lp_supply <= 0.0:
        return status.NO_LIQUIDITY
    amount1 = amount * pool.reserve1 / pool.reserve0
    shares = curve.shares_for_deposit(amount, pool.reserve0, pool.lp_supply)
    if shares < tx.limit:
        return status.SLIPPAGE
    code = transfer(ledger, pool.token0, tx.sender, pool.account, amount, causes.LIQUIDITY)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token1, tx.sender, pool.account, amount1, causes.LIQUIDITY)
    if code != status.OK:
        return code
    code = mint(ledger, pool.lp_token, tx.sender, shares, causes.LIQUIDITY)
    if code != status.OK:
        return code
    pool.reserve0 = pool.reserve0 + amount
    pool.reserve1 = pool.reserve1 + amount1
    pool.lp_supply = pool.lp_supply + shares
    receipt.token = pool.token0
    receipt.amount_in = amount
    receipt.amount_out = shares
    return status.OK


@kernel
def remove_liquidity(ledger, pools, row, tx, amount, receipt):
    """Burn ``amount`` LP shares for their part of both reserves; ``limit`` is the least of token0."""
    pool = pools[row]
    shares = min(amount, balance(ledger, pool.lp_token, tx.sender))
    if not shares > 0.0:
        return status.BAD_AMOUNT
    amount0 = min(pool.reserve0 * shares / pool.lp_supply, pool.reserve0)
    amount1 = min(pool.reserve1 * shares / pool.lp_supply, pool.reserve1)
    if amount0 < tx.limit:
        return status.SLIPPAGE
    code = burn(ledger, pool.lp_token, tx.sender, shares, causes.LIQUIDITY)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token0, pool.account, tx.sender, amount0, causes.LIQUIDITY)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token1, pool.account, tx.sender, amount1, causes.LIQUIDITY)
    if code != status.OK:
        return code
    pool.reserve0 = pool.reserve0 - amount0
    pool.reserve1 = pool.reserve1 - amount1
    pool.lp_supply = pool.lp_supply - shares
    receipt.token = pool.lp_token
    receipt.amount_in = shares
    receipt.amount_out = amount0
    return status.OK


@kernel
def _write_history(pool, seconds):
    """Add the prices that have stood since the last interaction, times how long."""
    passed = seconds - pool.updated_seconds
    if pool.reserve0 > 0.0 and pool.reserve1 > 0.0:
        pool.cumulative0 = pool.cumulative0 + passed * (pool.reserve1 / pool.reserve0)
        pool.cumulative1 = pool.cumulative1 + passed * (pool.reserve0 / pool.reserve1)
    pool.updated_seconds = seconds


@kernel
def _pay_protocol(ledger, pool):
    """Mint what the protocol is owed of the fees since the last time."""
    shares = protocol_shares(pool.lp_supply, pool.protocol_fee_fraction, pool.log_growth)
    pool.log_growth = 0.0
    pool.lp_supply = pool.lp_supply + shares
    return mint(ledger, pool.lp_token, pool.account, shares, causes.LIQUIDITY)


@kernel
def apply(ledger, pools, row, tx, amount, seconds, receipt):
    """Remember the pool's books, then do what the transaction asks."""
    pool = pools[row]
    if not has_room(ledger.journal, N_BOOKS + N_HISTORY, 0):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_BOOKS)
    if seconds > pool.updated_seconds or pool.protocol_fee_fraction > 0.0:
        remember(ledger.journal, ledger.memory, pool.address + HISTORY, N_HISTORY)
        _write_history(pool, seconds)
    receipt.venue = pool.account
    if tx.kind == SWAP:
        return swap(ledger, pools, row, tx, amount, receipt)
    if pool.protocol_fee_fraction > 0.0:
        code = _pay_protocol(ledger, pool)
        if code != status.OK:
            return code
    if tx.kind == ADD_LIQUIDITY:
        return add_liquidity(ledger, pools, row, tx, amount, receipt)
    if tx.kind == REMOVE_LIQUIDITY:
        return remove_liquidity(ledger, pools, row, tx, amount, receipt)
    return status.NOTHING_TO_DO

"""Concentrated pools: the table, what one transaction does to it, and ``apply`` that picks the verb.

A row stands behind a row of POOL, whose reserves are all tokens in the pool: what backs the positions, the
fees they have not collected, and the protocol's part. The price lives here as its square root.
Source: contract ``UniswapV3Pool``.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import boundary, kernel
from sim.formulas import two_floats
from sim.journal import has_room, remember
from sim.ledger import balance, burn, mint, transfer
from sim.records import place_of, record
from sim.transaction import (
    ADD_LIQUIDITY,
    COLLECT,
    REMOVE_LIQUIDITY,
    SWAP,
    SWAP_EXACT_OUT,
)
from sim.venues.constant_product import BOOKS, N_BOOKS
from sim.venues.observations import OBSERVATION_WORDS, write_observation
from sim.venues.positions import (
    POSITION_WORDS,
    change_liquidity,
    find_position,
    is_range,
    open_position,
)
from sim.venues.tick_walk import SAME_PRICE, walk
from sim.venues.ticks import NONE

CONCENTRATED = record(
    "sqrt_price sqrt_price_rest liquidity liquidity_rest fee_growth0 fee_growth0_rest fee_growth1 "
    "fee_growth1_rest protocol_owed0 protocol_owed1 protocol_fraction0 protocol_fraction1 "
    "unit unit_rest liquidity_unit max_liquidity_per_tick",
    "tick tick_below free_tick newest tick_spacing first_tick n_ticks first_position n_positions "
    "first_observation n_observations",
)
STATE = place_of(CONCENTRATED, "tick")
N_STATE = 4  # the tick, its row, the pile of free rows and the newest observation
SUMS = place_of(CONCENTRATED, "sqrt_price")
N_SUMS = 10  # from the price to what the protocol is owed: all else that a transaction writes


@kernel
def swap(ledger, venues, p, tx, amount, seconds, receipt):
    """Sell or buy exactly ``amount``, up to its price limit; ``limit``: least out, or most in (0: any)."""
    pool = venues.pools[p]
    state = venues.concentrated[pool.state]
    is_zero_in = tx.token_in == pool.token0
    is_exact_in = tx.kind == SWAP
    if not amount > 0.0:
        return status.BAD_AMOUNT
    limit = tx.sqrt_price_limit
    if limit > 0.0:
        ahead = two_floats.difference(
            limit, tx.sqrt_price_limit_rest, state.sqrt_price, state.sqrt_price_rest
        )
        ahead = -ahead if is_zero_in else ahead
        lowest = venues.ticks[state.first_tick].sqrt_price
        highest = venues.ticks[state.first_tick + 1].sqrt_price
        if not (ahead > SAME_PRICE * limit and lowest <= limit <= highest):
            return status.PRICE_LIMIT
    tick = state.tick
    liquidity = state.liquidity
    price = state.sqrt_price
    code, paid, bought, end = walk(
        ledger, venues, p, is_zero_in, is_exact_in, amount, pool.fee_fraction,
        limit, tx.sqrt_price_limit_rest, 0.0, True,
    )  # fmt: skip
    if code != status.OK:
        return code
    if (bought < tx.limit) if is_exact_in else (0.0 < tx.limit < paid):
        return status.SLIPPAGE
    if state.tick != tick:
        write_observation(ledger, venues, state, tick, liquidity, seconds)
    token_out = pool.token1 if is_zero_in else pool.token0
    # The last token in the pool may differ from what is bought by rounding.
    bought = min(bought, pool.reserve1 if is_zero_in else pool.reserve0)
    code = transfer(ledger, tx.token_in, tx.sender, pool.account, paid, causes.SWAP)
    if code != status.OK:
        return code
    code = transfer(ledger, token_out, pool.account, tx.sender, bought, causes.SWAP)
    if code != status.OK:
        return code
    if is_zero_in:
        pool.reserve0 = pool.reserve0 + paid
        pool.reserve1 = pool.reserve1 - bought
    else:
        pool.reserve1 = pool.reserve1 + paid
        pool.reserve0 = pool.reserve0 - bought
    receipt.token = tx.token_in
    receipt.amount_in = paid
    receipt.amount_out = bought
    receipt.impact = 2.0 * math.log(end / price)
    return status.OK


@kernel
def add_liquidity(ledger, venues, p, tx, amount, seconds, receipt):
    """Bring ``amount`` of liquidity into a position, and for a shared one its part of the fees that wait."""
    pool = venues.pools[p]
    state = venues.concentrated[pool.state]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    token = tx.token_in
    row = find_position(venues.positions, state, tx.sender, token, tx.lower_tick, tx.upper_tick)
    if row == NONE and token != NONE:
        return status.NO_POSITION
    if row == NONE:
        if not is_range(state, tx.lower_tick, tx.upper_tick):
            return status.BAD_RANGE
        row = open_position(
            ledger, venues.positions, state, p, tx.sender, NONE, tx.lower_tick, tx.upper_tick
        )
        if row == NONE:
            return status.TABLE_FULL
    one = venues.positions[row]
    supply = one.liquidity
    if one.lower <= state.tick < one.upper:
        write_observation(ledger, venues, state, state.tick, state.liquidity, seconds)
    code, amount0, amount1 = change_liquidity(ledger, venues, state, row, amount)
    if code != status.OK:
        return code
    if token != NONE and supply > 0.0:
        waiting0 = one.owed0 * amount / supply
        waiting1 = one.owed1 * amount / supply
        one.owed0 = one.owed0 + waiting0
        one.owed1 = one.owed1 + waiting1
        amount0 += waiting0
        amount1 += waiting1
    code = transfer(ledger, pool.token0, tx.sender, pool.account, amount0, causes.LIQUIDITY)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token1, tx.sender, pool.account, amount1, causes.LIQUIDITY)
    if code != status.OK:
        return code
    if token != NONE:
        code = mint(ledger, token, tx.sender, amount, causes.LIQUIDITY)
        if code != status.OK:
            return code
    pool.reserve0 = pool.reserve0 + amount0
    pool.reserve1 = pool.reserve1 + amount1
    receipt.token = pool.token0
    receipt.amount_in = amount0
    receipt.amount_out = amount
    return status.OK


@kernel
def pay_out(ledger, pool, tx, amount0, amount1):
    """Pay both tokens to the sender; never more than the pool holds, but for rounding."""
    amount0 = min(amount0, pool.reserve0)
    amount1 = min(amount1, pool.reserve1)
    code = transfer(ledger, pool.token0, pool.account, tx.sender, amount0, causes.LIQUIDITY)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token1, pool.account, tx.sender, amount1, causes.LIQUIDITY)
    if code != status.OK:
        return code
    pool.reserve0 = pool.reserve0 - amount0
    pool.reserve1 = pool.reserve1 - amount1
    return status.OK


@kernel
def remove_liquidity(ledger, venues, p, tx, amount, seconds, receipt):
    """Take ``amount`` of liquidity out of a position; ``limit`` is the least of token0.

    To an owner the tokens are then owed, until he collects them; an ``amount`` of 0 only credits his fees.
    Who holds the token of a shared position is paid at once, with his part of the fees.
    """
    pool = venues.pools[p]
    state = venues.concentrated[pool.state]
    token = tx.token_in
    row = find_position(venues.positions, state, tx.sender, token, tx.lower_tick, tx.upper_tick)
    if row == NONE:
        return status.NO_POSITION
    one = venues.positions[row]
    if token != NONE:
        amount = min(amount, balance(ledger, token, tx.sender))
    if not amount >= 0.0 or (token != NONE and amount == 0.0):
        return status.BAD_AMOUNT
    if amount == 0.0 and one.liquidity == 0.0:
        return status.NO_POSITION
    beyond = two_floats.difference(amount, 0.0, one.liquidity, one.liquidity_rest)
    # One float cannot say the last units of a large position: what rounds to it is all of it.
    if amount > one.liquidity and beyond > 0.5 * state.liquidity_unit:
        return status.INSUFFICIENT_BALANCE
    share = min(amount / one.liquidity, 1.0)
    if amount > 0.0 and one.lower <= state.tick < one.upper:
        write_observation(ledger, venues, state, state.tick, state.liquidity, seconds)
    code, amount0, amount1 = change_liquidity(ledger, venues, state, row, -amount)
    if code != status.OK:
        return code
    receipt.token = pool.token0 if token == NONE else token
    receipt.amount_in = amount
    if token == NONE:
        one.owed0 = one.owed0 + amount0
        one.owed1 = one.owed1 + amount1
        receipt.amount_out = amount0
        return status.OK if amount0 >= tx.limit else status.SLIPPAGE
    waiting0 = one.owed0 * share
    waiting1 = one.owed1 * share
    one.owed0 = one.owed0 - waiting0
    one.owed1 = one.owed1 - waiting1
    receipt.amount_out = amount0 + waiting0
    if amount0 + waiting0 < tx.limit:
        return status.SLIPPAGE
    code = burn(ledger, token, tx.sender, amount, causes.LIQUIDITY)
    if code != status.OK:
        return code
    return pay_out(ledger, pool, tx, amount0 + waiting0, amount1 + waiting1)


@kernel
def collect(ledger, venues, p, tx, amount, receipt):
    """Pay an owner what he is owed, at most ``amount`` of token0 and ``limit`` of token1."""
    pool = venues.pools[p]
    state = venues.concentrated[pool.state]
    row = find_position(venues.positions, state, tx.sender, NONE, tx.lower_tick, tx.upper_tick)
    if row == NONE:
        return status.OK  # the contract owes nothing to whoever has no position
    one = venues.positions[row]
    remember(ledger.journal, ledger.memory, one.address, POSITION_WORDS)
    amount0 = min(amount, one.owed0)
    amount1 = min(tx.limit, one.owed1)
    one.owed0 = one.owed0 - amount0
    one.owed1 = one.owed1 - amount1
    if one.liquidity == 0.0 and one.owed0 == 0.0 and one.owed1 == 0.0:
        one.is_open = 0
    receipt.token = pool.token0
    receipt.amount_in = amount0
    receipt.amount_out = amount1
    return pay_out(ledger, pool, tx, amount0, amount1)


@boundary(int)
def apply(ledger, venues, p, tx, amount, seconds, receipt):
    """Remember the books and the state of the pool, then do what the transaction asks."""
    pool = venues.pools[p]
    if not has_room(
        ledger.journal, N_BOOKS + N_STATE + N_SUMS + POSITION_WORDS + OBSERVATION_WORDS, 0
    ):
        return status.JOURNAL_FULL
    state = venues.concentrated[pool.state]
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_BOOKS)
    remember(ledger.journal, ledger.memory, state.address + STATE, N_STATE)
    remember(ledger.journal, ledger.memory, state.address + SUMS, N_SUMS)
    receipt.venue = pool.account
    if tx.kind == SWAP or tx.kind == SWAP_EXACT_OUT:
        return swap(ledger, venues, p, tx, amount, seconds, receipt)
    if tx.kind == ADD_LIQUIDITY:
        return add_liquidity(ledger, venues, p, tx, amount, seconds, receipt)
    if tx.kind == REMOVE_LIQUIDITY:
        return remove_liquidity(ledger, venues, p, tx, amount, seconds, receipt)
    if tx.kind == COLLECT:
        return collect(ledger, venues, p, tx, amount, receipt)
    return status.NOTHING_TO_DO

"""How far a trade carries the price of a concentrated pool, tick by tick: quotes and swaps are this one walk.

A forced sale that reaches the end of a provider's range goes on with less liquidity, or falls through a
gap with none at all: the price moves and nothing is bought. Fees are taken of what comes in, step by step,
for those whose range it is. With ``keeps`` the pool is left where the walk ends; without, nothing is written.
Source: contract ``UniswapV3Pool.swap`` and library ``SwapMath``.
"""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.formulas import concentrated as curve
from sim.formulas import two_floats
from sim.journal import has_room, remember
from sim.venues.ticks import N_OUTSIDE, NONE, OUTSIDE

SAME_PRICE = 1e-17  # relative: a limit so close to a tick's price is that tick


@kernel
def cross(ledger, ticks, state, row):
    """The price passes a tick: what was earned on this side of it is now beyond it."""
    if not has_room(ledger.journal, N_OUTSIDE, 0):
        return status.JOURNAL_FULL
    one = ticks[row]
    remember(ledger.journal, ledger.memory, one.address + OUTSIDE, N_OUTSIDE)
    one.fee_growth0_outside, one.fee_growth0_outside_rest = two_floats.add(
        state.fee_growth0, state.fee_growth0_rest,
        -one.fee_growth0_outside, -one.fee_growth0_outside_rest,
    )  # fmt: skip
    one.fee_growth1_outside, one.fee_growth1_outside_rest = two_floats.add(
        state.fee_growth1, state.fee_growth1_rest,
        -one.fee_growth1_outside, -one.fee_growth1_outside_rest,
    )  # fmt: skip
    return status.OK


@kernel
def add_fee(state, is_zero_in, fee, liquidity):
    """Share a fee among the liquidity in range, after the protocol's part; without any, all is its."""
    cut = fee * (state.protocol_fraction0 if is_zero_in else state.protocol_fraction1)
    if liquidity <= 0.0:
        cut = fee
    if is_zero_in:
        state.protocol_owed0 = state.protocol_owed0 + cut
        if liquidity > 0.0:
            state.fee_growth0, state.fee_growth0_rest = two_floats.add(
                state.fee_growth0, state.fee_growth0_rest, (fee - cut) / liquidity, 0.0
            )
    else:
        state.protocol_owed1 = state.protocol_owed1 + cut
        if liquidity > 0.0:
            state.fee_growth1, state.fee_growth1_rest = two_floats.add(
                state.fee_growth1, state.fee_growth1_rest, (fee - cut) / liquidity, 0.0
            )


@kernel
def stand(venues, state, seen_sqrt_price):
    """Where a walk starts: sqrt price, liquidity, and the row of the tick below.

    That is where the pool stands, or at an earlier price (if not 0) with the liquidity that is there now.
    """
    ticks = venues.ticks
    price = state.sqrt_price
    liquidity = state.liquidity
    below = state.tick_below
    if seen_sqrt_price == 0.0 or seen_sqrt_price == price:
        return price, state.sqrt_price_rest, liquidity, state.liquidity_rest, below
    while ticks[below].below != NONE and seen_sqrt_price < ticks[below].sqrt_price:
        liquidity -= ticks[below].liquidity_net
        below = ticks[below].below
    above = ticks[below].above
    while ticks[above].above != NONE and seen_sqrt_price >= ticks[above].sqrt_price:
        liquidity += ticks[above].liquidity_net
        below = above
        above = ticks[below].above
    if liquidity < 0.5 * state.liquidity_unit:
        liquidity = 0.0
    return seen_sqrt_price, 0.0, liquidity, 0.0, below


@kernel
def walk(
    ledger, venues, p, is_zero_in, is_exact_in, amount, fee_fraction, limit, limit_rest,
    seen_sqrt_price, keeps,
):  # fmt: skip
    """Trade ``amount`` (in, or out if not ``is_exact_in``) until the sqrt price meets ``limit`` (0: none).

    Returns the status, what went in with its fee, what came out, and the sqrt price at the end.
    """
    state = venues.concentrated[venues.pools[p].state]
    ticks = venues.ticks
    price, rest, liquidity, liquidity_rest, below = stand(venues, state, seen_sqrt_price)
    tick = state.tick
    left = amount
    total_in = 0.0
    total_out = 0.0
    is_on_tick = True  # nothing has moved: the tick is known
    is_done = False
    while left > 0.0 and not is_done:
        row = below if is_zero_in else ticks[below].above
        target = ticks[row].sqrt_price
        target_rest = ticks[row].sqrt_price_rest
        is_tick = True
        if limit > 0.0:
            beyond = two_floats.difference(limit, limit_rest, target, target_rest)
            beyond = beyond if is_zero_in else -beyond
            if beyond >= -SAME_PRICE * target:
                is_done = True  # unless the amount is used up before
                if beyond > SAME_PRICE * target:
                    target = limit
                    target_rest = limit_rest
                    is_tick = False
        distance = two_floats.difference(target, target_rest, price, rest)
        distance = max(-distance if is_zero_in else distance, 0.0)
        amount0 = curve.amount0_of(liquidity, distance, price, target)
        amount1 = curve.amount1_of(liquidity, distance)
        step_in = amount0 if is_zero_in else amount1
        step_out = amount1 if is_zero_in else amount0
        usable = left * (1.0 - fee_fraction) if is_exact_in else left
        if usable >= (step_in if is_exact_in else step_out):
            price = target
            rest = target_rest
            fee = step_in * fee_fraction / (1.0 - fee_fraction)
            left = max(left - (step_in + fee), 0.0) if is_exact_in else left - step_out
        else:
            is_done = True
            is_tick = False
            is_zero_given = is_zero_in == is_exact_in
            if not is_zero_given:
                change = curve.move_by_amount1(usable, liquidity)
            elif is_zero_in:
                change = curve.fall_by_sale(usable, liquidity, price)
            else:
                change = curve.rise_by_purchase(usable, liquidity, price)
            amount0 = usable
            amount1 = usable
            if is_zero_given:
                amount1 = curve.amount1_of(liquidity, change)
            else:
                end = price - change if is_zero_in else price + change
                amount0 = curve.amount0_of(liquidity, change, price, end)
            step_in = amount0 if is_zero_in else amount1
            step_out = amount1 if is_zero_in else amount0
            fee = left - usable if is_exact_in else step_in * fee_fraction / (1.0 - fee_fraction)
            price, rest = two_floats.add(price, rest, -change if is_zero_in else change, 0.0)
            left = 0.0
        total_in += step_in + fee
        total_out += step_out
        if keeps:
            add_fee(state, is_zero_in, fee, liquidity)
        is_on_tick = is_tick
        if is_tick:
            following = ticks[row].below if is_zero_in else ticks[row].above
            if following == NONE:
                is_done = True  # the end of all prices
                is_on_tick = False
            else:
                if keeps and cross(ledger, ticks, state, row) != status.OK:
                    return status.JOURNAL_FULL, total_in, total_out, price
                sign = -1.0 if is_zero_in else 1.0
                liquidity, liquidity_rest = two_floats.add(
                    liquidity, liquidity_rest,
                    sign * ticks[row].liquidity_net, sign * ticks[row].liquidity_net_rest,
                )  # fmt: skip
                if liquidity < 0.5 * state.liquidity_unit:  # less than the contract can count
                    liquidity = 0.0
                    liquidity_rest = 0.0
                tick = ticks[row].tick - 1 if is_zero_in else ticks[row].tick
                below = following if is_zero_in else row
    if keeps:
        if not is_on_tick:
            tick = curve.tick_at(price, rest, state.unit, state.unit_rest)
        state.sqrt_price = price
        state.sqrt_price_rest = rest
        state.liquidity = liquidity
        state.liquidity_rest = liquidity_rest
        state.tick_below = below
        state.tick = tick
    return status.OK, total_in, total_out, price

"""Positions in a concentrated pool: liquidity between two ticks, and the fees it has earned.

A position is known by its owner and its two ticks, as in the contract. One that many share has a token
instead of an owner: its supply counts the liquidity, and each token stands for the same part of the
amounts in range and of the fees not yet collected, so that who joins later pays for the fees that wait.
Providers who leave take their depth with them; those whose range the price has left hold one token alone.
Source: contract ``UniswapV3Pool``, library ``Position``.
"""

from __future__ import annotations

from sim import status
from sim.compile import boundary, kernel
from sim.formulas import two_floats
from sim.formulas.concentrated import (
    MAX_TICK,
    MIN_TICK,
    amounts_of_range,
    growth_inside,
    sqrt_price_at,
)
from sim.journal import has_room, remember
from sim.records import n_words, record
from sim.venues.ticks import (
    NONE,
    TICK_WORDS,
    drop_if_unused,
    floor_tick,
    put_liquidity,
    touch,
)

POSITION = record(
    "liquidity liquidity_rest fee_growth0_inside fee_growth0_inside_rest fee_growth1_inside "
    "fee_growth1_inside_rest owed0 owed1",
    "owner token pool lower upper is_open",  # owner or token, the other is NONE; ticks, not rows
)
POSITION_WORDS = n_words(POSITION)

LAST_BIT = 2.3e-16  # of a float, relative


@kernel
def find_position(positions, state, owner, token, lower, upper):
    """The row of a position, by its token or by its owner and ticks; ``NONE`` if there is none."""
    for row in range(state.first_position, state.first_position + state.n_positions):
        one = positions[row]
        if one.is_open == 1 and token != NONE and one.token == token:
            return row
        if one.is_open == 1 and token == NONE and one.token == NONE and one.owner == owner:
            if one.lower == lower and one.upper == upper:
                return row
    return NONE


@kernel
def open_position(ledger, positions, state, p, owner, token, lower, upper):
    """A new empty position, remembered before it is written; ``NONE`` if the table is full."""
    for row in range(state.first_position, state.first_position + state.n_positions):
        one = positions[row]
        if one.is_open == 0:
            remember(ledger.journal, ledger.memory, one.address, POSITION_WORDS)
            one.is_open = 1
            one.owner = owner
            one.token = token
            one.pool = p
            one.lower = lower
            one.upper = upper
            return row
    return NONE


@kernel
def is_range(state, lower, upper):
    """Whether two ticks are a range of this pool."""
    return (
        MIN_TICK <= lower < upper <= MAX_TICK
        and lower % state.tick_spacing == 0
        and upper % state.tick_spacing == 0
    )


@kernel
def growth_of(state, one, below, above, is_zero):
    """Fees of one token that a unit of this position's liquidity has earned, since any fixed moment."""
    if is_zero:
        return growth_inside(
            state.fee_growth0, state.fee_growth0_rest,
            below.fee_growth0_outside, below.fee_growth0_outside_rest,
            above.fee_growth0_outside, above.fee_growth0_outside_rest,
            state.tick >= one.lower, state.tick < one.upper,
        )  # fmt: skip
    return growth_inside(
        state.fee_growth1, state.fee_growth1_rest,
        below.fee_growth1_outside, below.fee_growth1_outside_rest,
        above.fee_growth1_outside, above.fee_growth1_outside_rest,
        state.tick >= one.lower, state.tick < one.upper,
    )  # fmt: skip


@kernel
def earned(state, one, below, above):
    """Fees of both tokens since the position was last touched."""
    inside, rest = growth_of(state, one, below, above, True)
    grown0 = two_floats.difference(
        inside, rest, one.fee_growth0_inside, one.fee_growth0_inside_rest
    )
    inside, rest = growth_of(state, one, below, above, False)
    grown1 = two_floats.difference(
        inside, rest, one.fee_growth1_inside, one.fee_growth1_inside_rest
    )
    return max(one.liquidity * grown0, 0.0), max(one.liquidity * grown1, 0.0)


@kernel
def credit_fees(state, one, below, above):
    """Credit a position with its part of the fees since it was last touched."""
    fee0, fee1 = earned(state, one, below, above)
    one.owed0 = one.owed0 + fee0
    one.owed1 = one.owed1 + fee1
    one.fee_growth0_inside, one.fee_growth0_inside_rest = growth_of(state, one, below, above, True)
    one.fee_growth1_inside, one.fee_growth1_inside_rest = growth_of(state, one, below, above, False)


@boundary((float, float))
def holdings(venues, row):
    """Both tokens that a position stands for: its range at the price of now, and all fees not collected."""
    one = venues.positions[row]
    state = venues.concentrated[venues.pools[one.pool].state]
    if one.liquidity <= 0.0:
        return one.owed0, one.owed1
    below = venues.ticks[floor_tick(venues.ticks, state, one.lower)]
    above = venues.ticks[floor_tick(venues.ticks, state, one.upper)]
    amount0, amount1 = amounts_of_range(
        one.liquidity, state.sqrt_price, state.sqrt_price_rest,
        below.sqrt_price, below.sqrt_price_rest, above.sqrt_price, above.sqrt_price_rest,
    )  # fmt: skip
    fee0, fee1 = earned(state, one, below, above)
    return amount0 + one.owed0 + fee0, amount1 + one.owed1 + fee1


@kernel
def price_of_liquidity(venues, row, amount):
    """Both tokens that more liquidity in a shared position costs, with its part of the fees that wait."""
    one = venues.positions[row]
    state = venues.concentrated[venues.pools[one.pool].state]
    if one.liquidity > 0.0:
        amount0, amount1 = holdings(venues, row)
        return amount0 * amount / one.liquidity, amount1 * amount / one.liquidity
    lower, lower_rest = sqrt_price_at(one.lower, state.unit, state.unit_rest)
    upper, upper_rest = sqrt_price_at(one.upper, state.unit, state.unit_rest)
    return amounts_of_range(
        amount, state.sqrt_price, state.sqrt_price_rest, lower, lower_rest, upper, upper_rest
    )


@kernel
def change_liquidity(ledger, venues, state, row, amount):
    """Add liquidity to a position (take it out if negative) and credit its fees.

    Returns the status and the amounts of both tokens that belong to the change.
    """
    ticks = venues.ticks
    one = venues.positions[row]
    if not has_room(ledger.journal, POSITION_WORDS + 10 * TICK_WORDS, 0):
        return status.JOURNAL_FULL, 0.0, 0.0
    remember(ledger.journal, ledger.memory, one.address, POSITION_WORDS)
    before = one.liquidity
    below = touch(ledger, ticks, state, one.lower)
    above = touch(ledger, ticks, state, one.upper)
    if below == NONE or above == NONE:
        return status.TABLE_FULL, 0.0, 0.0
    credit_fees(state, one, ticks[below], ticks[above])
    if amount == 0.0:
        return status.OK, 0.0, 0.0
    one.liquidity, one.liquidity_rest = two_floats.add(
        one.liquidity, one.liquidity_rest, amount, 0.0
    )
    spare = 0.0
    if one.liquidity < 0.5 * state.liquidity_unit or one.liquidity < LAST_BIT * before:
        spare = (
            one.liquidity
        )  # all that one float can ask for: what is left in the second goes with it
        one.liquidity = 0.0
        one.liquidity_rest = 0.0
    change = 0
    if before == 0.0:
        change = 1
    elif one.liquidity == 0.0:
        change = -1
    put_liquidity(ticks, below, amount, 1.0, change)
    put_liquidity(ticks, above, amount, -1.0, change)
    if spare != 0.0:
        put_liquidity(ticks, below, -spare, 1.0, 0)
        put_liquidity(ticks, above, -spare, -1.0, 0)
    most = state.max_liquidity_per_tick
    if ticks[below].liquidity_gross > most or ticks[above].liquidity_gross > most:
        return status.TOO_MUCH_LIQUIDITY, 0.0, 0.0
    amount0, amount1 = amounts_of_range(
        abs(amount), state.sqrt_price, state.sqrt_price_rest,
        ticks[below].sqrt_price, ticks[below].sqrt_price_rest,
        ticks[above].sqrt_price, ticks[above].sqrt_price_rest,
    )  # fmt: skip
    if one.lower <= state.tick < one.upper:
        state.liquidity, state.liquidity_rest = two_floats.add(
            state.liquidity, state.liquidity_rest, amount, 0.0
        )
        state.liquidity, state.liquidity_rest = two_floats.add(
            state.liquidity, state.liquidity_rest, -spare, 0.0
        )
        if state.liquidity < 0.5 * state.liquidity_unit:
            state.liquidity = 0.0
            state.liquidity_rest = 0.0
    code = drop_if_unused(ledger, ticks, state, below)
    if code == status.OK:
        code = drop_if_unused(ledger, ticks, state, above)
    return code, amount0, amount1

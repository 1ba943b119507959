"""Ticks of concentrated pools: where liquidity begins and ends, each knowing its neighbours.

A pool's initialised ticks are a chain in order of price, between two that are always there: the lowest and
the highest price there is. A tick keeps how much liquidity enters when the price rises through it, and what
fees were earned on the side of it where the price is not. The contract finds the next tick in a bitmap.
Source: contract ``UniswapV3Pool``, libraries ``Tick`` and ``TickBitmap``.
"""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.formulas import two_floats
from sim.formulas.concentrated import MAX_TICK, MIN_TICK, sqrt_price_at
from sim.journal import has_room, remember
from sim.records import n_words, place_of, record

TICK = record(
    "fee_growth0_outside fee_growth0_outside_rest fee_growth1_outside fee_growth1_outside_rest "
    "liquidity_net liquidity_net_rest liquidity_gross liquidity_gross_rest sqrt_price sqrt_price_rest",
    "tick below above n_positions",  # rows of its neighbours, -1 at either end
)
TICK_WORDS = n_words(TICK)
OUTSIDE = place_of(TICK, "fee_growth0_outside")
N_OUTSIDE = 4
NONE = -1


@kernel
def open_ticks(ticks, state):
    """The two ends of a new pool's chain, and the rows behind them as a pile of free ones."""
    low = state.first_tick
    high = low + 1
    for k in range(2):
        end = ticks[low + k]
        end.tick = MIN_TICK if k == 0 else MAX_TICK
        end.sqrt_price, end.sqrt_price_rest = sqrt_price_at(end.tick, state.unit, state.unit_rest)
    ticks[low].below = NONE
    ticks[low].above = high
    ticks[high].below = low
    ticks[high].above = NONE
    state.tick_below = low
    state.free_tick = high + 1
    for row in range(high + 1, low + state.n_ticks):
        ticks[row].above = row + 1 if row + 1 < low + state.n_ticks else NONE


@kernel
def floor_tick(ticks, state, tick):
    """The row of the highest initialised tick that is not above ``tick``, found from the price on."""
    row = state.tick_below
    while ticks[row].tick > tick:
        row = ticks[row].below
    while ticks[row].above != NONE and ticks[ticks[row].above].tick <= tick:
        row = ticks[row].above
    return row


@kernel
def touch(ledger, ticks, state, tick):
    """The row of a tick, linked into the chain if it is new; ``NONE`` if there is no row left for it."""
    row = floor_tick(ticks, state, tick)
    if ticks[row].tick == tick:
        remember(ledger.journal, ledger.memory, ticks[row].address, TICK_WORDS)
        return row
    new = state.free_tick
    if new == NONE:
        return NONE
    above = ticks[row].above
    remember(ledger.journal, ledger.memory, ticks[row].address, TICK_WORDS)
    remember(ledger.journal, ledger.memory, ticks[new].address, TICK_WORDS)
    remember(ledger.journal, ledger.memory, ticks[above].address, TICK_WORDS)
    one = ticks[new]
    state.free_tick = one.above
    one.tick = tick
    one.below = row
    one.above = above
    ticks[row].above = new
    ticks[above].below = new
    one.sqrt_price, one.sqrt_price_rest = sqrt_price_at(tick, state.unit, state.unit_rest)
    # By convention all that was earned so far was earned below a tick that the price has passed.
    is_passed = tick <= state.tick
    one.fee_growth0_outside = state.fee_growth0 if is_passed else 0.0
    one.fee_growth0_outside_rest = state.fee_growth0_rest if is_passed else 0.0
    one.fee_growth1_outside = state.fee_growth1 if is_passed else 0.0
    one.fee_growth1_outside_rest = state.fee_growth1_rest if is_passed else 0.0
    one.liquidity_net = 0.0
    one.liquidity_net_rest = 0.0
    one.liquidity_gross = 0.0
    one.liquidity_gross_rest = 0.0
    one.n_positions = 0
    if is_passed and tick > ticks[state.tick_below].tick:
        state.tick_below = new
    return new


@kernel
def put_liquidity(ticks, row, amount, sign, positions):
    """Liquidity that begins (``sign`` 1) or ends (-1) at a tick; a negative ``amount`` is taken out."""
    one = ticks[row]
    one.liquidity_net, one.liquidity_net_rest = two_floats.add(
        one.liquidity_net, one.liquidity_net_rest, sign * amount, 0.0
    )
    one.liquidity_gross, one.liquidity_gross_rest = two_floats.add(
        one.liquidity_gross, one.liquidity_gross_rest, amount, 0.0
    )
    one.n_positions = one.n_positions + positions


@kernel
def drop_if_unused(ledger, ticks, state, row):
    """Unlink a tick at which no position begins or ends, and put its row back on the pile."""
    one = ticks[row]
    if one.n_positions > 0 or one.below == NONE or one.above == NONE:
        return status.OK
    if not has_room(ledger.journal, 2 * TICK_WORDS, 0):
        return status.JOURNAL_FULL
    below = one.below
    above = one.above
    remember(ledger.journal, ledger.memory, ticks[below].address, TICK_WORDS)
    remember(ledger.journal, ledger.memory, ticks[above].address, TICK_WORDS)
    ticks[below].above = above
    ticks[above].below = below
    if state.tick_below == row:
        state.tick_below = below
    one.above = state.free_tick
    state.free_tick = row
    return status.OK

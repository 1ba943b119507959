"""What a concentrated pool remembers of its price: sums over time, from which anybody reads an average.

The sum of ticks times seconds gives the geometric mean price between two moments, and a lender who judges
collateral by it sees a crash late but cannot be fooled within a block. A pool writes at most one line a
moment, the first time that its tick or the liquidity at its price changes, over its oldest line.
Source: contract ``UniswapV3Pool``, library ``Oracle``.
"""

from __future__ import annotations

import math

from sim.compile import kernel
from sim.journal import remember
from sim.records import n_words, record

OBSERVATION = record("seconds tick_seconds seconds_per_liquidity", "is_written")
OBSERVATION_WORDS = n_words(OBSERVATION)


@kernel
def write_observation(ledger, venues, state, tick, liquidity, seconds):
    """Carry the sums forward to now with the tick and the liquidity that held until now."""
    last = venues.observations[state.newest]
    passed = seconds - last.seconds
    if passed <= 0.0:
        return
    following = state.newest + 1
    if following == state.first_observation + state.n_observations:
        following = state.first_observation
    tick_seconds = last.tick_seconds + tick * passed
    seconds_per_liquidity = last.seconds_per_liquidity
    seconds_per_liquidity += passed / max(liquidity, state.liquidity_unit)
    line = venues.observations[following]
    remember(ledger.journal, ledger.memory, line.address, OBSERVATION_WORDS)
    line.seconds = seconds
    line.tick_seconds = tick_seconds
    line.seconds_per_liquidity = seconds_per_liquidity
    line.is_written = 1
    state.newest = following


@kernel
def sums_at(venues, state, seconds):
    """Both sums at a moment; not numbers if the pool has forgotten it."""
    line = venues.observations[state.newest]
    if seconds >= line.seconds:
        passed = seconds - line.seconds
        inverse = passed / max(state.liquidity, state.liquidity_unit)
        return line.tick_seconds + state.tick * passed, line.seconds_per_liquidity + inverse
    later = state.newest
    for _ in range(state.n_observations - 1):
        row = later - 1
        if row < state.first_observation:
            row = state.first_observation + state.n_observations - 1
        line = venues.observations[row]
        if line.is_written == 0:
            break
        if line.seconds <= seconds:
            after = venues.observations[later]
            share = (seconds - line.seconds) / (after.seconds - line.seconds)
            tick_seconds = line.tick_seconds + share * (after.tick_seconds - line.tick_seconds)
            inverse = after.seconds_per_liquidity - line.seconds_per_liquidity
            return tick_seconds, line.seconds_per_liquidity + share * inverse
        later = row
    return math.nan, math.nan

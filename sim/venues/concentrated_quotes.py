"""What a concentrated pool would pay: the questions of ``sim/venues/any_pool.py``, answered by the walk.

Nothing is written. Who looks from afar sees an earlier price (``seen_sqrt_price``, 0: that of now); the
liquidity around it is that of now.
"""

from __future__ import annotations

import math

from sim.compile import boundary
from sim.venues.tick_walk import stand, walk
from sim.venues.ticks import NONE


@boundary(float)
def pays(ledger, venues, p, seen_sqrt_price, is_zero_in, amount):
    """What a sale of ``amount`` would bring."""
    _, _, bought, _ = walk(
        ledger, venues, p, is_zero_in, True, amount, venues.pools[p].fee_fraction,
        0.0, 0.0, seen_sqrt_price, False,
    )  # fmt: skip
    return bought


@boundary(float)
def marginal_price(venues, p, seen_sqrt_price, is_zero_in):
    """What the next token brings after the fee: beyond a gap, at the next tick that has liquidity."""
    state = venues.concentrated[venues.pools[p].state]
    ticks = venues.ticks
    price, _, liquidity, _, below = stand(venues, state, seen_sqrt_price)
    row = below if is_zero_in else ticks[below].above
    while liquidity <= 0.0 or price == ticks[row].sqrt_price:
        following = ticks[row].below if is_zero_in else ticks[row].above
        if following == NONE:
            return 0.0
        price = ticks[row].sqrt_price
        liquidity += -ticks[row].liquidity_net if is_zero_in else ticks[row].liquidity_net
        if liquidity < 0.5 * state.liquidity_unit:
            liquidity = 0.0
        row = following
    kept = 1.0 - venues.pools[p].fee_fraction
    return kept * price * price if is_zero_in else kept / (price * price)


@boundary(float)
def sale_to(ledger, venues, p, seen_sqrt_price, is_zero_in, price):
    """The sale after which the next token brings ``price`` after the fee; 0 if it brings no more now."""
    state = venues.concentrated[venues.pools[p].state]
    start = seen_sqrt_price if seen_sqrt_price > 0.0 else state.sqrt_price
    kept = 1.0 - venues.pools[p].fee_fraction
    target = math.sqrt(price / kept) if is_zero_in else math.sqrt(kept / price)
    if (target >= start) if is_zero_in else (target <= start):
        return 0.0
    _, sold, _, _ = walk(
        ledger, venues, p, is_zero_in, True, math.inf, venues.pools[p].fee_fraction,
        target, 0.0, seen_sqrt_price, False,
    )  # fmt: skip
    return sold

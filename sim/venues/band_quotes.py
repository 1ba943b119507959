"""What an arbitrageur asks of bands: what a sale brings, the next price, and the sale that moves it there.

Bands are asked at the oracle price of now, as they stand at the end of the last block.
"""

from __future__ import annotations

import math

from sim.compile import boundary
from sim.venues.band_pool import trade

NEXT = 1e-9  # tokens: so few that they move no price


@boundary(float)
def pays(ledger, venues, p, token_in, amount, seconds):
    """What a sale of ``amount`` would bring; more than the bands can fill brings no more."""
    is_up = token_in == venues.pools[p].token1
    _, _, received, _ = trade(ledger, venues, p, seconds, is_up, True, amount, 0.0, False)
    return received


@boundary(float)
def marginal_price(ledger, venues, p, token_in, seconds):
    """What the next token sold would bring, after the fee; 0 if there is nothing to be had on that side."""
    return pays(ledger, venues, p, token_in, NEXT, seconds) / NEXT


@boundary(float)
def sale_to(ledger, venues, p, token_in, price, seconds):
    """The sale after which the next token would bring ``price``."""
    if not price > 0.0:
        return 0.0
    is_up = token_in == venues.pools[p].token1
    stop = 1.0 / price if is_up else price
    _, paid, _, _ = trade(ledger, venues, p, seconds, is_up, True, math.inf, stop, False)
    return paid

"""Shares of a pool in the hands of a keeper: nobody buys them, so it takes the coins out and sells those.

In a bid they count for what their coins would bring, each in the better of the pools and the outside. So
where providers have left and the outside is thin, loans against shares go bad as loans against coins do.
"""

from __future__ import annotations

from sim.compile import kernel
from sim.orders import add_leg
from sim.transaction import REMOVE_LIQUIDITY
from sim.venues.any_pool import in_pool


@kernel
def taken_out(view, p, shares, k):
    """How much of coin number ``k`` so many shares of a pool bring."""
    pool = view.venues.pools[p]
    if not pool.lp_supply > 0.0:
        return 0.0
    return in_pool(view.venues, p, k) * (shares / pool.lp_supply)


@kernel
def add_removal(view, p, account, shares):
    """Take out a part of every coin; the place of the leg, or -1."""
    token = view.venues.pools[p].lp_token
    return add_leg(view.chains, 0, REMOVE_LIQUIDITY, account, p, token, shares, 0.0)

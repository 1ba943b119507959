"""The protocol's part of what fees have added to a pool, paid in LP shares when liquidity changes next.

Fees let the invariant grow by a factor G between two such moments. New shares dilute everybody until the
protocol owns its fraction f of that growth: ``s = S f (G - 1) / ((1 - f) G + f)``. G is kept as a sum of
logarithms, one a swap, because G - 1 may be tiny.

Source: Adams, Zinsmeister and Robinson (2020), Uniswap v2 Core, section 2.4 (f = 1/6);
``_calcDueProtocolSwapFeeBptAmount`` of balancer-v2-monorepo, the same formula.
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def protocol_shares(lp_supply, fraction, log_growth):
    """Shares to mint for the protocol."""
    grown = math.expm1(log_growth)
    return lp_supply * fraction * grown / (1.0 + (1.0 - fraction) * grown)


@formula
def log_growth_of_swap(amount, fee, reserve_in, weight_in):
    """What a swap adds to the log invariant, ``fee`` of the ``amount`` paid in being no part of the trade."""
    return weight_in * math.log1p(fee / (reserve_in + amount - fee))

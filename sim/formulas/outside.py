"""The outside exchange: a signed log-linear propagator, so that no round trip profits.

A net sale of q USD moves the log price by -q/depth; part of the move stays, the rest decays by half
every half-life. Each trade fills at the average along its own move.
Source: Gatheral (2010), No-Dynamic-Arbitrage and Market Impact; Huberman and Stanzl (2004), Price
Manipulation and Quasi-Arbitrage (linear permanent impact is the one without manipulation); Fruth,
Schöneborn and Urusov (2014), Optimal Trade Execution and Price Manipulation in Order Books with
Time-Varying Liquidity (depth that comes back too fast is a money machine).
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def sale_proceeds_usd(amount, price_usd, depth_usd):
    """USD for selling ``amount`` tokens: ``D ln(1 + n p / D)``."""
    return depth_usd * math.log1p(amount * price_usd / depth_usd)


@formula
def purchase_cost_usd(amount, price_usd, depth_usd):
    """USD for buying ``amount`` tokens: ``-D ln(1 - n p / D)``; infinite from ``n p = D`` on."""
    share = amount * price_usd / depth_usd
    if share >= 1.0:
        return math.inf
    return -depth_usd * math.log1p(-share)


@formula
def purchase_amount(cost_usd, price_usd, depth_usd):
    """Tokens bought with ``cost_usd``: the inverse of :func:`purchase_cost_usd`."""
    return -depth_usd / price_usd * math.expm1(-cost_usd / depth_usd)


@formula
def effective_depth_usd(depth_usd, permanent_fraction, depth_multiple):
    """USD that moves the log price by one when depth has been cut: only the transient part suffers."""
    return depth_usd / (permanent_fraction + (1.0 - permanent_fraction) / depth_multiple)


@formula
def next_depth_multiple(depth_multiple, wanted_multiple, elapsed_seconds, half_life_seconds):
    """Depth falls at once, but comes back no faster than impact decays.

    Else one could push a thin market up and sell into the deep one while the push still stands.
    """
    recovered = depth_multiple / decay(elapsed_seconds, half_life_seconds)
    return min(wanted_multiple, recovered)


@formula
def decay(elapsed_seconds, half_life_seconds):
    """The share of transient impact that is left."""
    return math.exp(-0.6931471805599453 * elapsed_seconds / half_life_seconds)

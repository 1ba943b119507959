"""What a share of a pool is worth at prices from outside, so that no trade in the pool can move it.

Reserves times prices is what a share would bring now, and a swap that leaves the pool off the market raises
it: whoever borrows against shares could trade first, borrow, and trade back. The fair value is what the pool
would hold once arbitrage had closed the gap to these prices; on its curve a swap moves that by its fee alone.

Source: Alpha Homora (2021), fair LP token pricing, for constant product; the same with weights for weighted
pools (``weighted.log_value``). For StableSwap oracles of Curve's shares take the virtual price times the
least price of a coin: a pool that loses its peg ends up in the coin that has fallen.
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def fair_value_usd(reserve0, reserve1, price0_usd, price1_usd):
    """A constant-product pool without a gap to these prices: ``2 sqrt(x y) sqrt(p q)``."""
    return 2.0 * math.sqrt(reserve0 * price0_usd) * math.sqrt(reserve1 * price1_usd)


@formula
def least_value_usd(invariant, least_price_usd):
    """A StableSwap pool all of whose units are worth its worst: D times the least price of a unit."""
    return invariant * least_price_usd

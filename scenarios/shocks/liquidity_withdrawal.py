"""Liquidity goes: the same sale then moves the price further, in a pool or on the outside exchange.

Providers of a pool come back at once when the shock ends. Depth outside comes back in a straight line over
``recovery_seconds``, and no faster than the impact of trades decays: else one could push a thin market and
unwind in the deep one. Two withdrawals of the same liquidity multiply: the second takes its fraction of
what the first left.
Source: Fruth, Schöneborn and Urusov (2014), Optimal Trade Execution and Price Manipulation in Order Books
with Time-Varying Liquidity.
"""

from __future__ import annotations

import math

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import LiquidityWithdrawal


def turns(shock: LiquidityWithdrawal, grid: Grid) -> list[Turn]:
    """The share that stays, until it comes back or to the end of the run."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    if shock.asset is None:
        return [Turn("depth", str(shock.pool), first, np.full(end - first, 1.0 - shock.fraction))]
    back_seconds = shock.recovery_seconds or 0.0
    last = min(end + math.ceil(back_seconds / grid.slot_seconds), grid.n_rows)
    returned = np.zeros(last - first)
    if back_seconds > 0.0:
        ends_seconds = shock.start_seconds + shock.duration_seconds
        since = grid.seconds(first) - ends_seconds + np.arange(last - first) * grid.slot_seconds
        returned = np.clip(since / back_seconds, 0.0, 1.0)
    return [Turn("outside_depth", shock.asset, first, 1.0 - shock.fraction * (1.0 - returned))]

"""Liquidity providers take a part of a pool away: the same sale then moves its price further.

Two withdrawals from one pool multiply: the second takes its fraction of what the first left.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import LiquidityWithdrawal


def turns(shock: LiquidityWithdrawal, grid: Grid) -> list[Turn]:
    """The share that stays, until the providers come back or to the end of the run."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    staying = np.full(end - first, 1.0 - shock.fraction)
    return [Turn("depth", shock.pool, first, staying)]

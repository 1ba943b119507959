"""The fundamental price jumps by a fraction and stays there, or comes back when the shock ends.

A gap leaves no time to deleverage: positions go from healthy to under water between two blocks. It comes
on top of whatever the price does otherwise, be it noise or a recorded path. A stablecoin's loss of its
peg is a gap too.
"""

from __future__ import annotations

import math

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import PriceGap


def turns(shock: PriceGap, grid: Grid) -> list[Turn]:
    """One log return in the first slot; its opposite in the slot after the last, if there is one."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    log_return = np.zeros(min(end + 1, grid.n_rows) - first)
    log_return[0] = math.log1p(shock.size_fraction)
    if end < grid.n_rows:
        log_return[-1] = -log_return[0]
    return [Turn("log_return", shock.asset, first, log_return)]

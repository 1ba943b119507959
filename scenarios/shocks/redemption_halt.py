"""A module redeems nothing for a while, whatever is in its reserve; it may still issue.

Then the price of its coin has no floor but what people believe will be paid later.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import RedemptionHalt


def turns(shock: RedemptionHalt, grid: Grid) -> list[Turn]:
    """Halted in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    return [Turn("redemption_halted", shock.redemption, first, np.ones(end - first))]

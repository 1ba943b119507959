"""A share of the keepers of a cohort does nothing: what nobody liquidates in time becomes bad debt.

Two outages of one cohort multiply, as if the second struck among those whom the first left.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import KeeperOutage


def turns(shock: KeeperOutage, grid: Grid) -> list[Turn]:
    """The share that still acts, in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    acting = np.full(end - first, 1.0 - shock.share_fraction)
    return [Turn("keeper_alive", shock.cohort, first, acting)]

"""The fundamental price moves more (or less) than usual for a while, around the same drift.

Rules that target volatility sell into it, and health factors cross their bounds more often, though the
price need not fall. Inside a price path it widens the bridge between the anchors, never the anchors.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import Volatility


def turns(shock: Volatility, grid: Grid) -> list[Turn]:
    """The multiple in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    return [Turn("volatility", shock.asset, first, np.full(end - first, shock.multiple))]

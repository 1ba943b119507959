"""More (or fewer) others want block space: gas gets dear just when liquidations and repairs need it.

The multiple is reached in a straight line over ``ramp_seconds`` and ends at once with the shock.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import GasDemand


def turns(shock: GasDemand, grid: Grid) -> list[Turn]:
    """From 1 at the start to the multiple at the end of the ramp, then the multiple."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    reached = np.ones(end - first)
    if shock.ramp_seconds > 0.0:
        elapsed = np.arange(end - first) * grid.slot_seconds
        elapsed += grid.seconds(first) - shock.start_seconds
        reached = np.minimum(elapsed / shock.ramp_seconds, 1.0)
    demand = 1.0 + (shock.multiple - 1.0) * reached
    return [Turn("gas_demand", shock.chain, first, demand)]

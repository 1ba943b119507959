"""People believe that a share vault has lost a part of its assets, whether it has or not.

Two rumours about one vault do not add up: the worse one is believed.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import Rumour


def turns(shock: Rumour, grid: Grid) -> list[Turn]:
    """The loss that is believed in, in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    return [Turn("rumour", shock.share_vault, first, np.full(end - first, shock.loss_fraction))]

"""People believe that a share vault, or the reserve of a coin, has lost a part, whether it has or not.

Two rumours about one of them do not add up: the worse one is believed.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import Rumour


def turns(shock: Rumour, grid: Grid) -> list[Turn]:
    """The loss that is believed in, in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    believed = np.full(end - first, shock.loss_fraction)
    if shock.redemption is not None:
        return [Turn("redemption_rumour", shock.redemption, first, believed)]
    return [Turn("rumour", str(shock.share_vault), first, believed)]

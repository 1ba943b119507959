"""A part of a module's reserve is out of reach: lost for good, or locked at a bank that has been closed.

What it holds at birth is the measure, so that redemptions do not make the loss smaller: the last to redeem
bear all of it. Two losses of one module do not add up: the larger one counts.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import ReserveLoss


def turns(shock: ReserveLoss, grid: Grid) -> list[Turn]:
    """The share of the first reserve that cannot be paid out, in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    lost = np.full(end - first, shock.fraction)
    return [Turn("reserve_locked", shock.redemption, first, lost)]

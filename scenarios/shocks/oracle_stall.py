"""A feed publishes nothing for a while: protocols go on believing the last price they were told.

Nobody can be liquidated on the way down; when the feed comes back, everybody can at once.
"""

from __future__ import annotations

import numpy as np

from scenarios.dials import Turn
from scenarios.grid import Grid
from scenarios.schema.shocks import OracleStall


def turns(shock: OracleStall, grid: Grid) -> list[Turn]:
    """Dead in every slot of the window."""
    first, end = grid.window(shock.name, shock.start_seconds, shock.duration_seconds)
    return [Turn("oracle_alive", shock.feed, first, np.zeros(end - first))]

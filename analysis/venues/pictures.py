"""Pictures of a venue at the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.figure_style import panels, style
from analysis.venues.venue import Reverted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.venues.pool import Pool

SHARES_SOLD = np.geomspace(1e-5, 0.5, 60)  # of the reserve of the token that is sold


def depth_of(pool: Pool) -> Figure:
    """How far below the spot price a sale is filled on average, by its size, fee included."""
    first, second = pool.symbols[:2]
    with style():
        figure, axes = panels(1, 1, row_inches=2.6)
        (axis,) = np.ravel(axes)
        for sold, bought in ((first, second), (second, first)):
            sizes, shortfalls = [], []
            for share in SHARES_SOLD:
                size = float(share) * pool.reserves[sold]
                try:
                    price = pool.quote(sold, size, into=bought) / size
                except Reverted:
                    break
                value = size * (pool.spot_price(sold) if sold == first else 1.0)
                sizes.append(value)
                shortfalls.append(100.0 * (1.0 - price / pool.spot_price(sold)))
            axis.plot(sizes, shortfalls, label=f"{sold} for {bought}")
        axis.set(
            xscale="log", yscale="log", xlabel=f"size of the sale ({second})",
            ylabel="average fill below spot (%)",
        )  # fmt: skip
        axis.legend()
    return figure

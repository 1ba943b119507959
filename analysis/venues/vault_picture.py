"""Picture of a share vault: who is paid if everybody leaves, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.figure_style import legend_above, panels, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.venues.share_vault import ShareVault


def paid_in_order(vault: ShareVault) -> Figure:
    """Share of the claims that is paid, by place in line; and what all would get if they shared alike."""
    total, liquid = vault.total_assets, min(vault.liquid, vault.total_assets)
    with style():
        figure, axes = panels(1, 1, row_inches=2.2)
        (axis,) = np.ravel(axes)
        if total > 0.0:
            edge = 100.0 * liquid / total
            axis.step([0.0, edge, edge, 100.0], [100.0, 100.0, 0.0, 0.0], label="first come")
            axis.axhline(edge, linestyle="--", linewidth=1.0, label="all alike")
        axis.set(
            xlabel="place in line (% of all shares)",
            ylabel="paid today (% of the claim)",
            xlim=(0.0, 100.0),
            ylim=(-5.0, 105.0),
        )
        legend_above(axis)
    return figure

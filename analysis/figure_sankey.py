"""A Sankey picture of payments: classes of account in columns, ribbons as wide as what one paid another.

Ribbons join facing sides of two columns; the arrow in a label says which way the money went. Source of the
form: Sankey (1896), The Thermal Efficiency of Steam-Engines; ribbons are cubic Bezier curves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NODE_WIDTH = 0.05  # of the distance between two columns
GAP = 0.14  # between two nodes of a column, of the height of the tallest column
THINNEST = 0.004  # of that height: a ribbon one can still see
ON_SHORT, ON_LONG = 0.5, 0.15  # where along a ribbon its label stands


@dataclasses.dataclass(frozen=True)
class Ribbon:
    """One payment: from whom to whom, how much, and why."""

    payer: str
    receiver: str
    usd: float
    cause: str


@dataclasses.dataclass
class Node:
    """A class in its column: where it stands, and how much of each side is taken."""

    column: int
    bottom: float = 0.0
    height: float = 0.0
    left: float = 0.0
    right: float = 0.0

    @property
    def middle(self) -> float:
        """Centre of its height."""
        return self.bottom + self.height / 2.0


def place(columns: Sequence[Sequence[str]], ribbons: Sequence[Ribbon]) -> dict[str, Node]:
    """Nodes as tall as the wider of their two sides, stacked in columns that are centred."""
    nodes = {
        name: Node(k)
        for k, names in enumerate(columns)
        for name in names
        if any(name in (ribbon.payer, ribbon.receiver) for ribbon in ribbons)
    }
    for name, node in nodes.items():
        sides = {True: 0.0, False: 0.0}
        for ribbon in ribbons:
            if name in (ribbon.payer, ribbon.receiver):
                other = ribbon.receiver if name == ribbon.payer else ribbon.payer
                sides[nodes[other].column >= node.column] += ribbon.usd
        node.height = max(sides.values())
    tallest = max(
        sum(node.height for node in nodes.values() if node.column == k) for k in range(len(columns))
    )
    for k in range(len(columns)):
        column = [node for node in nodes.values() if node.column == k]
        top = (sum(n.height for n in column) + GAP * tallest * (len(column) - 1)) / 2.0
        for node in column:
            node.bottom = top - node.height
            node.left = node.right = top
            top = node.bottom - GAP * tallest
    return nodes


def draw_ribbons(
    ax: Axes, nodes: dict[str, Node], ribbons: Sequence[Ribbon], colours: dict[str, Any]
) -> list[tuple[Ribbon, float, float, bool]]:
    """Draw the ribbons; returns each with the place of its label and whether it runs to the right."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    span = sum(node.height for node in nodes.values())
    placed = []
    ends = {(ribbon, name): 0.0 for ribbon in ribbons for name in (ribbon.payer, ribbon.receiver)}
    for name, node in nodes.items():  # each side from the top, in the order of the other ends
        mine = [ribbon for ribbon in ribbons if name in (ribbon.payer, ribbon.receiver)]
        for ribbon in sorted(mine, key=lambda r: _order(nodes, name, r)):
            other = nodes[ribbon.receiver if name == ribbon.payer else ribbon.payer]
            side = "right" if other.column >= node.column else "left"
            ends[ribbon, name] = getattr(node, side)
            setattr(node, side, getattr(node, side) - ribbon.usd)
    for ribbon in ribbons:
        names = sorted((ribbon.payer, ribbon.receiver), key=lambda name: nodes[name].column)
        y0, y1 = (ends[ribbon, name] for name in names)
        x0, x1 = nodes[names[0]].column + NODE_WIDTH, float(nodes[names[1]].column)
        wide = max(ribbon.usd, THINNEST * span)
        bend = (x0 + x1) / 2.0 if x1 > x0 else x0 + 0.5
        points = [
            (x0, y0), (bend, y0), (bend, y1), (x1, y1),
            (x1, y1 - wide), (bend, y1 - wide), (bend, y0 - wide), (x0, y0 - wide), (x0, y0),
        ]  # fmt: skip
        curve = [Path.CURVE4] * 3
        codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
        ax.add_patch(
            PathPatch(Path(points, codes), facecolor=colours[ribbon.cause], alpha=0.55, linewidth=0)
        )
        goes_right = names[0] == ribbon.payer
        along = (
            ON_SHORT if x1 - x0 < 1.0 else ON_LONG
        )  # a long one is labelled before it meets others
        x = _bezier((x0, bend, bend, x1), along)
        placed.append((ribbon, x, _bezier((y0, y0, y1, y1), along) - wide / 2.0, goes_right))
    return placed


def _bezier(points: tuple[float, float, float, float], t: float) -> float:
    a, b, c, d = points
    s = 1.0 - t
    return s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d


def _order(nodes: dict[str, Node], name: str, ribbon: Ribbon) -> tuple[float, str]:
    other = ribbon.receiver if name == ribbon.payer else ribbon.payer
    return (-nodes[other].middle, ribbon.cause)

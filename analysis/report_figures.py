"""The figures of a report, inside the page itself."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

from analysis import figures
from analysis.figure_style import Drawn, NoData, style

if TYPE_CHECKING:
    from analysis.figures import Result

FIRST = ("prices", "liquidations", "leverage", "flows", "waterfall")  # then all others by name
DPI = 160  # for a screen; `aftershock figures` writes what a paper needs


def pictures(of: Result) -> str:
    """Every figure that there is data for, with its caption; after them the reasons for the others."""
    drawn: list[str] = []
    left_out: list[str] = []
    there = figures.names(of)
    first = [name for name in FIRST if name in there]
    ordered = first + [name for name in there if name not in first]
    for name in ordered:
        caption = html.escape(" ".join(figures.caption(name, of).split()))
        try:
            png = _png(figures.draw(name, of))
        except NoData as reason:
            left_out.append(f"<p>No figure <q>{name}</q>: {html.escape(str(reason))}</p>")
            continue
        source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
        drawn.append(
            f'<figure><img src="{source}" alt="{html.escape(name)}"/>'
            f"<figcaption><b>Figure {len(drawn) + 1}.</b> {caption}</figcaption></figure>"
        )
    return "".join([*drawn, *left_out])


def _png(drawn: Drawn) -> bytes:
    buffer = io.BytesIO()
    with style():
        drawn.figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()

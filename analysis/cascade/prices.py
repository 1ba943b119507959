"""The part of the descent that goes through the outside price: trades -> running sums -> the sales that
answer.

Of each asset and direction two running sums, of permanent and of transient impact, with an entry for
every quote; a sale that answered to a quote reads both, over all that pushed this way. What was
outstanding when recording began counts among what pushed, but is nobody's child or parent here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.cascade.carried import Links
from analysis.cascade.impact import Outside

if TYPE_CHECKING:
    import polars as pl

SMALLEST_IMPACT = 1e-15  # in the log price: below it there is nothing to share out


def price_links(
    trades: pl.DataFrame, told: Outside, caused: np.ndarray, way: float, first: int
) -> list[Links]:
    """Links of the running sums of sales (``way`` -1) or purchases (1), numbered from ``first`` on."""
    permanent, transient = first, first + told.n_blocks + 1
    quote = np.arange(1, told.n_blocks + 1)
    mine = told.impact * way > 0.0
    node, moved = told.node[mine], told.impact[mine] * way
    after, stays = told.block[mine] + 1, told.stays[mine]
    child, block, per_impact = _readers(trades, told, caused, way)
    ones = np.ones(told.n_blocks)
    return [
        Links(permanent + quote, permanent + quote - 1, ones),
        Links(transient + quote, transient + quote - 1, told.left * ones),
        Links(permanent + after, node, stays * moved),
        Links(transient + after, node, told.left * (1.0 - stays) * moved),
        Links(child, permanent + block, per_impact),
        Links(child, transient + block, per_impact),
    ]


def _readers(
    trades: pl.DataFrame, told: Outside, caused: np.ndarray, way: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Endogenous nodes whose impact went this way: node, block of the quote, one over all that pushed."""
    quote = trades["trigger_block"].fill_null(-1).to_numpy()
    impact = trades["trigger_impact"].fill_null(0.0).to_numpy()
    node = np.flatnonzero(caused & (impact * way > 0.0) & (quote >= 0))
    block = quote[node]
    row = 0 if way < 0.0 else 1
    pushed = way * told.sums[row, block] + np.maximum(way * told.before_record(block), 0.0)
    some = pushed > SMALLEST_IMPACT
    return node[some], block[some], 1.0 / pushed[some]

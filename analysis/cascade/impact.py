"""What earlier trades have left in the price of an asset, at the quote of every block.

A trade moves the log price by its ``impact``; of that a permanent share stays and the rest halves every
half-life. The exchange quotes once a block, after the decay of a slot and before the trades of the block,
so the quote of block b contains of a trade in block u < b

    impact x (stays + (1 - stays) left^(b - u)),    left = 2^(-slot / half-life),

where ``stays`` is the permanent fraction f, or f / (f + (1 - f) / m) while depth is cut to the multiple m.

What was outstanding when recording began is one more part, ``before the record``. The sum of all parts is
the impact that the engine wrote beside each trigger, which is the test of all this. Source: the
propagator of Gatheral (2010), No-Dynamic-Arbitrage and Market Impact.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.cascade.nodes import trades_asset

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario


@dataclasses.dataclass(frozen=True)
class Outside:
    """The trades in one asset on the outside exchange, in order, and what stood before them."""

    node: np.ndarray  # (n_trades,) int64, place among the nodes
    block: np.ndarray  # (n_trades,) int64
    impact: np.ndarray  # (n_trades,) float64, signed move of the log price
    stays: np.ndarray  # (n_trades,) share of its impact that is permanent
    left: float  # share of the transient part that is left after one slot
    n_blocks: int
    permanent_before: float
    transient_before: float

    def before_record(self, block: np.ndarray) -> np.ndarray:
        """What the trades before the record have left in these quotes."""
        return self.permanent_before + self.transient_before * self.left**block

    def parts(self, block: int) -> np.ndarray:
        """What each trade before that block has left in its quote, (n_trades before it,)."""
        n = int(np.searchsorted(self.block, block))
        decayed = self.left ** (block - self.block[:n])
        stays = self.stays[:n]
        return self.impact[:n] * (stays + (1.0 - stays) * decayed)

    @functools.cached_property
    def sums(self) -> np.ndarray:
        """What recorded sales (row 0) and purchases (row 1) have left in each quote, (2, n_blocks + 1)."""
        rows = (np.minimum(self.impact, 0.0), np.maximum(self.impact, 0.0))
        return np.array([self._left_in_quotes(row) for row in rows])

    def _left_in_quotes(self, impact: np.ndarray) -> np.ndarray:
        kept = np.bincount(self.block, weights=self.stays * impact, minlength=self.n_blocks)
        fades = np.bincount(
            self.block, weights=(1.0 - self.stays) * impact, minlength=self.n_blocks
        )
        permanent = transient = 0.0
        total = np.zeros(self.n_blocks + 1)
        for block in range(self.n_blocks):
            permanent += kept[block]
            transient = self.left * (transient + fades[block])
            total[block + 1] = permanent + transient
        return total

    def quoted(self, block: np.ndarray) -> np.ndarray:
        """The whole impact in these quotes."""
        return self.sums[:, block].sum(axis=0) + self.before_record(block)


def outside_trades(
    scenario: Scenario, trades: pl.DataFrame, blocks: pl.DataFrame
) -> Mapping[str, Outside]:
    """The outside trades of each asset that is no cash. Of block 0 the table has the state at its end."""
    is_outside = (trades["kind"] == "outside_trade").to_numpy()
    block = trades["block"].to_numpy()
    impact = trades["impact"].to_numpy()
    made = {}
    for declared in scenario.assets:
        if declared.is_cash:
            continue
        node = np.flatnonzero(is_outside & trades_asset(trades, declared.name))
        multiple = blocks[f"depth_multiple.{declared.name}"].to_numpy()[block[node]]
        share = declared.permanent_fraction
        stays = share / (share + (1.0 - share) / multiple)
        is_first = block[node] == 0
        in_first, kept_in_first = impact[node][is_first], (stays * impact[node])[is_first]
        made[declared.name] = Outside(
            node,
            block[node],
            impact[node],
            stays,
            2.0 ** (-scenario.time.slot_seconds / declared.half_life_seconds),
            blocks.height,
            float(blocks[f"permanent_impact.{declared.name}"][0] - kept_in_first.sum()),
            float(
                blocks[f"transient_impact.{declared.name}"][0] - (in_first - kept_in_first).sum()
            ),
        )
    return made

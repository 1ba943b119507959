"""Who descends from whom: one sweep through time for what is inherited, one back for what is bequeathed.

Read as a branching process (Zhuang, Ogata and Vere-Jones 2002, Stochastic declustering of space-time
earthquake occurrences): an endogenous sale has one parent, drawn among the trades that pushed the price
in the direction of its whole impact, in proportion to what each had left in it. A price contains
thousands of trades and hundreds of sales answer to it, so prices are entries of their own: of each asset
and direction a running sum of permanent and one of transient impact, block by block. With shares A of
parents (columns) in children,

    x = A x + own        in the order of time    what a node inherits from its ancestors
    y = A' y + value     in the reverse order    what descends from a node

take a handful of steps a node, where pairs of trades would be millions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.cascade.carried import Links
from analysis.cascade.impact import Outside
from analysis.cascade.nodes import is_judged, trades_asset
from analysis.cascade.prices import price_links

if TYPE_CHECKING:
    import polars as pl


class Descent:
    """Ancestors and heirs of nodes; ``is_caused`` are the endogenous, ``is_source`` all but carriers."""

    def __init__(self, trades: pl.DataFrame, outside: Mapping[str, Outside], links: Links) -> None:
        judged = is_judged(trades)
        self.is_caused = judged & (trades["is_endogenous"] == 1).to_numpy()
        self.is_source = judged | (trades["role"] == "noise").to_numpy()
        entries = [links]
        # Twice the block: its quote comes before its trades.
        when = [2 * trades["block"].to_numpy() + 1]
        n = trades.height
        for asset, told in outside.items():
            caused = self.is_caused & trades_asset(trades, asset)
            for way in (-1.0, 1.0):
                entries += price_links(trades, told, caused, way, n)
                when += [2 * np.arange(told.n_blocks + 1)] * 2
                n += 2 * (told.n_blocks + 1)
        child, parent, share = (np.concatenate(column) for column in zip(*entries, strict=True))
        order = np.lexsort((child, np.concatenate(when)[child]))
        columns = child[order].tolist(), parent[order].tolist(), share[order].tolist()
        answers = np.isin(child[order], np.flatnonzero(judged)).tolist()
        self._n = n
        self._entries = list(zip(*columns, strict=True))
        self._answers = [e for e, is_one in zip(self._entries, answers, strict=True) if is_one]
        self._carriers = [e for e, is_one in zip(self._entries, answers, strict=True) if not is_one]

    def _padded(self, values: np.ndarray) -> list[float]:
        return [*values.tolist(), *([0.0] * (self._n - len(values)))]

    def inherited(self, own: np.ndarray) -> np.ndarray:
        """What each node has of its own, and by descent from its ancestors, (n_nodes,)."""
        x = self._padded(own)
        for child, parent, share in self._entries:
            x[child] += share * x[parent]
        return np.array(x[: len(own)])

    def bequeathed(self, value: np.ndarray) -> np.ndarray:
        """How much of this value descends from each node, its own not counted, (n_nodes,)."""
        y = self._padded(value)
        for child, parent, share in reversed(self._entries):
            y[parent] += share * y[child]
        return np.array(y[: len(value)]) - value

    def from_parents(self, own: np.ndarray) -> np.ndarray:
        """What a node that answered to a price has from its parents alone, carriers left out, (n_nodes,)."""
        x = self._padded(own)
        for child, parent, share in self._carriers:
            x[child] += share * x[parent]
        found = np.zeros(len(own))
        for child, parent, share in self._answers:
            found[child] += share * x[parent]
        return found

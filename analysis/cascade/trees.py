"""One draw of the family trees of a cascade: every endogenous sale is given one parent.

A sale answers to a price that thousands of trades have moved, so that it has no one parent, only shares.
Drawn by these shares a parent makes a tree of each root, which can be looked at: the stochastic
declustering of Zhuang, Ogata and Vere-Jones (2002). Carriers are passed through: the parent of a sale is
the sale, purchase or noise trade behind the arbitrage or the keeper. Averages over many draws are the
expected values of ``descent``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.cascade.impact import Outside
from analysis.cascade.nodes import trades_asset
from analysis.cascade.whole import Cascade

NOBODY = -1  # a price move of the outside itself, or what stood before the record


class Family(NamedTuple):
    """Of each node its parent, its generation and the root of its tree, (n_nodes,)."""

    parent: np.ndarray  # place among the nodes; NOBODY for roots, and where nobody is to be named
    generation: np.ndarray  # 0 for what is exogenous
    root: np.ndarray  # place among the nodes; NOBODY where the line of descent ends at nobody


def family(cascade: Cascade, seed: int) -> Family:
    """One draw."""
    chance = np.random.Generator(np.random.Philox(seed))
    n = cascade.nodes.height
    parent = np.full(n, NOBODY)
    for asset, told in cascade.outside.items():
        caused = cascade.is_caused & trades_asset(cascade.nodes, asset)
        _draw_trades(cascade, told, np.flatnonzero(caused), chance, parent)
    _pass_carriers(cascade, chance, parent)
    generation = np.zeros(n, np.int64)
    root = np.arange(n)
    for node in np.flatnonzero(cascade.is_caused):  # in the order of time: parents come first
        behind = parent[node]
        generation[node] = generation[behind] + 1 if behind >= 0 else 1
        root[node] = root[behind] if behind >= 0 else NOBODY
    return Family(parent, generation, root)


def _draw_trades(
    cascade: Cascade,
    told: Outside,
    caused: np.ndarray,
    chance: np.random.Generator,
    parent: np.ndarray,
) -> None:
    """For each endogenous node one of the outside trades in the price it answered to."""
    quote = cascade.nodes["trigger_block"].to_numpy()[caused].astype(np.int64)
    way = np.sign(cascade.nodes["trigger_impact"].to_numpy()[caused])
    for block in np.unique(quote[quote >= 0]).tolist():
        answers = np.flatnonzero((quote == block) & (way != 0.0))
        if not len(answers):
            continue
        sign = way[answers[0]]  # one quote has one impact
        pushed = np.cumsum(np.maximum(sign * told.parts(block), 0.0))
        before = max(sign * float(told.before_record(np.array(block))), 0.0)
        whole = before + (pushed[-1] if len(pushed) else 0.0)
        drawn = np.searchsorted(pushed, chance.random(len(answers)) * whole, side="right")
        named = drawn < len(pushed)
        parent[caused[answers[named]]] = told.node[drawn[named]]


def _pass_carriers(cascade: Cascade, chance: np.random.Generator, parent: np.ndarray) -> None:
    """From the outside trade back to what it carried."""
    child, behind, share = cascade.links
    first = np.searchsorted(child, np.arange(len(parent) + 1))
    reached = np.concatenate(([0.0], np.cumsum(share)))
    is_source = cascade.descent.is_source
    for node in np.flatnonzero(parent >= 0):
        found = int(parent[node])
        while found >= 0 and not is_source[found]:
            low, high = first[found], first[found + 1]
            level = reached[low] + chance.random()
            k = int(np.searchsorted(reached[low + 1 : high + 1], level, side="right")) + low
            found = int(behind[k]) if k < high else NOBODY
        parent[node] = found

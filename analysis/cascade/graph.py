"""The cascade as a networkx graph: who pushed the price that a sale answered to, and by how much.

An edge leads from a trade to what it helped to cause; its ``weight`` is the trade's share. Parents of an
endogenous sale or purchase are all earlier trades in its asset, each with what it had left in the price,
as a share of the whole impact in it: sales and purchases have shares of opposite sign. Parents below
``min_weight`` are not drawn but summed in the node's ``remainder``; ``before_record`` is the share of
what stood before recording began, and ``market``, of an arbitrage, that of the outside price's own move.
So for every node that has parents

    sum of weights + remainder + before_record + market = 1.

Where thousands of small sales have moved a market, no single one is a cause, and nearly all is remainder;
the measures do not depend on ``min_weight``, for they are solved for all parents at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.cascade.carried import Links
from analysis.cascade.impact import Outside
from analysis.cascade.nodes import trades_asset
from analysis.cascade.whole import Cascade
from sim.errors import InputError

if TYPE_CHECKING:
    import networkx as nx

ATTRIBUTES = (
    "block role cause account owner asset usd impact n_positions is_endogenous trigger_block "
    "trigger_price_usd trigger_impact oracle_update generation descendants_usd"
).split()


def graph(cascade: Cascade, min_weight: float = 0.01) -> nx.DiGraph:
    """Nodes are named by the ids of their events."""
    import networkx as nx

    if not 0.0 <= min_weight <= 1.0:
        raise InputError(None, "min_weight", min_weight, "is a share between 0 and 1")
    trades = cascade.nodes
    judged = [_judged(cascade, asset, told, min_weight) for asset, told in cascade.outside.items()]
    edges = Links(*map(np.concatenate, zip(cascade.links, *(e for e, _ in judged), strict=True)))
    before = sum((part for _, part in judged), np.zeros(trades.height))
    is_kept = np.abs(edges.share) >= min_weight
    drawn = np.bincount(edges.child[is_kept], edges.share[is_kept], minlength=trades.height)
    carried = np.bincount(cascade.links.child, cascade.links.share, minlength=trades.height)
    market = np.where((trades["role"] == "arbitrage").to_numpy(), 1.0 - carried, 0.0)
    has_parents = (
        cascade.is_caused | (trades["role"].is_in(["arbitrage", "hedge", "inventory"])).to_numpy()
    )
    rest = np.where(has_parents, 1.0 - drawn - before - market, 0.0)

    event = trades["event"].to_list()
    made = nx.DiGraph(min_weight=min_weight)
    rows = trades.select(ATTRIBUTES).iter_rows(named=True)
    shares = zip(rest.tolist(), before.tolist(), market.tolist(), strict=True)
    for name, row, (remainder, before_record, by_market) in zip(event, rows, shares, strict=True):
        told = {"remainder": remainder, "before_record": before_record, "market": by_market}
        made.add_node(name, **row, **told)
    parent = (event[i] for i in edges.parent[is_kept].tolist())
    child = (event[i] for i in edges.child[is_kept].tolist())
    made.add_weighted_edges_from(zip(parent, child, edges.share[is_kept].tolist(), strict=True))
    return made


def _judged(
    cascade: Cascade, asset: str, told: Outside, min_weight: float
) -> tuple[Links, np.ndarray]:
    """Links to the endogenous nodes of one asset, price by price, and their share of before the record."""
    trades = cascade.nodes
    before = np.zeros(trades.height)
    mine = np.flatnonzero(cascade.is_caused & trades_asset(trades, asset))
    block = trades["trigger_block"].to_numpy()[mine].astype(np.int64)
    impact = trades["trigger_impact"].to_numpy()[mine]
    before[mine[block < 0]] = 1.0
    found: list[Links] = [Links(*(np.zeros(0, kind) for kind in (np.int64, np.int64, np.float64)))]
    order = np.argsort(block, kind="stable")
    order = order[block[order] >= 0]
    first = np.flatnonzero(np.diff(block[order], prepend=-1))
    for answers in np.split(order, first[1:]):
        if not len(answers):
            continue
        whole = impact[answers[0]]
        before[mine[answers]] = told.before_record(block[answers[:1]])[0] / whole
        share = told.parts(int(block[answers[0]])) / whole
        named = np.flatnonzero(np.abs(share) >= min_weight)
        child = np.repeat(mine[answers], len(named))
        parent = np.tile(told.node[named], len(answers))
        found.append(Links(child, parent, np.tile(share[named], len(answers))))
    return Links(*(np.concatenate(column) for column in zip(*found, strict=True))), before

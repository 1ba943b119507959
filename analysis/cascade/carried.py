"""Carriers: who took a pool's move, or a liquidation's collateral, to the outside exchange.

Vaults trade in pools, so that their sales reach the outside price only by the arbitrage that carries
them. Parents of an arbitrage trade are the swaps that displaced the pool, in the direction that it undid,
since the pool was last carried; the move of the outside price itself is a parent without a name,
``market``. Parents of a keeper's sale are the liquidations that it has won and not yet sold, by USD. All
shares are positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis.cascade.impact import Outside

if TYPE_CHECKING:
    import polars as pl

SOLD_OUT = 0.01  # of what was won: the rest is gas bought or spent meanwhile


class Links(NamedTuple):
    """Child, parent (places among the nodes) and the parent's share."""

    child: np.ndarray
    parent: np.ndarray
    share: np.ndarray


def carried(
    trades: pl.DataFrame, outside: Mapping[str, Outside], log_fundamental: Mapping[str, np.ndarray]
) -> Links:
    """Every link by way of a carrier; ``log_fundamental`` is that of an asset over the cash, by block."""
    found: list[tuple[int, int, float]] = []
    _by_arbitrage(trades, outside, log_fundamental, found)
    _by_keepers(trades, found)
    child, parent, share = zip(*found, strict=True) if found else ((), (), ())
    order = np.argsort(np.asarray(child, np.int64), kind="stable")
    return Links(
        np.asarray(child, np.int64)[order],
        np.asarray(parent, np.int64)[order],
        np.asarray(share, np.float64)[order],
    )


def _by_arbitrage(
    trades: pl.DataFrame,
    outside: Mapping[str, Outside],
    log_fundamental: Mapping[str, np.ndarray],
    found: list[tuple[int, int, float]],
) -> None:
    """Swaps -> the arbitrage that undid them -> its hedge."""
    quotes = {}
    for asset, told in outside.items():
        impact = told.quoted(np.arange(told.n_blocks))
        quotes[asset] = (log_fundamental[asset] + impact).tolist()
    since: dict[str, list[tuple[int, float]]] = {}  # of each pool: swaps since it was carried
    quote_then: dict[str, float] = {}
    columns = ("role", "kind", "venue", "asset", "impact", "submitted_block")
    rows = zip(*(trades[name].to_list() for name in columns), strict=True)
    for node, (role, kind, pool, asset, impact, submitted) in enumerate(rows):
        if role == "hedge":
            found.append((node, node - 1, 1.0))
        elif role == "arbitrage":
            quote = quotes[asset][max(submitted, 0)]
            undone = -1.0 if impact > 0.0 else 1.0  # the way in which the pool stood off
            pushed = [(i, move * undone) for i, move in since.pop(pool, []) if move * undone > 0.0]
            market = (quote_then.get(pool, quotes[asset][0]) - quote) * undone
            total = sum(move for _, move in pushed) + max(market, 0.0)
            found += [(node, i, move / total) for i, move in pushed]
            quote_then[pool] = quote
        elif kind == "swap":
            since.setdefault(pool, []).append((node, impact))


def _by_keepers(trades: pl.DataFrame, found: list[tuple[int, int, float]]) -> None:
    """Liquidations -> the sales of what they brought."""
    won: dict[tuple[str, str], list[tuple[int, float]]] = {}  # by keeper and asset: node, USD
    tokens: dict[tuple[str, str], list[float]] = {}  # tokens left, and all that were won
    columns = ("role", "account", "asset", "usd", "token_amount", "amount_out")
    rows = zip(*(trades[name].to_list() for name in columns), strict=True)
    for node, (role, keeper, asset, usd, amount, amount_out) in enumerate(rows):
        key = (keeper, asset)
        if role == "liquidation":
            won.setdefault(key, []).append((node, usd))
            held = tokens.setdefault(key, [0.0, 0.0])
            held[0] += amount_out
            held[1] += amount_out
        elif role == "inventory" and key in won:
            held, lots = tokens[key], won[key]
            from_stock = min(held[0] / amount, 1.0)  # the rest is gas that it did not need
            total = sum(lot for _, lot in lots)
            found += [(node, i, from_stock * lot / total) for i, lot in lots]
            held[0] -= from_stock * amount
            if held[0] <= SOLD_OUT * held[1]:
                del won[key], tokens[key]

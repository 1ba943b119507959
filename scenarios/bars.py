"""Recorded bars as points a path must pass through: open, high and low in drawn order, close.

A bar fills the slots from its opening up to the next bar's. It opens in the first and closes in the last
of them, touches its high and its low in two slots drawn in between (which comes first is drawn too), and
the bridge is reflected at both, so that the slots aggregate to the same bar again. A high or low that
open or close already touch needs no slot of its own. A bar that the start of the path cuts begins on the
line from its open to its close, and need not touch what may have come before.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios.price_files import Prices
from scenarios.streams import generator
from sim.errors import MISSING, InputError


@dataclasses.dataclass(frozen=True)
class Points:
    """The points that a price must pass through, and the bounds it keeps from each up to the next."""

    rows: np.ndarray  # (n_points,) int64, ascending
    price_usd: np.ndarray  # (n_points,) float64
    low_usd: np.ndarray  # (n_points,) float64, 0: no bound
    high_usd: np.ndarray  # (n_points,) float64, infinite: no bound


def bar_points(
    prices: Prices,
    edges: np.ndarray,  # (n_bars + 1,) the row where each bar opens, and the one after the last bar
    first_row: int,  # where the path starts, in the first bar
    key: str,
    seed: int,
    asset: str,
) -> Points:
    """The points of recorded bars, each with the low and high of its bar."""
    assert prices.open is not None
    assert prices.high is not None
    assert prices.low is not None
    opens, closes = edges[:-1].copy(), edges[1:] - 1  # rows
    open_usd, close_usd = prices.open.copy(), prices.close
    touches_high = prices.high > np.maximum(open_usd, close_usd)
    touches_low = prices.low < np.minimum(open_usd, close_usd)
    is_used = np.full(len(opens), True)
    if opens[0] < first_row:
        share = (first_row - opens[0]) / (edges[1] - opens[0])
        open_usd[0] *= math.exp(share * math.log(close_usd[0] / open_usd[0]))
        opens[0] = first_row
        touches_high[0] = touches_low[0] = False
        is_used[0] = closes[0] > first_row  # else too little of it is left
    needed = 2 + touches_high + touches_low
    _refuse_short(closes - opens + 1, np.where(is_used, needed, 0), key, prices)
    highs, lows = _touches(opens, closes, touches_high & touches_low, seed, asset)
    kinds = [
        (opens, open_usd, is_used),
        (highs, prices.high, is_used & touches_high),
        (lows, prices.low, is_used & touches_low),
        (closes, close_usd, is_used),
    ]
    bars = np.concatenate([np.flatnonzero(is_point) for _, _, is_point in kinds])
    rows = np.concatenate([row[is_point] for row, _, is_point in kinds])
    price_usd = np.concatenate([price[is_point] for _, price, is_point in kinds])
    order = np.argsort(rows)
    bars = bars[order]
    return Points(rows[order], price_usd[order], prices.low[bars], prices.high[bars])


def _refuse_short(n_slots: np.ndarray, needed: np.ndarray, key: str, prices: Prices) -> None:
    """Refuse bars with fewer slots than prices."""
    for bar in np.flatnonzero(n_slots < needed)[:1]:
        problem = (
            f"bar {bar + 1} of the window spans {max(n_slots[bar], 0)} slots, but its open, high, "
            f"low and close need {needed[bar]}: shorten slot_seconds, or give closes only"
        )
        raise InputError(None, key, MISSING, problem)
    if not needed.any():
        raise InputError(None, key, MISSING, "less than two slots are left of its only bar")


def _touches(
    opens: np.ndarray, closes: np.ndarray, is_both: np.ndarray, seed: int, asset: str
) -> tuple[np.ndarray, np.ndarray]:
    """The rows where each bar touches its high and its low, strictly between open and close."""
    drawn = generator(seed, f"bars.{asset}").random((len(opens), 3))
    n_inside = closes - opens - 1
    one = np.floor(drawn[:, 1] * n_inside).astype(np.int64)
    other = np.floor(drawn[:, 2] * (n_inside - 1)).astype(np.int64)
    other += other >= one  # any row but the one that is taken
    is_high_first = drawn[:, 0] < 0.5
    early, late = np.minimum(one, other), np.maximum(one, other)
    high = np.where(is_both, np.where(is_high_first, early, late), one)
    low = np.where(is_both, np.where(is_high_first, late, early), one)
    return opens + 1 + high, opens + 1 + low

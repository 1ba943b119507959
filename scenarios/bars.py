"""Recorded bars as points a path must pass through: open, high and low in drawn order, close.

A bar fills the slots from its opening up to the next bar's. It opens in the first and closes in the last
of them, touches its high and its low in two slots drawn in between (which comes first is drawn too), and
the bridge is reflected at both, so that the slots aggregate to the bar again. A high or low that open or
close already touch needs no slot of its own. A bar that is cut by the start of the path begins on the
line from its open to its close and need not touch what may have come before.
"""

from __future__ import annotations

import math

import numpy as np

from scenarios.price_files import Prices
from scenarios.streams import generator
from sim.errors import InputError


def bar_points(
    prices: Prices,
    edges: np.ndarray,  # (n_bars + 1,) the row where each bar opens, and the one after the last bar
    first_row: int,  # where the path starts, in the first bar
    key: str,
    seed: int,
    asset: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows and prices of the points, and the low and high bound of every row from first to last."""
    assert prices.open is not None
    assert prices.high is not None
    assert prices.low is not None
    begin, end = edges[:-1].copy(), edges[1:] - 1  # rows of open and close
    opening = prices.open.copy()
    drawn = generator(seed, f"bars.{asset}").random((len(begin), 3))
    touches_high = prices.high > np.maximum(prices.open, prices.close)
    touches_low = prices.low < np.minimum(prices.open, prices.close)
    if begin[0] < first_row:
        share = (first_row - begin[0]) / (edges[1] - begin[0])
        opening[0] *= math.exp(share * math.log(prices.close[0] / opening[0]))
        begin[0] = first_row
        touches_high[0] = touches_low[0] = False
    needed = 2 + touches_high + touches_low
    is_whole = np.arange(len(begin)) > 0 if begin[0] >= end[0] else begin >= 0
    for bar in np.flatnonzero(is_whole & (end - begin + 1 < needed))[:1]:
        n_slots = end[bar] - begin[bar] + 1
        problem = (
            f"a bar spans {n_slots} slots, where open, high, low and close need {needed[bar]}:"
            " shorten slot_seconds, or leave out these columns to use closes only"
        )
        raise InputError(None, key, prices.time_seconds[bar], problem)
    high_row, low_row = _touches(begin, end, touches_high & touches_low, drawn)
    points = [
        (begin, opening, is_whole),
        (high_row, prices.high, is_whole & touches_high),
        (low_row, prices.low, is_whole & touches_low),
        (end, prices.close, is_whole),
    ]
    rows = np.concatenate([row[chosen] for row, _, chosen in points])
    price_usd = np.concatenate([price[chosen] for _, price, chosen in points])
    order = np.argsort(rows, kind="stable")
    lengths = (end - begin + 1)[is_whole]
    low_usd, high_usd = (np.repeat(part[is_whole], lengths) for part in (prices.low, prices.high))
    return rows[order], price_usd[order], low_usd, high_usd


def _touches(
    begin: np.ndarray, end: np.ndarray, touches_both: np.ndarray, drawn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The row of the high and of the low of each bar, strictly between open and close."""
    inside = end - begin - 1
    one = np.floor(drawn[:, 1] * inside).astype(np.int64)
    other = np.floor(drawn[:, 2] * np.maximum(inside - 1, 0)).astype(np.int64)
    other += other >= one  # any row but the one taken
    is_high_first = drawn[:, 0] < 0.5
    early, late = np.minimum(one, other), np.maximum(one, other)
    high = np.where(touches_both, np.where(is_high_first, early, late), one)
    low = np.where(touches_both, np.where(is_high_first, late, early), one)
    return begin + 1 + high, begin + 1 + low

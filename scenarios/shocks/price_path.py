"""A price follows a path: through anchors, or as a file recorded it, with a bridge between the points.

The path passes exactly through each point, in the slot nearest to its time. A file of closes is a row of
anchors; recorded bars say more, see ``scenarios.bars``. Prices are absolute. A path is no dial: gaps come
on top of it, and a volatility shock widens its bridges.
"""

from __future__ import annotations

import functools
import math
from typing import Literal

import numpy as np

from scenarios.bars import Points, bar_points
from scenarios.grid import Grid
from scenarios.price_files import Prices, read_prices
from scenarios.schema.shocks import MARKET_IMPLIED, PricePath
from scenarios.schema.values import unix_seconds
from sim.errors import InputError

SECONDS_PER_HOUR = 3600.0


def points(shock: PricePath, grid: Grid, seed: int) -> Points:
    """The points of a price path on the rows of a run."""
    first_row = grid.nearest(shock.start_seconds)
    grid.refuse_late(f"shocks.{shock.name}.start_seconds", shock.start_seconds, first_row)
    if shock.anchors is not None:
        return _from_anchors(shock, shock.anchors, grid)
    prices, step_seconds = _recorded(shock, grid)
    # The moment ``from`` of the file (filled in when the scenario was loaded) is the start of the path.
    seconds = shock.start_seconds + prices.time_seconds - unix_seconds(str(shock.from_))
    if shock.kind == MARKET_IMPLIED and prices.open is not None:
        # Calibrated are the first open and the closes; where a bar has its low depends on the seed.
        seconds = np.append(seconds, seconds[-1] + step_seconds)
        return _from_closes(shock, seconds, np.append(prices.open[0], prices.close), grid)
    if prices.open is None:
        return _from_closes(shock, seconds, prices.close, grid)
    edges = _rows(np.append(seconds, seconds[-1] + step_seconds), grid)
    return bar_points(prices, edges, first_row, f"shocks.{shock.name}.file", seed, shock.asset)


def _from_anchors(shock: PricePath, anchors: tuple[tuple[float, float], ...], grid: Grid) -> Points:
    key = f"shocks.{shock.name}.anchors"
    hours, price_usd = np.array(anchors).T
    rows = _rows(shock.start_seconds + hours * SECONDS_PER_HOUR, grid)
    grid.refuse_late(key, anchors[0], int(rows[0]))
    for k in np.flatnonzero(np.diff(rows) == 0)[:1]:
        problem = f"two anchors in one slot: slots are {grid.slot_seconds:g} s apart"
        raise InputError(None, key, anchors[k : k + 2], problem)
    return _unbounded(rows, price_usd)


def _from_closes(
    shock: PricePath, seconds: np.ndarray, close_usd: np.ndarray, grid: Grid
) -> Points:
    """Recorded prices as anchors; where several fall on one slot, the last of them counts."""
    price_usd = close_usd.copy()
    if seconds[0] < shock.start_seconds:  # the start cuts the line between the first two
        share = (shock.start_seconds - seconds[0]) / (seconds[1] - seconds[0])
        price_usd[0] *= math.exp(share * math.log(price_usd[1] / price_usd[0]))
        seconds = np.maximum(seconds, shock.start_seconds)
    rows = _rows(seconds, grid)
    is_last = np.append(np.diff(rows) > 0, True)
    return _unbounded(rows[is_last], price_usd[is_last])


def _rows(seconds: np.ndarray, grid: Grid) -> np.ndarray:
    return np.array([grid.nearest(moment) for moment in seconds.tolist()], dtype=np.int64)


def _unbounded(rows: np.ndarray, price_usd: np.ndarray) -> Points:
    return Points(rows, price_usd, np.zeros(len(rows)), np.full(len(rows), np.inf))


def _recorded(shock: PricePath, grid: Grid) -> tuple[Prices, float]:
    """The prices up to ``until``, or to the first after the run, and the seconds from one to the next."""
    begins, ends = unix_seconds(str(shock.from_)), unix_seconds(str(shock.until))
    run_ends = begins + grid.seconds(grid.n_rows - 1) - shock.start_seconds
    outlasts = ends >= run_ends - 0.5 * grid.slot_seconds
    try:
        prices = _read(shock, None if outlasts else shock.until)
    except InputError:  # what comes after the window cannot be used, and need not be
        prices = _read(shock, shock.until)
    step_seconds = prices.step_seconds
    if step_seconds == 0.0:
        problem = "this is the only bar of the file, and how long it lasts is not known"
        raise InputError(None, f"shocks.{shock.name}.from", shock.from_, problem)
    times = prices.time_seconds
    if outlasts:
        return _first(
            int(np.searchsorted(times, run_ends + step_seconds)) + 1, prices
        ), step_seconds
    # A bar that opens before the end is used whole; one that opens at the end has no part in it.
    side: Literal["left", "right"] = "right" if prices.open is None else "left"
    return _first(int(np.searchsorted(times, ends, side)), prices), step_seconds


@functools.lru_cache(maxsize=16)
def _read(shock: PricePath, until: str | None) -> Prices:
    """Read once for all seeds; a file that changes has another ``file_sha256``."""
    columns = None if shock.columns is None else shock.columns.model_dump()
    return read_prices(str(shock.file), shock.asset, shock.from_, until, columns)


def _first(n: int, prices: Prices) -> Prices:
    bars = (part if part is None else part[:n] for part in (prices.open, prices.high, prices.low))
    return Prices(prices.time_seconds[:n], prices.step_seconds, prices.close[:n], *bars)

"""A price follows a path: through anchors, or as a file recorded it, with a bridge between the points.

The path passes exactly through each point in the slot nearest to its time. A file of closes is a row of
anchors; recorded bars say more, see ``scenarios.bars``. Prices are absolute. A path is no dial: gaps come
on top of it, and a volatility shock widens its bridges.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

from scenarios.bars import bar_points
from scenarios.grid import Grid
from scenarios.price_files import Prices, read_prices
from scenarios.schema.shocks import Columns, PricePath
from scenarios.schema.values import unix_seconds
from sim.errors import InputError

SECONDS_PER_HOUR = 3600.0


@dataclasses.dataclass(frozen=True)
class Path:
    """The points that a price must pass through, and the bounds it must keep in between."""

    shock: PricePath
    rows: np.ndarray  # (n_points,) int64, ascending
    price_usd: np.ndarray  # (n_points,) float64
    low_usd: (
        np.ndarray
    )  # (rows from the first point to the last,) float64, 0 where there is no bound
    high_usd: np.ndarray  # the same, infinite where there is no bound

    @property
    def first_row(self) -> int:
        """The row of the first point."""
        return int(self.rows[0])

    @property
    def last_row(self) -> int:
        """The row of the last point."""
        return int(self.rows[-1])

    def until(self, row: int) -> Path:
        """The path without the points that come after the first one at or beyond a row."""
        n = int(np.searchsorted(self.rows, row)) + 1
        n_bounds = int(self.rows[:n][-1]) - self.first_row + 1
        bounds = (self.low_usd[:n_bounds], self.high_usd[:n_bounds])
        return Path(self.shock, self.rows[:n], self.price_usd[:n], *bounds)


def path(shock: PricePath, grid: Grid, seed: int) -> Path:
    """The points of a price path on the rows of a run."""
    if shock.anchors is None:
        return _from_file(shock, grid, seed)
    key = f"shocks.{shock.name}.anchors"
    seconds = [shock.start_seconds + hours * SECONDS_PER_HOUR for hours, _ in shock.anchors]
    rows = np.array([grid.nearest(moment) for moment in seconds], dtype=np.int64)
    late = f"shocks.{shock.name}.start_seconds" if shock.anchors[0][0] == 0.0 else key
    grid.refuse_late(late, shock.start_seconds if late != key else shock.anchors[0], int(rows[0]))
    for k in np.flatnonzero(np.diff(rows) == 0)[:1]:
        problem = f"fall on the same slot: slots are {grid.slot_seconds:g} s apart"
        raise InputError(None, key, (shock.anchors[k], shock.anchors[k + 1]), problem)
    return _unbounded(shock, rows, np.array([price for _, price in shock.anchors]))


def _unbounded(shock: PricePath, rows: np.ndarray, price_usd: np.ndarray) -> Path:
    n_rows = int(rows[-1] - rows[0]) + 1
    return Path(shock, rows, price_usd, np.zeros(n_rows), np.full(n_rows, np.inf))


def _from_file(shock: PricePath, grid: Grid, seed: int) -> Path:
    """Recorded prices; what lies before the start of the path is cut off at the start."""
    key = f"shocks.{shock.name}"
    grid.refuse_late(f"{key}.start_seconds", shock.start_seconds, grid.nearest(shock.start_seconds))
    prices, bar_seconds = _recorded(shock)
    begins = unix_seconds(str(shock.from_))  # filled in when the scenario was loaded
    seconds = shock.start_seconds + prices.time_seconds - begins
    if prices.open is not None:
        edges = np.append(seconds, seconds[-1] + bar_seconds)
        rows = np.array([grid.nearest(moment) for moment in edges], dtype=np.int64)
        first_row = grid.nearest(shock.start_seconds)
        points = bar_points(prices, rows, first_row, f"{key}.file", seed, shock.asset)
        return Path(shock, *points)
    price_usd = prices.close.copy()
    if seconds[0] < shock.start_seconds:  # the line between two closes, where the path cuts it
        share = (shock.start_seconds - seconds[0]) / (seconds[1] - seconds[0])
        price_usd[0] *= math.exp(share * math.log(price_usd[1] / price_usd[0]))
        seconds[0] = shock.start_seconds
    rows = np.array([grid.nearest(moment) for moment in seconds], dtype=np.int64)
    is_last = np.append(np.diff(rows) > 0, True)  # of the points in one slot the last one counts
    return _unbounded(shock, rows[is_last], price_usd[is_last])


def _recorded(shock: PricePath) -> tuple[Prices, float]:
    columns = None if shock.columns is None else shock.columns
    return _read(str(shock.file), shock.file_sha256, shock.asset, shock.from_, shock.until, columns)


@functools.lru_cache(maxsize=16)
def _read(
    file: str,
    sha256: str | None,  # part of the key: a changed file is another file
    asset: str,
    from_: str | None,
    until: str | None,
    columns: Columns | None,
) -> tuple[Prices, float]:
    """What a file says of a window, and the seconds from one price to the next."""
    names = None if columns is None else columns.model_dump()
    prices = read_prices(file, asset, from_, until, names)
    end = math.inf if until is None else unix_seconds(until)
    is_in = prices.time_seconds < end if prices.open is not None else prices.time_seconds <= end
    kept = Prices(*(None if part is None else part[is_in] for part in dataclasses.astuple(prices)))
    together = (
        prices if len(prices.time_seconds) > 1 else read_prices(file, asset, from_, None, names)
    )
    return kept, float(np.median(np.diff(together.time_seconds)))

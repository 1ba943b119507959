"""The fundamental price of one asset in every slot: left alone, a geometric Brownian motion.

Its volatility is the asset's times the dial, its drift the asset's. A price path replaces this noise, from
its first point to its last, by bridges at its own volatility (times the dial), made of the same draws;
after its last point the price goes on freely. Up to its first point the asset's own noise is bridged from
the price at birth: the line it moves around is level during the burn-in and leads to the first point from
there. Gaps multiply whatever the price is.

A path that begins with the recorded time, more than 1 % away from the asset's ``price_usd``, moves birth
to its own first price: else the burn-in, where nothing should happen, would carry a hidden shock.

A price knows the draws up to its slot, and the declared points; a longer run begins with the same rows.
Source: Glasserman (2004), Monte Carlo Methods in Financial Engineering, chapter 3.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from scenarios.bars import Points
from scenarios.bridge import bridge_noise, fold
from scenarios.dials import Turn, dial_column
from scenarios.grid import Grid
from scenarios.schema.shocks import PricePath
from scenarios.schema.world import Asset
from scenarios.streams import generator
from sim.errors import MISSING, InputError

BIRTH_TOLERANCE = 0.01  # of the first price of a path, within which the asset's own price is kept
LOWEST_USD, HIGHEST_USD = 1e-12, 1e15
_LOG_LIMIT = 700.0  # beyond which exp is not a number one can work with


@dataclasses.dataclass(frozen=True)
class Path:
    """A price path of an asset on the rows of a run."""

    shock: PricePath
    points: Points

    @property
    def first_row(self) -> int:
        """The row of the first point."""
        return int(self.points.rows[0])

    @property
    def last_row(self) -> int:
        """The row of the last point."""
        return int(self.points.rows[-1])


def fundamental_price_usd(
    asset: Asset, paths: Sequence[Path], turns: Sequence[Turn], grid: Grid, seed: int
) -> np.ndarray:
    """One asset's fundamental price, (n_rows,); its paths in order of time."""
    n_rows = grid.n_rows
    volatility = np.full(n_rows - 1, asset.volatility_per_year)  # of the step to each row but birth
    for path in paths:
        volatility[path.first_row : path.last_row] = path.shock.volatility_per_year
    volatility *= dial_column(turns, "volatility", asset.name, n_rows)[1:]
    variance = volatility * volatility * grid.slot_years
    normals = generator(seed, f"prices.{asset.name}").standard_normal(n_rows - 1)
    rows, points_usd = _with_birth(asset, paths, grid)
    # Of the price over that at birth, so that a price which stands still does so to the last bit.
    log_price = _line(rows, points_usd, grid) + bridge_noise(normals, variance, rows)
    last = rows[-1]
    steps = asset.drift_per_year * grid.slot_years - 0.5 * variance + np.sqrt(variance) * normals
    log_price[last + 1 :] += np.cumsum(steps[last:])
    low_usd, high_usd = _bounds(paths, n_rows)
    held = np.flatnonzero(low_usd > 0.0)
    log_bounds = (_log(bound_usd[held] / points_usd[0]) for bound_usd in (low_usd, high_usd))
    log_price[held] = fold(log_price[held], *log_bounds)
    price_usd = points_usd[0] * _exp(log_price)
    price_usd[rows] = points_usd  # to the last bit, and not but for rounding
    price_usd = np.minimum(np.maximum(price_usd, low_usd), high_usd)
    log_returns = dial_column(turns, "log_return", asset.name, n_rows)
    if log_returns.any():
        price_usd *= _exp(np.cumsum(log_returns))
    _refuse_absurd(asset, price_usd)
    return price_usd


def _with_birth(asset: Asset, paths: Sequence[Path], grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Rows and prices of birth and of the points of all paths."""
    rows = np.concatenate([np.empty(0, np.int64), *(path.points.rows for path in paths)])
    price_usd = np.concatenate([np.empty(0), *(path.points.price_usd for path in paths)])
    if len(rows) and rows[0] == 0:  # no burn-in: the path begins at birth
        return rows, price_usd
    birth_usd = asset.price_usd
    if len(rows) and rows[0] <= grid.burn_in_row:
        is_near = abs(birth_usd / price_usd[0] - 1.0) <= BIRTH_TOLERANCE
        birth_usd = birth_usd if is_near else float(price_usd[0])
    return np.append(0, rows), np.append(birth_usd, price_usd)


def _bounds(paths: Sequence[Path], n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest price in each row; 0 and infinity where no recorded bar says more."""
    low_usd, high_usd = np.zeros(n_rows), np.full(n_rows, np.inf)
    for path in paths:
        inside = slice(path.first_row, path.last_row + 1)
        n_held = np.diff(path.points.rows, append=path.last_row + 1)
        low_usd[inside] = np.repeat(path.points.low_usd, n_held)
        high_usd[inside] = np.repeat(path.points.high_usd, n_held)
    return low_usd, high_usd


def _line(rows: np.ndarray, price_usd: np.ndarray, grid: Grid) -> np.ndarray:
    """Log prices over birth on straight lines from point to point, level during the burn-in."""
    level = _log(price_usd / price_usd[0])
    if len(rows) > 1 and 0 < grid.burn_in_row < rows[1]:
        rows, level = np.insert(rows, 1, grid.burn_in_row), np.insert(level, 1, level[0])
    return np.interp(np.arange(grid.n_rows), rows, level)


def _refuse_absurd(asset: Asset, price_usd: np.ndarray) -> None:
    for row in np.flatnonzero((price_usd < LOWEST_USD) | (price_usd > HIGHEST_USD))[:1]:
        problem = (
            f"the price of {asset.name} reaches {price_usd[row]:.3g} USD in slot {row}: "
            f"lower its volatility, its drift, or the shocks to it"
        )
        raise InputError(None, f"assets.{asset.name}", MISSING, problem)


# By the C library, one by one: what numpy's own vectors give differs between processors.
def _exp(values: np.ndarray) -> np.ndarray:
    within = np.clip(values, -_LOG_LIMIT, _LOG_LIMIT)
    return np.fromiter(map(math.exp, within.tolist()), np.float64, len(within))


def _log(values: np.ndarray) -> np.ndarray:
    return np.fromiter(map(math.log, values.tolist()), np.float64, len(values))

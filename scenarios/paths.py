"""What the outside imposes on a run, drawn ahead: fundamental prices and dials, a row a slot.

Left alone, a price is a geometric Brownian motion with the asset's volatility (times its dial) and drift.
A price path replaces that noise, from its first point to its last, by bridges at its own volatility. Up
to the first point the asset's own noise is bridged from its price at birth: the line it moves around
stands still during the burn-in, and leads to the first point from there. After the last point the price
goes on freely. Gaps multiply whatever the price is.

A path that begins with the recorded time at a price more than 1 % away from the asset's ``price_usd``
moves birth to that price: else the burn-in, where nothing should happen, would carry a hidden shock.

A price knows only the draws up to its slot, and the declared points. A longer run begins with the same
rows, and every asset draws from a stream of its own. Source: Glasserman (2004), Monte Carlo Methods in
Financial Engineering, chapter 3.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from importlib import import_module

import numpy as np

from scenarios.bridge import bridge_noise, fold
from scenarios.dials import Turn, dial_column, dial_columns
from scenarios.grid import Grid
from scenarios.schema import Scenario
from scenarios.schema.shocks import PricePath
from scenarios.schema.world import Asset
from scenarios.shocks.price_path import Path, path
from scenarios.streams import generator
from sim.errors import InputError

BIRTH_TOLERANCE = 0.01  # of the first price of a path, within which the asset's own price is kept


@dataclasses.dataclass(frozen=True)
class Exogenous:
    """Row 0 is birth, row k is slot k; recorded time 0 is row ``burn_in_blocks``."""

    fundamental_price_usd: np.ndarray  # (n_slots + 1, n_assets) float64
    dials: np.ndarray  # (n_slots + 1, n_dials) float64, chains | feeds | cohorts | pools
    has_impact: (
        np.ndarray
    )  # (n_assets,) int64, 0: the outside exchange is a recorded price or the cash


def exogenous(scenario: Scenario, seed: int) -> Exogenous:
    """Prices and dials of a scenario under one seed."""
    grid = Grid.of(scenario.time)
    paths = {asset.name: _paths(scenario, asset, grid, seed) for asset in scenario.assets}
    # A bridge needs its end, so rows are drawn to the first point after the run, and cut off again.
    last_row = max([grid.n_rows - 1, *(p.last_row for own in paths.values() for p in own)])
    drawn = dataclasses.replace(grid, n_rows=last_row + 1)
    turns = _turns(scenario, drawn)
    prices = [_price_usd(asset, paths[asset.name], turns, drawn, seed) for asset in scenario.assets]
    dials = [dial_column(turns, *column, drawn.n_rows) for column in dial_columns(scenario)]
    is_recorded = [any(p.shock.kind == "market" for p in paths[a.name]) for a in scenario.assets]
    return Exogenous(
        _columns(prices, grid.n_rows),
        _columns(dials, grid.n_rows),
        np.array(
            [not (a.is_cash or r) for a, r in zip(scenario.assets, is_recorded, strict=True)],
            dtype=np.int64,
        ),
    )


def _columns(columns: list[np.ndarray], n_rows: int) -> np.ndarray:
    return np.ascontiguousarray(np.stack([column[:n_rows] for column in columns], axis=1))


def _turns(scenario: Scenario, grid: Grid) -> list[Turn]:
    """What all shocks but price paths do; each kind has the file of its name."""
    turns: list[Turn] = []
    for shock in scenario.shocks:
        if not isinstance(shock, PricePath):
            turns += import_module(f"scenarios.shocks.{shock.shock}").turns(shock, grid)
    return turns


def _paths(scenario: Scenario, asset: Asset, grid: Grid, seed: int) -> list[Path]:
    """The price paths of an asset in order of time, as far as the run goes."""
    own = [
        path(shock, grid, seed).until(grid.n_rows - 1)
        for shock in scenario.shocks
        if isinstance(shock, PricePath) and shock.asset == asset.name
    ]
    own.sort(key=lambda one: one.first_row)
    for before, after in itertools.pairwise(own):
        if after.first_row <= before.last_row:
            key = f"shocks.{after.shock.name}.start_seconds"
            problem = (
                f"shocks.{before.shock.name}, a price path of the same asset, goes on until "
                f"{grid.seconds(before.last_row):g} s"
            )
            raise InputError(None, key, after.shock.start_seconds, problem)
    return own


def _price_usd(
    asset: Asset, paths: list[Path], turns: list[Turn], grid: Grid, seed: int
) -> np.ndarray:
    """One asset's fundamental price in every row."""
    dial = {
        name: dial_column(turns, name, asset.name, grid.n_rows)
        for name in ("log_return", "volatility")
    }
    normals = generator(seed, f"prices.{asset.name}").standard_normal(grid.n_rows - 1)
    volatility = np.full(grid.n_rows - 1, asset.volatility_per_year)
    low_usd, high_usd = np.zeros(grid.n_rows), np.full(grid.n_rows, np.inf)
    for one in paths:
        volatility[one.first_row : one.last_row] = one.shock.volatility_per_year
        inside = slice(one.first_row, one.last_row + 1)
        low_usd[inside], high_usd[inside] = one.low_usd, one.high_usd
    variance = (volatility * dial["volatility"][1:]) ** 2 * grid.slot_years
    rows, price_usd = _points(asset, paths, grid)
    log_price = _line(rows, price_usd, grid) + bridge_noise(normals, variance, rows)
    free = slice(rows[-1] + 1, None)
    steps = asset.drift_per_year * grid.slot_years - 0.5 * variance + np.sqrt(variance) * normals
    log_price[free] += np.cumsum(steps[rows[-1] :])
    is_bound = np.isfinite(high_usd)
    log_price[is_bound] = fold(
        log_price[is_bound], _log(low_usd[is_bound]), _log(high_usd[is_bound])
    )
    path_usd = _exp(log_price)
    path_usd[rows] = price_usd  # exactly, and not but for rounding
    path_usd = np.minimum(np.maximum(path_usd, low_usd), high_usd)
    return path_usd * _exp(np.cumsum(dial["log_return"]))


def _points(asset: Asset, paths: list[Path], grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Birth and the points of all paths: (rows, prices)."""
    rows = np.concatenate([np.empty(0, np.int64), *(one.rows for one in paths)])
    price_usd = np.concatenate([np.empty(0), *(one.price_usd for one in paths)])
    if len(rows) and rows[0] == 0:
        return rows, price_usd
    birth_usd = asset.price_usd
    if len(rows) and rows[0] <= grid.burn_in_row:
        is_near = abs(birth_usd / price_usd[0] - 1.0) <= BIRTH_TOLERANCE
        birth_usd = birth_usd if is_near else float(price_usd[0])
    return np.append(0, rows), np.append(birth_usd, price_usd)


def _line(rows: np.ndarray, price_usd: np.ndarray, grid: Grid) -> np.ndarray:
    """Log prices on the straight line from point to point, level during the burn-in."""
    turning, level = rows, _log(price_usd)
    if len(rows) > 1 and 0 < grid.burn_in_row < rows[1]:
        turning = np.insert(turning, 1, grid.burn_in_row)
        level = np.insert(level, 1, level[0])
    return np.interp(np.arange(grid.n_rows), turning, level)


# The mathematics library of the compiler, element by element: numpy's own differs between processors.
def _exp(values: np.ndarray) -> np.ndarray:
    return np.array([math.exp(value) for value in values.tolist()])


def _log(values: np.ndarray) -> np.ndarray:
    return np.array([math.log(value) for value in values.tolist()])

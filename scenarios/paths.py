"""What the outside imposes on a run, drawn ahead: fundamental prices and dials, a row a slot.

Row 0 is birth, row k is slot k, and recorded time 0 is row ``burn_in_blocks``; before it no shock acts.
Every asset draws from a stream of its own, so that what is added to a scenario moves nobody's prices.
"""

from __future__ import annotations

import dataclasses
import itertools
from importlib import import_module

import numpy as np

from scenarios.bars import Points
from scenarios.dials import Turn, dial_column, dial_columns
from scenarios.grid import Grid
from scenarios.prices import Path, fundamental_price_usd
from scenarios.schema import Scenario
from scenarios.schema.redemptions import reserve_asset_of
from scenarios.schema.shocks import PricePath, Shock
from scenarios.schema.world import Asset
from scenarios.shocks import price_path
from sim.errors import MISSING, InputError
from sim.formulas import staked_token

FAR_SLOTS = 5_000_000  # after the end of a run: how far off the point may be that a path makes for


@dataclasses.dataclass(frozen=True)
class Exogenous:
    """All that a run is given from outside."""

    fundamental_price_usd: np.ndarray  # (n_slots + 1, n_assets) float64
    dials: np.ndarray  # (n_slots + 1, n_dials) float64: chains | feeds | cohorts | pools | assets
    has_impact: np.ndarray  # (n_assets,) int64, 0: the cash, or a recorded market price


def exogenous(scenario: Scenario, seed: int) -> Exogenous:
    """Prices and dials of a scenario under one seed."""
    grid = Grid.of(scenario.time)
    paths = {asset.name: _paths(scenario, asset, grid, seed) for asset in scenario.assets}
    # A bridge needs its end: rows are drawn up to the first point after the run, and cut off again.
    last_rows = [path.last_row for own in paths.values() for path in own]
    drawn = dataclasses.replace(grid, n_rows=max([grid.n_rows, *(row + 1 for row in last_rows)]))
    turns = [turn for shock in scenario.shocks for turn in _turns(shock, drawn)]
    prices = [
        fundamental_price_usd(asset, paths[asset.name], turns, drawn, seed)
        for asset in scenario.assets
    ]
    _follow(scenario, prices, turns, drawn)
    dials = [dial_column(turns, *column, grid.n_rows) for column in dial_columns(scenario)]
    has_impact = [
        not (asset.is_cash or asset.is_share)
        and all(path.shock.kind != "market" for path in paths[asset.name])
        for asset in scenario.assets
    ]
    return Exogenous(
        np.stack([price[: grid.n_rows] for price in prices], axis=1),
        np.stack(dials, axis=1),
        np.array(has_impact, dtype=np.int64),
    )


def _follow(scenario: Scenario, prices: list[np.ndarray], turns: list[Turn], grid: Grid) -> None:
    """A staked token is worth what stands behind it: its own noise on top of its rate times its stake."""
    names = [asset.name for asset in scenario.assets]
    seconds = grid.slot_seconds * np.arange(grid.n_rows)
    for module in scenario.redemptions:
        if module.kind != "staked_token":
            continue
        stake = names.index(reserve_asset_of(scenario, module))
        fee, reward = module.reward_fee_fraction, module.reward_per_year
        grown = np.array([staked_token.grown(1.0, reward, fee, s) for s in seconds.tolist()])
        left = 1.0 - dial_column(turns, "reserve_locked", module.name, grid.n_rows)
        moved = prices[stake] / scenario.assets[stake].price_usd
        prices[names.index(module.coin)] *= moved * grown * left


def check_times(scenario: Scenario) -> None:
    """Refuse shocks outside the run and price paths that overlap: all of it is known before any draw."""
    grid = Grid.of(scenario.time)
    for shock in scenario.shocks:
        if not isinstance(shock, PricePath):
            grid.window(shock.name, shock.start_seconds, getattr(shock, "duration_seconds", 0.0))
    for asset in scenario.assets:
        _paths(scenario, asset, grid, seed=0)  # where a path begins and ends depends on no seed


def _turns(shock: Shock, grid: Grid) -> list[Turn]:
    """What a shock does to dials is said in the file of its name; a price path does nothing to them."""
    if isinstance(shock, PricePath):
        return []
    return list(import_module(f"scenarios.shocks.{shock.shock}").turns(shock, grid))


def _paths(scenario: Scenario, asset: Asset, grid: Grid, seed: int) -> list[Path]:
    """The price paths of an asset in order of time, as far as the run goes."""
    own = [
        Path(shock, _until(price_path.points(shock, grid, seed), grid.n_rows - 1))
        for shock in scenario.shocks
        if isinstance(shock, PricePath) and shock.asset == asset.name
    ]
    own.sort(key=lambda path: path.first_row)
    for path in own:
        if path.last_row >= grid.n_rows + FAR_SLOTS:
            problem = f"the first point after the run comes {path.last_row} slots after birth"
            raise InputError(None, f"shocks.{path.shock.name}", MISSING, problem)
    for before, after in itertools.pairwise(own):
        if after.first_row <= before.last_row:
            problem = (
                f"shocks.{before.shock.name} is a price path of the same asset, "
                f"and lasts until {grid.seconds(before.last_row):g} s"
            )
            key = f"shocks.{after.shock.name}.start_seconds"
            raise InputError(None, key, after.shock.start_seconds, problem)
    return own


def _until(points: Points, row: int) -> Points:
    """Points up to the first one at or after a row; what comes later has no say."""
    n = int(np.searchsorted(points.rows, row)) + 1
    bounds = (points.low_usd[:n], points.high_usd[:n])
    return Points(points.rows[:n], points.price_usd[:n], *bounds)

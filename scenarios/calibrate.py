"""What a calibration compares: the market points of a path, and where the simulated market is by then.

A trial moves the fundamental price of some points; the points between them, and the noise between all of
them, move along. What is compared is the median over a fixed set of seeds, so that no single draw is
fitted.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.grid import Grid
from scenarios.schema.shocks import PricePath
from scenarios.shocks import price_path
from scenarios.streams import stream

if TYPE_CHECKING:
    from scenarios.schema import Scenario

MOST_POINTS = 50  # of one path that are calibrated
Anchors = tuple[tuple[float, float], ...]  # [hours after the start of the path, USD]


@dataclasses.dataclass(frozen=True)
class Target:
    """The market points of a path, and which of them are calibrated."""

    shock: PricePath
    anchors: Anchors
    calibrated: tuple[int, ...]  # places among the anchors
    rows: tuple[int, ...]  # of the calibrated ones, on the grid of the run
    is_fixed: tuple[
        bool, ...
    ]  # which of the calibrated ones stand at birth, before anything can happen

    @classmethod
    def of(cls, shock: PricePath, grid: Grid) -> Target:
        """Points after the run have no market price; of more than fifty, fifty are spread evenly."""
        points = price_path.points(shock, grid, seed=0)  # market points depend on no seed
        rows = points.rows.tolist()
        hours = [(grid.seconds(row) - shock.start_seconds) / 3600.0 for row in rows]
        told = zip((max(hour, 0.0) for hour in hours), points.price_usd.tolist(), strict=True)
        n = sum(row < grid.n_rows for row in rows)
        spread = (round(k * (n - 1) / (MOST_POINTS - 1)) for k in range(MOST_POINTS))
        chosen = range(n) if n <= MOST_POINTS else spread
        places = tuple(sorted(set(chosen)))
        kept = tuple(rows[place] for place in places)
        is_fixed = tuple(row <= grid.burn_in_row for row in kept)
        return cls(shock, shock.anchors or tuple(told), places, kept, is_fixed)

    def moved(self, by: Sequence[float]) -> Anchors:
        """All points, the calibrated ones moved by so much in logs, the others as on a line between them."""
        moves = np.interp(range(len(self.anchors)), self.calibrated, by).tolist()
        return tuple(
            (hour, usd * math.exp(move))
            for (hour, usd), move in zip(self.anchors, moves, strict=True)
        )


def calibration_seeds(n: int) -> list[int]:
    """Always the same ones, and none that anybody would give a run."""
    return [stream(f"calibration.{k}") for k in range(n)]


def with_fundamentals(scenario: Scenario, paths: Sequence[tuple[PricePath, Anchors]]) -> Scenario:
    """The same scenario with these fundamental paths."""
    changes: dict[str, Any] = {}
    for shock, anchors in paths:
        changes[f"shocks.{shock.name}.kind"] = "fundamental"
        changes[f"shocks.{shock.name}.anchors"] = [list(anchor) for anchor in anchors]
    return scenario.with_(**changes) if changes else scenario


def median_market_usd(
    scenario: Scenario, targets: Sequence[Target], seeds: Sequence[int]
) -> list[list[float]]:
    """For each target the median market price, over the seeds, at the end of each of its rows."""
    seen = [_market_usd(scenario, targets, seed) for seed in seeds]
    return [
        [statistics.median(prices) for prices in zip(*(run[k] for run in seen), strict=True)]
        for k in range(len(targets))
    ]


def _market_usd(scenario: Scenario, targets: Sequence[Target], seed: int) -> list[list[float]]:
    """Market prices of one run at the rows of each target."""
    from scenarios.simulation import Simulation  # a simulation begins by calibrating

    simulation = Simulation(scenario, seed)
    assets = [asset.name for asset in scenario.assets]
    seen: dict[tuple[str, int], float] = {}
    for row in sorted({row for target in targets for row in target.rows}):
        while simulation.slot < row:
            if not simulation.has_room:
                simulation.drain()
            simulation.run(row - simulation.slot)
        for asset, exchange in zip(assets, simulation.world.venues.exchanges, strict=True):
            seen[asset, row] = float(exchange.market_price_usd)
    return [[seen[target.shock.asset, row] for row in target.rows] for target in targets]

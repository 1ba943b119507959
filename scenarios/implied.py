"""A fundamental path under which the market goes where it was recorded: ``kind = "market_implied"``.

A recorded price already contains its own fire sales. Taken as fundamental, the simulation would add them a
second time; taken as the market, it could add none. Here the points of a path are market prices, and a few
rounds look for the fundamental that leads there: the whole scenario is run under a fixed set of seeds, and
the log fundamental of each point is moved by a part of what the median market price is off. All paths of a
scenario are moved together. The seeds are the same in every round and have nothing to do with the seed of a
run, so every run of a scenario has the same fundamental points.

The round that came nearest is kept, and the gap that remains is part of the result.
Source: simulated moments on common random numbers, McFadden (1989), A Method of Simulated Moments.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.calibrate import (
    Anchors,
    Target,
    calibration_seeds,
    median_market_usd,
    with_fundamentals,
)
from scenarios.grid import Grid
from scenarios.python_cohorts import rules_of
from scenarios.schema.shocks import MARKET_IMPLIED, PricePath
from scenarios.schema.world import Channels

if TYPE_CHECKING:
    from scenarios.schema import Scenario

STEP = 0.8  # share of a gap made good in a round: a dearer asset is sold less, and moves by more than that


@dataclasses.dataclass(frozen=True)
class ImpliedPath:
    """One path: the fundamental that was found, and where the market is with it."""

    target: Target
    anchors: Anchors  # of the fundamental
    median_usd: tuple[
        float, ...
    ]  # of the market over the calibration seeds, at each calibrated point

    @property
    def shock(self) -> PricePath:
        """The path of the scenario that asked for it."""
        return self.target.shock

    @property
    def gap_fraction(self) -> tuple[float, ...]:
        """How far the median market price is off at each calibrated point."""
        asked = (self.target.anchors[place][1] for place in self.target.calibrated)
        return tuple(got / usd - 1.0 for got, usd in zip(self.median_usd, asked, strict=True))

    @property
    def largest_gap(self) -> tuple[float, float]:
        """The largest gap with its sign, and the hour of the path at which it is."""
        hours = (self.anchors[place][0] for place in self.target.calibrated)
        return max(zip(self.gap_fraction, hours, strict=True), key=lambda gap: abs(gap[0]))

    @property
    def is_found(self) -> bool:
        """Whether the gap that remains is one that the scenario allows."""
        return abs(self.largest_gap[0]) <= self.shock.max_gap_fraction


def sought(scenario: Scenario) -> list[PricePath]:
    """The paths of a scenario that say where the market should go."""
    return [
        shock
        for shock in scenario.shocks
        if isinstance(shock, PricePath) and shock.kind == MARKET_IMPLIED
    ]


def n_seeds_and_rounds(scenario: Scenario) -> tuple[int, int]:
    """How many of both; paths are calibrated together, so that the one that asks for most decides."""
    paths = sought(scenario)
    return (
        max(path.calibration_seeds for path in paths),
        max(path.calibration_rounds for path in paths),
    )


def resolved(scenario: Scenario) -> Scenario:
    """The same scenario with the fundamental paths that were found; itself, if it asks for none."""
    found = implied_paths(scenario)
    return with_fundamentals(scenario, [(path.shock, path.anchors) for path in found])


def implied_paths(scenario: Scenario) -> tuple[ImpliedPath, ...]:
    """The fundamental paths of a scenario that asks for market paths, found once in a process.

    They are found with all channels open: the recorded world had every friction, and runs that differ in
    a channel alone are compared under one fundamental path.
    """
    if not sought(scenario):
        return ()
    is_open = dict.fromkeys(Channels.model_fields, True)
    whole = scenario if scenario.channels == Channels() else scenario.with_(channels=is_open)
    return _find(whole, tuple(rules_of(whole)))


@functools.lru_cache(maxsize=16)
def _find(scenario: Scenario, rules: tuple[tuple[str, str], ...]) -> tuple[ImpliedPath, ...]:
    """``rules`` are the users' own, which a scenario only names: with another rule it is looked for anew."""
    grid = Grid.of(scenario.time)
    targets = [Target.of(shock, grid) for shock in sought(scenario)]
    n_seeds, n_rounds = n_seeds_and_rounds(scenario)
    moves = [[0.0] * len(target.rows) for target in targets]
    smallest, found = math.inf, tuple[ImpliedPath, ...]()
    for _ in range(n_rounds):
        tried = _try(scenario, targets, moves, calibration_seeds(n_seeds))
        largest = max(abs(path.largest_gap[0]) for path in tried)
        if largest < smallest:
            smallest, found = largest, tried
        moves = [_further(path, by) for path, by in zip(tried, moves, strict=True)]
    return found


def _try(
    scenario: Scenario,
    targets: Sequence[Target],
    moves: Sequence[Sequence[float]],
    seeds: Sequence[int],
) -> tuple[ImpliedPath, ...]:
    """Where the market goes when the fundamental points are moved by so much from the market points."""
    anchors = [target.moved(by) for target, by in zip(targets, moves, strict=True)]
    paths = [(target.shock, path) for target, path in zip(targets, anchors, strict=True)]
    medians = median_market_usd(with_fundamentals(scenario, paths), targets, seeds)
    told = zip(targets, anchors, medians, strict=True)
    return tuple(ImpliedPath(target, path, tuple(median)) for target, path, median in told)


def _further(path: ImpliedPath, by: Sequence[float]) -> list[float]:
    """Each point further by a part of its gap, but for the one at birth, where nothing has happened yet."""
    return [
        0.0 if is_fixed else move - STEP * math.log1p(gap)
        for move, gap, is_fixed in zip(by, path.gap_fraction, path.target.is_fixed, strict=True)
    ]

"""What the system lost, by class, strategy and holder, on three marks, at the worst block and the horizon.

A loss is positive: the fall of net asset value since the recorded start. The worst block is the one with
the largest loss of the whole system on market prices, and every loss "at worst" is of that block, whoever
had his own worst then. How much of a loss is the shock, the vaults' own rules and the aftershocks takes
runs in pairs; nothing here does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.classes import MARKS, add_up, insiders, members, paths
from analysis.undefined import Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.schema import Scenario

MOMENTS = ("worst", "horizon")
NOTHING_TO_LOSE = "it had nothing to lose at the start"


def start_of(tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The vaults as they stood when recording began."""
    import polars as pl

    return tables["vaults"].filter(pl.col("block") == 0).collect()


class Losses:
    """NAV of every holder at the start, at the worst block and at the horizon, on each mark."""

    def __init__(self, scenario: Scenario, tables: Mapping[str, pl.LazyFrame]) -> None:
        self.scenario = scenario
        wealth = {mark: paths(scenario, tables, mark) for mark in MARKS}
        system = add_up(wealth["nav_usd"][name] for name in insiders(scenario))
        self.worst_block = int(np.argmin(system))
        self.horizon_block = min(scenario.time.horizon_blocks, len(system)) - 1
        block = {"worst": self.worst_block, "horizon": self.horizon_block}
        marks = tables["marks"].collect()
        self.start = {mark: _at(marks, "start", mark) for mark in (*MARKS, "nav_exit_usd")}
        self.later = {
            (mark, when): {name: float(path[block[when]]) for name, path in of_mark.items()}
            for mark, of_mark in wealth.items()
            for when in MOMENTS
        }
        for when in MOMENTS:  # no mark of every block: a snapshot was taken of these two
            self.later["nav_exit_usd", when] = _at(marks, when, "nav_exit_usd")
        self.locked = {when: _at(marks, when, "exit_locked_usd") for when in MOMENTS}

    def part(self, names: list[str], where: str, undefined: Undefined) -> dict[str, Any]:
        """The losses of some holders together, on market prices; the other two marks under their names."""
        market = self._on("nav_usd", names, where, undefined)
        protocol = self._on("nav_protocol_usd", names, f"{where}.protocol", undefined)
        left = self._on("nav_exit_usd", names, f"{where}.exit", undefined)
        locked = {
            f"locked_at_{when}_usd": math.fsum(self.locked[when][name] for name in names)
            for when in MOMENTS
        }
        return {**market, "protocol": protocol, "exit": {**left, **locked}}

    def _on(
        self, mark: str, names: list[str], where: str, undefined: Undefined
    ) -> dict[str, float | None]:
        born = math.fsum(self.start[mark][name] for name in names)
        told: dict[str, float | None] = {"nav_at_start_usd": born}
        for when in MOMENTS:
            lost = born - math.fsum(self.later[mark, when][name] for name in names)
            key = f"loss_at_{when}_fraction"
            told[f"loss_at_{when}_usd"] = lost
            told[key] = undefined.ratio(f"losses.{where}.{key}", lost, born, NOTHING_TO_LOSE)
        return told


def _at(marks: pl.DataFrame, occasion: str, column: str) -> dict[str, float]:
    rows = marks.filter(occasion=occasion)
    return dict(zip(rows["holder"].to_list(), rows[column].to_list(), strict=True))


def losses(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], hours: np.ndarray, undefined: Undefined
) -> dict[str, Any]:
    """The part ``losses`` of a summary."""
    found = Losses(scenario, tables)
    inside = insiders(scenario)
    of_class = members(scenario)
    strategy_of = {cohort.name: cohort.strategy for cohort in scenario.cohorts}
    strategies = dict.fromkeys(strategy_of[name] for name in inside if name in strategy_of)
    of_strategy = {
        strategy: [name for name in inside if strategy_of.get(name) == strategy]
        for strategy in strategies
    }

    def parts(kind: str, groups: Mapping[str, list[str]]) -> dict[str, Any]:
        return {
            name: found.part(names, f"{kind}.{name}", undefined) for name, names in groups.items()
        }

    return {
        "worst_block": found.worst_block,
        "worst_hour": float(hours[found.worst_block]),
        "horizon_hour": float(hours[found.horizon_block]),
        "system": found.part(inside, "system", undefined),
        "by_class": parts("by_class", of_class),
        "by_strategy": parts("by_strategy", of_strategy),
        "by_holder": parts("by_holder", {name: [name] for name in inside}),
    }

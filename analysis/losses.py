"""What vaults lost, by strategy: on market prices, at the worst block and at the horizon.

A loss is positive. It is plainly the fall of net asset value since the recorded start; how much of it is
the shock, the vaults' own rules and the aftershocks takes runs in pairs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.strategies import VAULT
from analysis.undefined import Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.schema import Scenario


def start_of(tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The vaults as they stood when recording began."""
    import polars as pl

    return tables["vaults"].filter(pl.col("block") == 0).collect()


def nav_paths(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Blocks, and the NAV of each vault cohort at the end of each."""
    import polars as pl

    names = [cohort.name for cohort in scenario.cohorts if cohort.role == VAULT]
    columns = tables["cohorts"].select("block", pl.col("cohort").cast(pl.String), "nav_usd")
    frame = columns.filter(pl.col("cohort").is_in(names)).collect()
    paths = {name: frame.filter(cohort=name)["nav_usd"].to_numpy() for name in names}
    block = tables["blocks"].select("block").collect()["block"].to_numpy()
    return block, paths


def losses(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], hours: np.ndarray, undefined: Undefined
) -> dict[str, Any]:
    """NAV at the start, and the loss at the worst block and at the horizon: all vaults, each strategy."""
    import polars as pl

    _, paths = nav_paths(scenario, tables)
    before = start_of(tables).with_columns(pl.col("cohort").cast(pl.String))
    start = {name: math.fsum(before.filter(cohort=name)["nav_usd"].to_list()) for name in paths}
    if not paths or not len(hours):
        undefined.null("losses.of_vaults", "there are no vaults")
        return {"of_vaults": None}
    total = sum_of(paths, paths)
    worst = int(np.argmin(total))
    horizon = min(scenario.time.horizon_blocks, len(hours)) - 1
    of_cohort = {cohort.name: cohort.strategy for cohort in scenario.cohorts}

    def part(name: str, members: list[str]) -> dict[str, Any]:
        nav = sum_of(paths, members)
        born = math.fsum(start[member] for member in members)
        reason = "it had nothing to lose at the start"
        lost = {"worst": born - float(nav[worst]), "horizon": born - float(nav[horizon])}
        shares = {
            f"loss_at_{when}_fraction": undefined.ratio(
                f"losses.{name}.loss_at_{when}_fraction", usd, born, reason
            )
            for when, usd in lost.items()
        }
        in_usd = {f"loss_at_{when}_usd": usd for when, usd in lost.items()}
        return {"nav_at_start_usd": born, **in_usd, **shares}

    strategies = dict.fromkeys(of_cohort[name] for name in paths)
    return {
        "worst_block": worst,
        "worst_hour": float(hours[worst]),
        "horizon_hour": float(hours[horizon]),
        "of_vaults": part("of_vaults", list(paths)),
        "by_strategy": {
            strategy: part(
                f"by_strategy.{strategy}", [name for name in paths if of_cohort[name] == strategy]
            )
            for strategy in strategies
        },
        "by_cohort": {name: part(f"by_cohort.{name}", [name]) for name in paths},
    }


def sum_of(paths: Mapping[str, np.ndarray], names: Mapping[str, Any] | list[str]) -> np.ndarray:
    """Sum over cohorts, one after another in the order of declaration: the same bits everywhere."""
    total = np.zeros(len(next(iter(paths.values()))))
    for name in names:
        total = total + paths[name]
    return total

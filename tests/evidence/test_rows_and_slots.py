"""How finely the population and the time are cut should not matter; where it does, it is said.

Half the rows, each for twice the positions; slots of a minute instead of thirteen seconds. Medians of thirty
runs each, whose draws differ (another row is another vault), so that the groups are compared unpaired.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from scenarios.schema import Scenario
from tests.evidence.measures import SEEDS, black_thursday, median_difference, told

MEASURES = ("loss_fraction", "positions_liquidated", "debt_repaid_fraction")

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def half_the_rows(scenario: Scenario) -> Scenario:
    changes: dict[str, Any] = {}
    for cohort in scenario.cohorts:
        if cohort.role == "vault":
            changes[f"cohorts.{cohort.name}.n_rows"] = cohort.n_rows // 2
            if cohort.strategy != "buy_and_hold":  # it sends nothing, so it has no such key
                changes[f"cohorts.{cohort.name}.positions_per_row"] = 2.0 * cohort.positions_per_row
    return scenario.with_(**changes)


def slots_of(scenario: Scenario, seconds: float) -> Scenario:
    """The same a second: block space, attention, bids and patience are told a block, and move along."""
    longer = seconds / scenario.time.slot_seconds
    changes: dict[str, Any] = {"time.slot_seconds": seconds, "time.burn_in_blocks": 60}
    for chain in scenario.chains:
        changes[f"chains.{chain.name}.gas_limit"] = chain.gas_limit * longer
    for cohort in scenario.cohorts:
        key = f"cohorts.{cohort.name}"
        if cohort.role == "vault" and 0.0 < cohort.attention_fraction < 1.0:
            changes[f"{key}.attention_fraction"] = 1.0 - (1.0 - cohort.attention_fraction) ** longer
        if cohort.role == "keeper":
            bids = cohort.parameters["bids_per_block"]
            assert isinstance(bids, float)
            changes[f"{key}.bids_per_block"] = round(bids * longer)
    return scenario.with_(**changes)


def uncongested() -> Scenario:
    return black_thursday().with_(remove=["shocks.congestion"])


def compared(
    title: str, one: Scenario, other: Scenario
) -> Mapping[str, tuple[float, float, float]]:
    here, there = ([told(scenario, seed) for seed in SEEDS] for scenario in (one, other))
    found = {}
    print(f"\n{title}: medians of {len(SEEDS)} runs each, difference [95 % interval]")
    for name in MEASURES:
        left, right = (np.array([getattr(run, name) for run in runs]) for runs in (here, there))
        found[name] = median_difference(right, left)
        print(
            f"{name:>22}: {np.median(left):.5g} -> {np.median(right):.5g}, "
            "{:+.4g} [{:+.4g}, {:+.4g}]".format(*found[name])
        )
    return found


def test_half_the_rows_leave_medians_where_they_are() -> None:
    found = compared("Half the rows", black_thursday(), half_the_rows(black_thursday()))
    for name, (_, low, high) in found.items():
        assert low <= 0.0 <= high, name


def test_slots_of_a_minute_leave_medians_where_they_are() -> None:
    found = compared("Slots of 60 s", uncongested(), slots_of(uncongested(), 60.0))
    for name, (_, low, high) in found.items():
        assert low <= 0.0 <= high, name

"""How much room a population takes: the columns of each cohort, the ring of observations, rows at risk."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from agents.parameters import Distribution
from agents.strategies import STRATEGIES
from scenarios.layout import Layout
from scenarios.population import mixed_latency_seconds
from sim.fields import BIRTH, BUSY, DUTY, MAX_FIELDS, N_COMMON, NAV_USD, RETRIES_AT

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort

VAULT_COLUMNS = (NAV_USD, BIRTH, BUSY)
OTHER_COLUMNS = tuple(k for k in range(N_COMMON) if k not in (DUTY, RETRIES_AT))


@dataclasses.dataclass(frozen=True)
class ColumnPlan:
    """Where the columns of each cohort start, and how long they are."""

    n_numbers: int
    start: np.ndarray  # (n_cohorts, MAX_FIELDS) int64
    length: np.ndarray  # (n_cohorts, MAX_FIELDS) int64


def is_per_row(cohort: Cohort) -> list[bool]:
    """For each column of a cohort beyond the common ones: one number a row, or one for all?"""
    strategy = STRATEGIES[cohort.strategy]
    kinds = [isinstance(law, Distribution) for law in cohort.parameters.values()]
    return kinds + list(strategy.memory.values())


def plan_columns(scenario: Scenario, layout: Layout) -> ColumnPlan:
    """Lay the columns of all cohorts one behind the other."""
    start = np.zeros((len(layout.cohorts), MAX_FIELDS), np.int64)
    length = np.ones((len(layout.cohorts), MAX_FIELDS), np.int64)
    place = 1  # number 0 is nobody's: unused columns point at it
    for c, cohort in enumerate(scenario.cohorts):
        common = VAULT_COLUMNS if cohort.role == "vault" else OTHER_COLUMNS
        if cohort.market is not None and cohort.role == "vault":
            common = (*common, DUTY)
        if cohort.role == "vault" and cohort.attention_fraction < 1.0:
            common = (*common, RETRIES_AT)
        sizes = dict.fromkeys(common, cohort.n_rows)
        for k, per_row in enumerate(is_per_row(cohort)):
            sizes[N_COMMON + k] = cohort.n_rows if per_row else 1
        for k, size in sizes.items():
            start[c, k] = place
            length[c, k] = size
            place += size
    return ColumnPlan(place, start, length)


def slots(seconds: float, scenario: Scenario) -> int:
    """Seconds as whole slots, rounded up."""
    return math.ceil(seconds / scenario.time.slot_seconds - 1e-9)


def ring_length(scenario: Scenario) -> int:
    """Rows of the observation ring: the longest latency and the present."""
    mixed = mixed_latency_seconds(scenario).values()
    return 1 + max((slots(latency, scenario) for latency in mixed), default=0)


def n_seen(layout: Layout) -> int:
    """Numbers in one row of the ring."""
    return (
        2 * len(layout.assets) + 3 * len(layout.feeds) + 3 * len(layout.pools) + len(layout.chains)
    )


def n_levered_rows(scenario: Scenario) -> int:
    """Rows that can become at risk."""
    return sum(c.n_rows for c in scenario.cohorts if c.role == "vault" and c.market is not None)

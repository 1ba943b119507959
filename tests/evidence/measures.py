"""What is measured in one run, straight from the engine, and what thirty runs say together.

The seeds were declared before the first of these runs; stages were tried out on seeds below 10.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterable, Sequence

import numpy as np

from analysis.ensemble_compare import mean_interval
from scenarios.implied import resolved
from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from scenarios.streams import generator
from sim import status
from sim.columns import COHORT_COLUMNS, RESERVE_COLUMNS
from sim.transaction import LIQUIDATE

SEEDS = range(100, 130)
FEW_SEEDS = range(100, 105)


@dataclasses.dataclass(frozen=True)
class Told:
    """One run in a few numbers; shares are of what stood at the recorded start."""

    loss_fraction: float  # of the system, market prices, at its worst block
    loss_usd: float
    nav_usd: float
    positions_liquidated: float
    debt_repaid_fraction: float
    booked_fraction: float  # the two parts of bad debt over debt: docs/losses.md
    uncovered_fraction: float
    keepers: dict[str, np.ndarray]  # the snapshot of keepers at the end, less that of the start

    @property
    def bad_debt_fraction(self) -> float:
        """Booked or not: a debt that nobody liquidates is as bad as one that is written off."""
        return self.booked_fraction + self.uncovered_fraction


@dataclasses.dataclass(frozen=True)
class Whole:
    """Everything that one run has recorded."""

    simulation: Simulation
    blocks: np.ndarray
    cohorts: np.ndarray
    pools: np.ndarray
    reserves: np.ndarray
    events: np.ndarray
    keepers: dict[str, np.ndarray]  # since the recorded start


@functools.cache
def black_thursday() -> Scenario:
    """The preset with the fundamental paths that its market paths imply, found once."""
    return resolved(load("black_thursday_2020"))


def whole(scenario: Scenario, seed: int) -> Whole:
    """One run to its end."""
    simulation = Simulation(scenario, seed)
    if scenario.time.burn_in_blocks:
        simulation.run(scenario.time.burn_in_blocks)
    before = simulation.keeper_rows()
    parts = []
    while not simulation.is_done:
        simulation.run()
        parts.append(simulation.drain())
    simulation.audit()
    after = simulation.keeper_rows()
    counts = ("bids", "wins", "losses", "no_profit", "no_cash", "no_gas_money")
    tables = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("blocks", "cohorts", "pools", "reserves", "events")
    }
    keepers = {name: after[name] - before[name] for name in counts if name in after}
    return Whole(simulation, **tables, keepers=keepers)


def told(scenario: Scenario, seed: int) -> Told:
    """The numbers of one run."""
    run = whole(scenario, seed)
    cohorts = run.simulation.world.cohorts.table
    debt_usd = float(_column(run.cohorts, "debt_usd")[0].sum())
    done = run.events[(run.events["kind"] == LIQUIDATE) & (run.events["status"] == status.OK)]
    deficits = np.nan_to_num(done["deficit_usd"])
    hit = set(done["counterparty"].tolist())
    group = run.simulation.world.ledger.group
    owner = run.simulation.world.cohorts.of_group
    positions = math.fsum(float(cohorts[owner[group[a]]].positions_per_row) for a in sorted(hit))
    nav_usd = system_nav_usd(run)
    loss_usd = float(nav_usd[0] - nav_usd.min())
    return Told(
        loss_fraction=loss_usd / float(nav_usd[0]),
        loss_usd=loss_usd,
        nav_usd=float(nav_usd[0]),
        positions_liquidated=positions,
        debt_repaid_fraction=_share(math.fsum(done["usd"].tolist()), debt_usd),
        booked_fraction=_share(math.fsum(deficits.tolist()), debt_usd),
        uncovered_fraction=_share(_uncovered_usd(run.simulation), debt_usd),
        keepers=run.keepers,
    )


def system_nav_usd(run: Whole) -> np.ndarray:
    """Vaults, lenders, providers, keepers, arbitrageurs and treasuries together, block by block."""
    scenario, names = run.simulation.scenario, run.simulation.names.cohorts
    inside = [c.name for c in scenario.cohorts if c.strategy != "noise_trader"]
    columns = [names.index(name) for name in inside]
    treasuries = run.reserves[:, :, RESERVE_COLUMNS.index("treasury_nav_usd")].sum(axis=1)
    return _column(run.cohorts, "nav_usd")[:, columns].sum(axis=1) + treasuries


def _column(cohorts: np.ndarray, name: str) -> np.ndarray:
    return cohorts[:, :, COHORT_COLUMNS.index(name)]


def _uncovered_usd(simulation: Simulation) -> float:
    rows = simulation.vault_rows()
    gaps = np.maximum(rows["debt_usd"] - rows["collateral_usd"], 0.0)
    return math.fsum(gaps.tolist())


def _share(part: float, whole_usd: float) -> float:
    return part / whole_usd if whole_usd else 0.0


def spearman(doses: Sequence[float], responses: Iterable[Sequence[float]]) -> np.ndarray:
    """The rank correlation of dose and response within each seed, so that seeds do not blur it."""
    from scipy.stats import spearmanr

    return np.array([spearmanr(doses, row).statistic for row in responses])


def mean_with_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean over seeds and its 95 % bootstrap interval."""
    return float(np.mean(values)), *mean_interval(np.asarray(values, float))


def median_difference(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Difference of the medians of two groups of runs and its 95 % bootstrap interval, unpaired."""
    draws = generator(0, "evidence.bootstrap").integers(0, len(one), (2, 9_999, len(one)))
    drawn = np.median(one[draws[0]], axis=1) - np.median(other[draws[1]], axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(np.median(one) - np.median(other)), float(low), float(high)

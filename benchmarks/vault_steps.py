"""Vault-steps a second: every vault observes, decides and is marked in each block, recorder on.

Quiet blocks cost what reading the state costs; in a crash it is the transactions. The share of vaults
with an executed trade is measured, not assumed. Draining the log belongs to the time.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import statistics
import time

import numpy as np

from benchmarks.measure import Measure
from benchmarks.population import CRASH, CRASH_BLOCKS, QUIET, WARM_UP_BLOCKS, Market, rows, scenario
from scenarios.simulation import Simulation
from sim.columns import COHORT_COLUMNS
from sim.world import restore, snapshot

EXECUTED = COHORT_COLUMNS.index("n_executed")
MOST_QUIET_SHARE = 0.0005
LEAST_CRASH_SHARE = 0.03
FIRST_BLOCKS = 10  # of the fall: the first bands are about to be crossed


@dataclasses.dataclass(frozen=True)
class Pace:
    """How one population in one market went."""

    market: str
    n_vaults: int
    n_blocks: int
    seconds: float  # median over the repeats
    trading_share: float  # of vaults with an executed transaction in a block, mean over blocks
    transactions_a_block: float

    @property
    def steps_per_second(self) -> float:
        """Vault-steps a second."""
        return self.n_vaults * self.n_blocks / self.seconds

    @property
    def block_seconds(self) -> float:
        """Seconds a block."""
        return self.seconds / self.n_blocks


def blocks_to_run(market: Market, n_vaults: int, effort: float) -> int:
    """Enough blocks that the clock does not matter, and no more."""
    if market is CRASH:
        return CRASH_BLOCKS - FIRST_BLOCKS
    return int(min(max(effort * 1e8 / n_vaults, 40), market.n_blocks - WARM_UP_BLOCKS, 5_000))


def pace(market: Market, n_vaults: int, effort: float = 1.0, seed: int = 7) -> Pace:
    """Run the same blocks of one population a few times."""
    sim = Simulation(scenario(n_vaults, market), seed)
    _run(sim, WARM_UP_BLOCKS + (FIRST_BLOCKS if market is CRASH else 0))
    n_blocks = blocks_to_run(market, n_vaults, effort)
    born = snapshot(sim.world)
    n_trades, _ = _run(sim, n_blocks)  # once for the counts and the caches
    seconds = []
    for _ in range(3 if n_vaults >= 100_000 else 7):
        restore(sim.world, born)
        seconds.append(_run(sim, n_blocks)[1])
    share = n_trades / n_blocks / n_vaults
    transactions = n_trades / n_blocks
    return Pace(market.name, n_vaults, n_blocks, statistics.median(seconds), share, transactions)


def _run(sim: Simulation, n_blocks: int) -> tuple[float, float]:
    """Trades of vaults, and seconds with the draining of the log."""
    n_vault_cohorts = len(rows(1))
    n_trades = 0.0
    begun = time.perf_counter()
    while n_blocks > 0:
        n_blocks -= sim.run(n_blocks)
        n_trades += float(sim.drain().cohorts[:, :n_vault_cohorts, EXECUTED].sum())
    return n_trades, time.perf_counter() - begun


def scaling_exponent(paces: list[Pace]) -> float:
    """Slope of log time a block against log vaults, from 1k vaults on: at most 1 is linear."""
    chosen = [pace for pace in paces if pace.n_vaults >= 1_000]
    x = np.log([pace.n_vaults for pace in chosen])
    y = np.log([pace.block_seconds for pace in chosen])
    if len(chosen) < 2:
        return math.nan
    return float(np.polyfit(x, y, 1)[0])


@functools.cache
def paces(sizes: tuple[int, ...], effort: float) -> dict[str, list[Pace]]:
    """All sizes, quiet and crash in turn."""
    found: dict[str, list[Pace]] = {QUIET.name: [], CRASH.name: []}
    for n_vaults in sizes:
        for market in (QUIET, CRASH):
            found[market.name].append(pace(market, n_vaults, effort))
    return found


def measures(found: dict[str, list[Pace]]) -> list[Measure]:
    """What the issue promised of these numbers."""
    told = []
    for market, of_market in found.items():
        span = f"{of_market[0].n_vaults:,} to {of_market[-1].n_vaults:,} vaults"
        chosen = [pace.n_vaults for pace in of_market if pace.n_vaults >= 1_000]
        if len(chosen) > 1:
            span = f"{chosen[0]:,} to {chosen[-1]:,} vaults"
        exponent = scaling_exponent(of_market)
        told.append(Measure(f"scaling exponent, {market}", exponent, "", 1.0, span))
    quiet = max(pace.trading_share for pace in found[QUIET.name])
    crash = min(pace.trading_share for pace in found[CRASH.name])
    told.append(
        Measure(
            "vaults trading in a quiet block, most",
            100 * quiet,
            "%",
            100 * MOST_QUIET_SHARE,
        )
    )
    told.append(
        Measure(
            "vaults trading in a crash block, shortfall from 3 %",
            100 * max(LEAST_CRASH_SHARE - crash, 0.0),
            "%",
            0.0,
            f"least mean share {100 * crash:.2f} %",
        )
    )
    return told

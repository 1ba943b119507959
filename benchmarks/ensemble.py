"""An ensemble of two hundred seeds of a thousand vaults over a day of blocks, on two workers."""

from __future__ import annotations

import resource
import time

import aftershock as af
from benchmarks.measure import Measure
from scenarios.load import load

N_SEEDS, N_BLOCKS, WORKERS = 200, 7_200, 2
PRESET = "calm_market"


def measures(n_seeds: int = N_SEEDS) -> list[Measure]:
    """Wall seconds, and how many cores were at work."""
    scenario = load(PRESET, [f"time.horizon={N_BLOCKS} blocks", *_a_thousand()])
    af.ensemble(scenario, WORKERS, workers=WORKERS, progress=False)  # compiled, and imported
    begun, cpu = time.perf_counter(), _cpu_seconds()
    af.ensemble(scenario, n_seeds, workers=WORKERS, progress=False)
    seconds, used = time.perf_counter() - begun, _cpu_seconds() - cpu
    rows = sum(cohort.n_rows for cohort in scenario.cohorts if cohort.role == "vault")
    name = f"ensemble, {n_seeds} seeds x {rows:,} vaults x {N_BLOCKS:,} blocks on {WORKERS} workers"
    cores = used / seconds
    note = (
        f"{used:.0f} CPU s, {cores:.2f} cores at work; a member: {1e3 * used / n_seeds:.0f} CPU ms"
    )
    idle = 1.0 - cores / WORKERS
    return [
        Measure(name, seconds, "s", 180.0, note),
        Measure(f"{name}: share of the cores left idle", 100.0 * idle, "%", 10.0),
    ]


def _a_thousand() -> list[str]:
    """Each cohort of vaults cut down in proportion, a thousand rows in all."""
    vaults = [cohort for cohort in load(PRESET).cohorts if cohort.role == "vault"]
    total = sum(cohort.n_rows for cohort in vaults)
    return [f"cohorts.{one.name}.n_rows={1_000 * one.n_rows // total}" for one in vaults]


def _cpu_seconds() -> float:
    """Of this process and of the workers that have ended."""
    own, ended = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime

"""The preset black_thursday_2020 from birth to end, in memory, as a reader of the README would run it."""

from __future__ import annotations

import time

from benchmarks.measure import Measure
from scenarios.load import load
from scenarios.simulation import Simulation


def measures(preset: str = "black_thursday_2020") -> list[Measure]:
    """Seconds and blocks a second, the log drained and counted."""
    scenario = load(preset)
    vaults = [cohort for cohort in scenario.cohorts if cohort.role == "vault"]
    sim = Simulation(scenario, 7)
    sim.run(1)
    begun = time.perf_counter()
    n_blocks = n_events = 0
    while not sim.is_done:
        n_blocks += sim.run()
        n_events += len(sim.drain().events)
    seconds = time.perf_counter() - begun
    n_rows = sum(cohort.n_rows for cohort in vaults)
    note = f"{n_rows:,} vault rows, {n_blocks:,} blocks, {n_events:,} events"
    return [
        Measure(f"{preset}, whole run", seconds, "s", None, note),
        Measure(f"{preset}, blocks a second", n_blocks / seconds, "blocks/s"),
    ]

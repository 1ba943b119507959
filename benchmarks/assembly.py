"""Atomic reference counts in the machine code of a run: each costs as much as a swap, so there are none."""

from __future__ import annotations

import re

from benchmarks.measure import Measure
from benchmarks.population import QUIET, scenario
from scenarios import step
from scenarios.simulation import Simulation

COUNTED = re.compile(r"\bNRT_(?:incref|decref)\b|^\s*lock\b", re.MULTILINE)


def reference_counts(assembly: str) -> int:
    """Calls of numba's reference counter, and instructions with the ``lock`` prefix."""
    return len(COUNTED.findall(assembly))


def assembly_of_run() -> str:
    """The machine code of ``step.run`` and of all that is inlined into it, as text."""
    sim = Simulation(scenario(100, QUIET), 7)
    # Code from the disk cache has no text any more: compile once without writing to the cache.
    dispatcher = step.run.uncached()
    dispatcher(sim.world, sim.view, 1)
    return "\n".join(dispatcher.inspect_asm().values())


def measures() -> list[Measure]:
    """The promise is none."""
    assembly = assembly_of_run()
    n_lines = len(assembly.splitlines())
    counts = reference_counts(assembly)
    return [Measure("reference counts in run's assembly", counts, "", 0.0, f"{n_lines:,} lines")]

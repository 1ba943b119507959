"""What recording costs: a run as it is, and the same run with its log looked at, uncopied, and thrown away.

Both build the world, run every block, look for the worst one and audit; the first also takes snapshots and
makes the tables. The summary, which an analyst asks for afterwards, belongs to neither.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from analysis.drive import Stop, drive, start
from analysis.parts import Kept
from analysis.worst import Worst
from benchmarks.measure import Measure
from benchmarks.population import QUIET, scenario
from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Simulation

NEVER = 2**62
N_VAULTS, N_BLOCKS = 10_000, 7_200


def _recorded(scenario: Scenario) -> None:
    sim, kept = Simulation(scenario, 7), Kept()
    start(sim, kept)
    drive(sim, kept, Stop(), NEVER, None, lambda _: None, Worst(sim))
    sim.audit()
    kept.lazy()


def _thrown_away(scenario: Scenario) -> None:
    sim = Simulation(scenario, 7)
    worst = Worst(sim)

    def throw_away() -> None:
        worst.see(sim, sim.recorded())
        sim.forget()

    while not sim.is_done:
        if worst.is_due(sim):
            throw_away()
            worst.keep(sim)
        sim.run(50)
        if not sim.has_room:
            throw_away()
    throw_away()
    with worst.revisited(sim):
        pass
    sim.audit()


def _cpu(work: Callable[[Scenario], None], scenario: Scenario) -> float:
    begun = time.process_time()
    work(scenario)
    return time.process_time() - begun


def measures(preset: str = "black_thursday_2020", repeats: int = 4) -> list[Measure]:
    """The share of a run's CPU seconds that goes into snapshots and tables; least of a few of each.

    Of a small preset, where a block takes twenty microseconds, and of ten thousand vaults in a quiet market.
    """
    market = dataclasses.replace(QUIET, n_blocks=N_BLOCKS)
    name = "recording at the default cadence, share of a run"
    of_many = f"{N_VAULTS:,} vaults, {N_BLOCKS:,} quiet blocks"
    return [
        _share(name, preset, load(preset), repeats),
        _share(f"{name}, {of_many}", of_many, scenario(N_VAULTS, market), repeats),
    ]


def _share(name: str, what: str, of: Scenario, repeats: int) -> Measure:
    pairs = [(_cpu(_recorded, of), _cpu(_thrown_away, of)) for _ in range(repeats + 1)]
    whole, bare = (min(seconds) for seconds in zip(*pairs[1:], strict=True))
    share = 100.0 * (whole - bare) / whole
    note = f"{what}: {whole:.2f} CPU s recorded, {bare:.2f} with the log thrown away"
    return Measure(name, share, "%", 15.0, note)

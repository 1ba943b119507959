"""One member of an ensemble, as cheaply as it can be had: the engine, one look at its log, the summary.

A run of ``af.run`` spends most of its time on tables that an ensemble does not keep. Here the log is large
enough for the whole run, it is emptied once, and of its tables only those are made that the summary
asks for. The numbers are those of ``af.run`` under the same seed, to the last bit.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import execute, exposures, snapshots, tables
from analysis.ensemble_numbers import Number, flat
from analysis.ensemble_paths import n_blocks, path_rows
from analysis.incidence import incidence
from analysis.summary import summarise
from analysis.worst import Worst

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario
    from scenarios.simulation import Recorded, Simulation

STRETCH = 600  # blocks between two looks at whether the user wants an end
LOG_BYTES = 128_000_000  # of a member; a longer run empties its log in between


@dataclasses.dataclass(frozen=True)
class Member:
    """What an ensemble keeps of one seed."""

    seed: int
    prices_sha256: str  # of the fundamental prices in every slot: no two members may share them
    birth_sha256: str  # of everything that was drawn or computed before the first block
    numbers: dict[str, Number]
    undefined: dict[str, str]
    path: np.ndarray  # (rows, path columns) float64


def run_member(
    scenario: Scenario, seed: int, every: int, advance: Callable[[int], object] | None = None
) -> Member:
    """Run one seed to its end; ``advance`` is told of every stretch, and may raise to stop it."""
    sim = execute.engine()(scenario, seed)
    prices, birth = _draws(sim)
    _give_room(sim)
    drained: list[Recorded] = []
    worst = Worst(sim)
    burn_in, horizon = scenario.time.burn_in_blocks, scenario.time.horizon_blocks
    _run_to(sim, burn_in, drained, advance, worst)
    now = sim.snapshot()
    vaults, marks = snapshots.vaults(sim, now), [snapshots.marks(sim, now, ["start"])]
    _run_to(sim, burn_in + horizon, drained, advance, worst)
    marks.append(snapshots.marks(sim, sim.snapshot(), ["horizon"]))
    _run_to(sim, sim.n_slots, drained, advance, worst)
    sim.audit()
    recorded = tables.joined([*drained, sim.drain()])
    with worst.revisited(sim):
        marks.append(snapshots.marks(sim, sim.snapshot(), ["worst"]))
    summary = summarise(sim, _Tables(sim, recorded, vaults, marks))
    path = path_rows(scenario, sim.block_columns, recorded, every)
    return Member(seed, prices, birth, flat(summary), dict(summary["undefined"]), path)


def _draws(sim: Simulation) -> tuple[str, str]:
    clock = sim.world.clock
    prices = hashlib.sha256(clock.fundamental_price_usd.tobytes())
    birth = prices.copy()
    for drawn in (clock.dials, sim.world.cohorts.column, sim.world.ledger.memory):
        birth.update(drawn.tobytes())
    return prices.hexdigest(), birth.hexdigest()


def _give_room(sim: Simulation) -> None:
    """A log for the whole run. Its pages are touched where the engine writes them, without the GIL."""
    log = sim.world.log
    names = ("blocks", "cohorts", "pools", "reserves", "redemptions", "share_vaults")
    arrays = [getattr(log, name) for name in names]
    row_bytes = sum(array[0].nbytes for array in arrays)
    n_rows = max(len(log.blocks), min(n_blocks(sim.scenario) + 1, LOG_BYTES // row_bytes))
    larger: dict[str, Any] = {
        name: np.zeros((n_rows, *array.shape[1:]))
        for name, array in zip(names, arrays, strict=True)
    }
    wider = log._replace(**larger)
    sim.world = sim.python_cohorts.world = sim.world._replace(log=wider)


def _run_to(
    sim: Simulation,
    slot: int,
    drained: list[Recorded],
    advance: Callable[[int], object] | None,
    worst: Worst,
) -> None:
    while sim.slot < slot:
        if not sim.has_room:
            drained.append(sim.drain())
        if worst.is_due(sim):
            worst.keep(sim)
        first = int(sim.world.log.n[0])
        done = sim.run(min(STRETCH, slot - sim.slot))
        log, n = sim.world.log, int(sim.world.log.n[0])
        worst.look(sim, log.blocks[first:n], log.cohorts[first:n], log.reserves[first:n])
        if advance is not None:
            advance(done)


class _Tables(Mapping[str, "pl.LazyFrame"]):
    """The tables of a run, each made when it is first asked for; snapshots only of start and end."""

    def __init__(
        self, sim: Simulation, recorded: Recorded, vaults: pl.DataFrame, marks: list[pl.DataFrame]
    ) -> None:
        self._sim, self._recorded, self._start, self._marks = sim, recorded, vaults, marks
        self._made: dict[str, pl.LazyFrame] = {}

    def __getitem__(self, name: str) -> pl.LazyFrame:
        if name not in self._made:
            self._made[name] = self._make(name).lazy()
        return self._made[name]

    def _make(self, name: str) -> Any:
        sim, recorded = self._sim, self._recorded
        if name == "vaults":
            return self._start.vstack(snapshots.vaults(sim, sim.snapshot()))
        if name == "marks":
            return self._marks[0].vstack(self._marks[1]).vstack(self._marks[2])
        if name == "incidence":
            return incidence(sim)
        if name == "keepers":
            return snapshots.keepers(sim)
        if name == "exposures":
            return exposures.exposures(sim)
        if name == "events":
            return tables.events(sim, recorded.events)
        if name in ("blocks", "cohorts", "pools", "markets", "redemptions", "share_vaults"):
            return getattr(tables, name)(sim, recorded)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(tables.table_names(self._sim.scenario))

    def __len__(self) -> int:
        return len(tables.table_names(self._sim.scenario))

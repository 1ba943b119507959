"""The loop around the engine: run a stretch, drain its log, take snapshots, checkpoint, show progress.

Which block anything happens at depends on the scenario alone, never on the clock or on an interruption.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from analysis import exposures, snapshots
from analysis.incidence import incidence
from analysis.tables import recorded_tables
from sim.errors import AftershockError, Interrupted

if TYPE_CHECKING:
    import polars as pl

    from scenarios.simulation import Simulation

STRETCH = 50  # blocks between two looks at the keyboard


class Sink(Protocol):
    """What takes the rows: memory or a folder."""

    def add(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """More rows, in order."""


class Stop:
    """Whether the user asked for an end; ``is_worth_saving`` once there is something to resume from."""

    requested = False
    is_worth_saving = False


def drive(
    sim: Simulation,
    sink: Sink,
    stop: Stop,
    checkpoint_every_blocks: int,
    save: Callable[[], None] | None,
    advance: Callable[[int], object],
) -> None:
    """Run to the end; ``save`` writes a checkpoint of what has been drained so far."""
    last_saved = sim.slot
    while not _is_over(sim):
        _run_to(sim, sink, _next_stop(sim), advance)
        stop.is_worth_saving = save is not None
        sink.add(_snapshots(sim))
        if _is_over(sim):
            break
        is_old = sim.slot - last_saved >= checkpoint_every_blocks
        if save is not None and (is_old or stop.requested):
            sink.add(recorded_tables(sim, sim.drain()))
            save()
            last_saved = sim.slot
        if stop.requested:
            raise Interrupted(f"stopped at block {sim.block} of {_n_blocks(sim)}.")
    sink.add(recorded_tables(sim, sim.drain()))


def _snapshots(sim: Simulation) -> dict[str, pl.DataFrame]:
    """What is due between the last block and the next."""
    tables = {}
    if _is_due(sim, sim.scenario.record.vaults_every_blocks):
        tables["vaults"] = snapshots.vaults(sim)
    if _is_due(sim, sim.scenario.record.keepers_every_blocks):
        tables["keepers"] = snapshots.keepers(sim)
    if sim.block == 0 or _is_over(sim):
        tables["exposures"] = exposures.exposures(sim)
    if _is_over(sim):
        tables["incidence"] = incidence(sim)
    return tables


def _is_over(sim: Simulation) -> bool:
    return sim.is_done


def start(sim: Simulation, sink: Sink) -> None:
    """Snapshots of a run that has no burn-in, before its first block."""
    if sim.block == 0:
        sink.add(_snapshots(sim))


def _n_blocks(sim: Simulation) -> int:
    return sim.scenario.time.horizon_blocks + sim.scenario.time.settle_blocks


def _is_due(sim: Simulation, every: int) -> bool:
    return sim.block >= 0 and (sim.block % every == 0 or _is_over(sim))


def _next_stop(sim: Simulation) -> int:
    """The next block at which something is due."""
    block, record = sim.block, sim.scenario.record
    if block < 0:
        return min(0, block + STRETCH)
    every = (record.vaults_every_blocks, record.keepers_every_blocks, STRETCH)
    return min(_n_blocks(sim), *(block + step - block % step for step in every))


def _run_to(sim: Simulation, sink: Sink, block: int, advance: Callable[[int], object]) -> None:
    while sim.block < block:
        done = sim.run(block - sim.block)
        advance(done)
        if sim.block < block:
            recorded = sim.drain()
            if done == 0 and len(recorded.blocks) == 0 and len(recorded.events) == 0:
                raise AftershockError(f"the log has no room for block {sim.block}.")
            sink.add(recorded_tables(sim, recorded))


@contextlib.contextmanager
def listening(stop: Stop) -> Iterator[None]:
    """The first Ctrl-C asks for an end between two blocks, the second one does not wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(signal_number: int, frame: object) -> None:
        if stop.requested or not stop.is_worth_saving:
            raise KeyboardInterrupt
        stop.requested = True

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

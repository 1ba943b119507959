"""The loop around the engine: run a stretch, drain its log, take snapshots, checkpoint, show progress.

Which block anything happens at depends on the scenario alone, never on the clock or on an interruption.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from analysis.backlog import Backlog
from analysis.worst import Worst
from sim.errors import Interrupted

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
    worst: Worst,
) -> None:
    """Run to the end; ``save`` writes a checkpoint of what has been drained so far."""
    last_saved, backlog = sim.slot, Backlog(sim, sink, worst)
    while not sim.is_done:
        if worst.is_due(sim):
            backlog.take()
            backlog.look_for_worst()
            worst.keep(sim)
        _run_to(sim, backlog, _next_stop(sim), advance)
        stop.is_worth_saving = save is not None
        _look(sim, backlog)
        if sim.is_done:
            break
        is_old = sim.slot - last_saved >= checkpoint_every_blocks
        if save is not None and (is_old or stop.requested):
            backlog.take()
            backlog.flush()
            save()
            last_saved = sim.slot
        if stop.requested:
            raise Interrupted(f"stopped at block {sim.block} of {_n_blocks(sim)}.")
    backlog.take()
    backlog.look_for_worst()
    if worst.block is not None:
        with worst.revisited(sim):
            _snap_worst(sim, backlog)
    backlog.flush()


def start(sim: Simulation, sink: Sink) -> None:
    """Snapshots of a run that has no burn-in, before its first block."""
    if sim.block == 0:
        backlog = Backlog(sim, sink, Worst(sim))
        _snap(sim, backlog)
        backlog.flush()


def _look(sim: Simulation, backlog: Backlog) -> None:
    """Snapshots. Those of vaults come behind their events, wherever the log was emptied before."""
    if _occasions(sim):
        backlog.take()
    _snap(sim, backlog)


def _snap(sim: Simulation, backlog: Backlog) -> None:
    """What is due between the last block and the next."""
    occasions = _occasions(sim)
    if occasions:
        backlog.snap_vaults(occasions)
    if _is_due(sim, sim.scenario.record.keepers_every_blocks):
        backlog.snap_keepers()
    if _is_due(sim, sim.scenario.record.exposures_every_blocks):
        backlog.snap_exposures()
    if sim.is_done:
        backlog.snap_incidence()


def _snap_worst(sim: Simulation, backlog: Backlog) -> None:
    """What is written of the worst block; of a block that was due anyway, only that it was the worst."""
    backlog.snap_vaults(["worst"], only_marks=bool(_occasions(sim)))
    if not _is_due(sim, sim.scenario.record.exposures_every_blocks):
        backlog.snap_exposures()


def _occasions(sim: Simulation) -> list[str]:
    """Why all vaults are looked at between this block and the next, if they are."""
    block, every = sim.block, sim.scenario.record.vaults_every_blocks
    reasons = {
        "start": block == 0,
        "interval": block > 0 and block % every == 0,
        "horizon": block == sim.scenario.time.horizon_blocks,
        "end": sim.is_done,
    }
    return [reason for reason, holds in reasons.items() if holds]


def _n_blocks(sim: Simulation) -> int:
    return sim.scenario.time.horizon_blocks + sim.scenario.time.settle_blocks


def _is_due(sim: Simulation, every: int) -> bool:
    return sim.block >= 0 and (sim.block % every == 0 or sim.is_done)


def _next_stop(sim: Simulation) -> int:
    """The next block at which something is due."""
    block, record = sim.block, sim.scenario.record
    if block < 0:
        return min(0, block + STRETCH)
    every = (
        record.vaults_every_blocks,
        record.keepers_every_blocks,
        record.exposures_every_blocks,
        STRETCH,
    )
    stops = [block + step - block % step for step in every]
    if block < sim.scenario.time.horizon_blocks:
        stops.append(sim.scenario.time.horizon_blocks)
    return min(_n_blocks(sim), *stops)


def _run_to(
    sim: Simulation, backlog: Backlog, block: int, advance: Callable[[int], object]
) -> None:
    while sim.block < block:
        if not sim.has_room:
            backlog.take()
        advance(sim.run(block - sim.block))


@contextlib.contextmanager
def listening(stop: Stop) -> Iterator[None]:
    """The first Ctrl-C asks for an end between two blocks, the second one does not wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(signal_number: int, frame: object) -> None:
        waits = stop.is_worth_saving and not stop.requested
        stop.requested = True
        if not waits:  # python loses what is raised while a destructor is at work
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

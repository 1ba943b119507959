"""What an ensemble is to do, checked before any of it is done: seeds, cadence, workers, room on the disk."""

from __future__ import annotations

import pathlib
import shutil
from typing import TYPE_CHECKING

from analysis.ensemble_paths import default_cadence, estimated_bytes, n_blocks
from analysis.ensemble_rules import Executor, kind_of
from analysis.ensemble_workers import n_workers
from analysis.execute import engine
from analysis.progress import Progress
from analysis.size import size_text
from sim.errors import InputError

if TYPE_CHECKING:
    from scenarios.schema import Scenario

ROOM = 2.2  # times the finished size: parts and tables stand side by side at the end


class Plan:
    """Scenario, seeds and settings of an ensemble, and whom it tells how far it is."""

    def __init__(
        self,
        scenario: Scenario,
        seeds: tuple[int, ...],
        paths_every_blocks: int | None,
        workers: int | None,
        executor: Executor,
        progress: Progress,
    ) -> None:
        self.scenario, self.seeds, self.progress = scenario, seeds, progress
        self.every = _cadence(scenario, paths_every_blocks)
        self.workers = n_workers(workers)
        slots = len(seeds) * (n_blocks(scenario) + scenario.time.burn_in_blocks)
        each = slots / self.workers if self.workers > 1 else 0.0  # one alone has no lock to share
        self.executor = kind_of(executor, scenario, each, progress.say)
        engine()(scenario, seeds[0])  # whatever it refuses, it refuses before anything is written

    def warm_up(self) -> None:
        """One block here, so that workers find the engine compiled instead of each compiling it."""
        sim = engine()(self.scenario, self.seeds[0])
        sim.run(1)
        sim.audit()

    @property
    def n_bytes(self) -> float:
        """About how large the folder will be."""
        return estimated_bytes(self.scenario, len(self.seeds), self.every)

    @property
    def size_line(self) -> str:
        """The same for a reader."""
        return (
            f"{len(self.seeds):,} seeds of {n_blocks(self.scenario):,} blocks, paths every "
            f"{self.every:,} blocks: about {size_text(self.n_bytes)} on disk."
        )

    def refuse_too_large(self, folder: pathlib.Path) -> None:
        """Refuse what would not fit on the disk, before anything runs."""
        above = next(path for path in folder.parents if path.is_dir())
        free, needed = shutil.disk_usage(above).free, ROOM * self.n_bytes
        if needed > free:
            problem = (
                f"{len(self.seeds):,} seeds need about {size_text(needed)} and {size_text(free)} are "
                f"free: give fewer seeds, or paths_every_blocks above {self.every:,}"
            )
            raise InputError(folder, None, None, problem)


def _cadence(scenario: Scenario, every: int | None) -> int:
    if every is None:
        return default_cadence(scenario)
    if type(every) is not int or every < 1:
        problem = "expected a whole number of blocks above zero"
        raise InputError(None, "paths_every_blocks", every, problem)
    return min(every, n_blocks(scenario))

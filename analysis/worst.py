"""The worst block, exactly: the one with the largest loss of the system on market prices.

Which one it is, one knows only at the end. So a copy of the state is kept from before it, and at the end
the blocks from there are run once more: the draws are the same, hence the states. Where copies are taken
changes nothing but the time it takes.
"""

from __future__ import annotations

import contextlib
import math
import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.classes import system_path
from sim.world import aside, freeze, thaw

if TYPE_CHECKING:
    from scenarios.simulation import Recorded, Simulation

# Copying the state costs as much as so many blocks; this many copies weigh as much as the blocks rerun.
COPY_BLOCKS = 100


class Worst:
    """``block`` is the worst of the blocks seen so far, None before the first."""

    def __init__(self, sim: Simulation, told: dict[str, Any] | None = None) -> None:
        n_blocks = sim.scenario.time.horizon_blocks + sim.scenario.time.settle_blocks
        self.spacing = math.isqrt(COPY_BLOCKS * n_blocks) + 1
        self.block: int | None = None
        self._nav_usd = math.inf
        self._before: dict[str, np.ndarray] = {}  # a state before the worst block
        self._here: dict[str, np.ndarray] = {}  # the latest state kept
        self._here_block: int | None = None
        if told is not None:
            self.block, self._nav_usd = told["block"], float.fromhex(told["nav_usd"])
            self._before = told["state"]

    def is_due(self, sim: Simulation) -> bool:
        """Whether it is time for another copy; the first one is of the recorded start."""
        return sim.block >= 0 and (
            self._here_block is None or sim.block - self._here_block >= self.spacing
        )

    def keep(self, sim: Simulation) -> None:
        """Copy the state; everything recorded until now has been seen."""
        # The copy from before the worst block is not written over.
        into = {} if self._here is self._before else self._here
        self._here, self._here_block = freeze(sim.world, into), sim.block

    def see(self, sim: Simulation, recorded: Recorded) -> None:
        """Look for a worse block among those drained since the last look."""
        self.look(sim, recorded.blocks, recorded.cohorts, recorded.reserves)

    def look(
        self, sim: Simulation, blocks: np.ndarray, cohorts: np.ndarray, reserves: np.ndarray
    ) -> None:
        """Look for a worse one among these rows of the log."""
        if not len(blocks):
            return
        path = system_path(sim.scenario, cohorts, reserves)
        lowest = int(np.argmin(path))
        if path[lowest] < self._nav_usd:
            self._nav_usd = float(path[lowest])
            self.block = int(blocks[lowest, 0])
            self._before = self._here

    def save(self, sim: Simulation, folder: pathlib.Path) -> dict[str, Any] | None:
        """Write the state from before the worst block beside a checkpoint, unless it is there already."""
        if self.block is None:
            return None
        name = f"worst.{int(self._before['clock.now']['slot'][0])}"
        if not (folder / name).exists():
            from scenarios import checkpoint

            checkpoint.write(folder / name, sim, self._before)
        return {"block": self.block, "nav_usd": self._nav_usd.hex(), "file": name}

    @classmethod
    def load(cls, sim: Simulation, folder: pathlib.Path, told: dict[str, Any] | None) -> Worst:
        """What :meth:`save` has written; raises DamagedRun if the file is not it."""
        if told is None:
            return cls(sim)
        from scenarios import checkpoint

        return cls(sim, {**told, "state": checkpoint.read(folder / told["file"], sim)})

    @contextlib.contextmanager
    def revisited(self, sim: Simulation) -> Iterator[None]:
        """Inside, the simulation stands at the end of the worst block; afterwards where it stood before.

        The log must have been drained, and is empty again afterwards.
        """
        assert self.block is not None
        now = aside(sim.world)
        thaw(sim.world, self._before)
        try:
            while sim.block <= self.block:
                sim.run(self.block + 1 - sim.block)
                sim.drain()
            yield
        finally:
            thaw(sim.world, now)

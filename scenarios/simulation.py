"""A scenario brought to life: the engine as an object that runs, is looked at, saved and loaded."""

from __future__ import annotations

import dataclasses
import functools
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import checkpoint, step
from scenarios.build import build
from scenarios.layout import Layout
from scenarios.python_cohorts import PythonCohorts, has_room
from sim.audit import BOOKS
from sim.columns import BLOCK_COLUMNS, PRICE_COLUMNS
from sim.compile import prepared
from sim.errors import AftershockError, InvariantBroken
from sim.records import copy_of
from sim.view import View
from sim.world import World

if TYPE_CHECKING:
    from scenarios.keeper_rows import Keepers
    from scenarios.schema import Scenario
    from scenarios.snapshots import Snapshot


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What the log held since it was last drained; rows of recorded slots only."""

    blocks: np.ndarray  # (n, n_block_columns) float64
    cohorts: np.ndarray  # (n, n_cohorts, n_cohort_columns) float64
    pools: np.ndarray  # (n, n_pools, 3) float64
    reserves: np.ndarray  # (n, n_reserves, n_reserve_columns) float64
    redemptions: np.ndarray  # (n, n_redemptions, n_redemption_columns) float64
    share_vaults: np.ndarray  # (n, n_share_vaults, n_share_vault_columns) float64
    events: Any  # (n_events,) EVENT, or by field (n_events,) each
    vaults: np.ndarray  # (n_vault_rows, n_vault_columns) float64


class Simulation:
    """One scenario under one seed. ``names`` translates numbers into names."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.seed = seed
        self.world: World
        self.names: Layout
        self.world, self.names = build(scenario, seed)
        self.view = view_of(self.world)
        self.python_cohorts = PythonCohorts(scenario, self.world, self.view, self.names)
        self._slot = np.asarray(self.world.clock.now["slot"])
        self._prepared_for: World | None = None

    @property
    def n_slots(self) -> int:
        """Slots of a whole run: burn-in, horizon and settling."""
        time = self.scenario.time
        return time.burn_in_blocks + time.horizon_blocks + time.settle_blocks

    @property
    def slot(self) -> int:
        """Slots done since birth."""
        return int(self._slot[0])

    @property
    def block(self) -> int:
        """Recorded blocks done; negative during the burn-in."""
        return self.slot - self.scenario.time.burn_in_blocks

    @property
    def is_done(self) -> bool:
        """Whether the horizon and the time to settle are over."""
        return self.slot >= self.n_slots

    def run(self, n_blocks: int | None = None) -> int:
        """Run up to ``n_blocks`` (default: to the end), until the log is full; returns the blocks done.

        Raises InvariantBroken if the audit finds that books disagree, and AftershockError if the log was
        full already: what it holds must be drained before the run can go on.
        """
        left = self.n_slots - self.slot
        wanted = left if n_blocks is None else min(n_blocks, left)
        if self.python_cohorts:
            done = self.python_cohorts.run(wanted)
        else:
            done = self._run_compiled(wanted)
        self._raise_if_broken()
        if done == 0 and wanted > 0:
            raise AftershockError("the log is full: drain() it before running on")
        return done

    def _run_compiled(self, n_blocks: int) -> int:
        if self._prepared_for is not self.world:
            done = int(step.run(self.world, self.view, n_blocks))
            self._run = prepared(step.run, self.world, self.view, n_blocks)
            self._prepared_for = self.world
            return done
        return int(self._run(self.world, self.view, n_blocks))

    @property
    def has_room(self) -> bool:
        """Whether the log can take one more block; if not, it must be drained."""
        return has_room(self.world)

    def step(self) -> None:
        """One block."""
        if not self.has_room:
            self.drain()
        self.run(1)

    def audit(self) -> None:
        """Compare all books now; raises InvariantBroken if they disagree."""
        step.check_books(self.world)
        self._raise_if_broken()

    def recorded(self) -> Recorded:
        """What the log holds; valid until the next block."""
        log = self.world.log
        n, n_events = int(log.n[0]), int(log.n[1])
        return Recorded(
            log.blocks[:n],
            log.cohorts[:n],
            log.pools[:n],
            log.reserves[:n],
            log.redemptions[:n],
            log.share_vaults[:n],
            np.asarray(log.events)[:n_events],
            log.vaults[: int(log.n[5])],
        )

    def forget(self) -> None:
        """Empty the log."""
        n = self.world.log.n
        n[0] = n[1] = n[5] = 0

    def drain(self) -> Recorded:
        """Copies of what the log holds; the log is empty afterwards."""
        held = self.recorded()
        self.forget()
        return Recorded(**{name: copy_of(rows) for name, rows in vars(held).items()})

    @property
    def block_columns(self) -> list[str]:
        """Names of the columns of ``Recorded.blocks``."""
        prices = [f"{name}.{asset}" for asset in self.names.assets for name in PRICE_COLUMNS]
        oracles = [f"oracle_price_usd.{feed}" for feed in self.names.feeds]
        return [*BLOCK_COLUMNS, *prices, *oracles]

    def snapshot(self) -> Snapshot:
        """What can be said of single rows between the last block and the next."""
        from scenarios.snapshots import Snapshot

        return Snapshot(self.world, self.block)

    def vault_rows(self) -> dict[str, np.ndarray]:
        """One row a vault, as marked at the end of the last block."""
        return self.snapshot().vault_rows()

    @functools.cached_property
    def keepers(self) -> Keepers:
        """Where the numbers of keepers stand."""
        from scenarios.keeper_rows import Keepers

        return Keepers(self.world)

    def keeper_rows(self) -> dict[str, np.ndarray]:
        """One row a keeper: its capital and what became of its bids."""
        return self.keepers.rows([self.keepers.look(self.block)])

    def mark_rows(self) -> dict[str, np.ndarray]:
        """One row a cohort, then one a reserve for its treasury: the three marks."""
        return self.snapshot().mark_rows()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a checkpoint; loading it and running on gives the same bytes."""
        self.python_cohorts.refuse_half_done()
        checkpoint.save(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str], scenario: Scenario, seed: int) -> Simulation:
        """Read a checkpoint of this scenario and seed; raises DamagedRun if it is not one."""
        simulation = cls(scenario, seed)
        checkpoint.load(path, simulation)
        return simulation

    def _raise_if_broken(self) -> None:
        log = self.world.log
        if log.n[3] != 0:
            token = self.names.tokens[int(log.n[2])]
            difference = float(log.breach[0] - log.breach[1])
            raise InvariantBroken(f"{token} ({BOOKS[int(log.n[3])]})", self.block, difference)


def view_of(world: World) -> View:
    """What agents may see of a world."""
    return View(
        world.clock.now,
        world.clock.dials,
        world.ledger,
        world.venues.pools,
        world.venues.markets,
        world.venues.emodes,
        world.venues.reserves,
        world.venues.feeds,
        world.venues.exchanges,
        world.venues,
        world.cohorts,
        world.chains,
    )

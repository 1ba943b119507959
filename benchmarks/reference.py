"""How many times as fast as its executable specification the engine is, on the same rules to the same bits.

The reference model (``tests/reference``) is plain Python, a Mesa agent a row. Both live through the same
blocks of the same world; neither audits nor records; what is drawn ahead and what is built at birth is not
timed on either side. At the end every balance and every number that outlives a block must be equal in bits.
"""

from __future__ import annotations

import dataclasses
import gc
import statistics
import time
from collections.abc import Callable

from benchmarks.measure import Measure
from benchmarks.population import CRASH, QUIET, Market, scenario
from scenarios.simulation import Simulation
from sim.world import restore, snapshot
from tests import engine_told
from tests.hand_over import hand_over
from tests.reference import record
from tests.reference.model import ReferenceModel
from tests.reference.participant import Participant
from tests.side_by_side import difference

SEED = 7
BURN_IN_BLOCKS = 5
FIRST_BLOCKS = 10  # of the fall: the first bands are about to be crossed
REPEATS = 7  # of the engine; the reference model runs once, for it cannot be put back
NEVER = 1 << 40  # a slot that is not reached
# Blocks in the quiet and in the falling market: some seconds of the reference model.
BLOCKS = {1_000: (200, 80), 10_000: (40, 40), 100_000: (16, 8)}
LEAST_RATIO = {1_000: 100.0, 10_000: 200.0, 100_000: 200.0}  # promised


@dataclasses.dataclass(frozen=True)
class Race:
    """The same blocks twice."""

    market: str
    n_vaults: int
    n_blocks: int
    engine_seconds: float
    reference_seconds: float
    bare_do_seconds: float  # Mesa visits every agent once, and none of them does anything
    difference: str  # what differs between the two at the end; empty if nothing does

    @property
    def ratio(self) -> float:
        """The engine's pace over that of the reference model."""
        return self.reference_seconds / self.engine_seconds

    @property
    def note(self) -> str:
        """The reference model's own pace, and the most that any model with Mesa agents could reach."""
        steps = self.n_vaults * self.n_blocks
        return (
            f"{self.n_blocks} blocks; reference {steps / self.reference_seconds / 1e6:.3g} M, "
            f"bare agents.do {self.n_vaults / self.bare_do_seconds / 1e6:.3g} M, "
            f"engine {steps / self.engine_seconds / 1e6:.3g} M vault-steps/s; "
            + (f"DIFFERENT: {self.difference}" if self.difference else "states equal in bits")
        )


def race(market: Market, n_vaults: int, n_blocks: int) -> Race:
    """Bring both to the first block that counts, and time them from there."""
    world = scenario(n_vaults, market).with_(**{"time.burn_in_blocks": BURN_IN_BLOCKS})
    sim = Simulation(world, SEED)
    now = sim.world.clock.now[0]
    now.first_recorded_slot = now.audit_every_blocks = NEVER
    model = ReferenceModel(hand_over(sim))
    warm_up = BURN_IN_BLOCKS + (FIRST_BLOCKS if market is CRASH else 0)
    _steps(model, warm_up)
    sim.run(warm_up)

    bare_do_seconds = _seconds(lambda: model.agents.do(_nothing)) * n_vaults / len(model.agents)
    reference_seconds = _seconds(lambda: _steps(model, n_blocks))
    born = snapshot(sim.world)
    engine_seconds = []
    for _ in range(REPEATS):
        restore(sim.world, born)
        engine_seconds.append(_seconds(lambda: sim.run(n_blocks)))
    differs = difference(engine_told.state(sim), record.state(model))
    return Race(
        market.name,
        n_vaults,
        n_blocks,
        statistics.median(engine_seconds),
        reference_seconds,
        bare_do_seconds,
        differs,
    )


def _steps(model: ReferenceModel, n_blocks: int) -> None:
    for _ in range(n_blocks):
        model.step()


def _nothing(agent: Participant) -> None:
    """What a vault does here in its turn."""


def _seconds(work: Callable[[], object]) -> float:
    """CPU time, for both sides use one core and others may use it too.

    The garbage collector leaves alone what was built before, in favour of plain Python.
    """
    gc.collect()
    gc.freeze()
    begun = time.process_time()
    work()
    seconds = time.process_time() - begun
    gc.unfreeze()
    return seconds


def measures(is_quick: bool) -> list[Measure]:
    """A ratio a size and market; a difference in bits leaves no promise kept."""
    told = []
    for n_vaults, blocks in BLOCKS.items():
        if is_quick and n_vaults > min(BLOCKS):
            continue
        for market, n_blocks in zip((QUIET, CRASH), blocks, strict=True):
            found = race(market, n_vaults, n_blocks)
            name = f"x the reference model, same rules and bits, {n_vaults:,} vaults, {market.name}"
            ratio = 0.0 if found.difference else found.ratio
            told.append(Measure(name, ratio, "x", note=found.note, least=LEAST_RATIO[n_vaults]))
    return told

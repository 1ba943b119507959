"""One verb of a venue: what it costs once it is executed, beside its bare arithmetic on one row.

The venues are those of the prompt, with one row each; the engine executes the same transaction again and
again (a swap there and back), with gas, journal, transfers, the books of the venue, who paid whom, the
event and the conservation books. Nobody belongs to a cohort, and there is no line to stand in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.venues.venue import Venue
from benchmarks.measure import Measure, best_seconds
from benchmarks.swaps import execute_line
from scenarios.build import new_log
from sim.transaction import GAS_UNITS
from sim.world import freeze, thaw

N_CALLS = 1_000
REPEATS = 51
PRICE_GWEI = 1.0
PROMISED = 2.0
PROMISED_OF_CURVES = 1.5  # where the formula is long: StableSwap, weighted


@dataclasses.dataclass(frozen=True)
class Case:
    """One verb: the venue, the calls that take turns, and what is left of them without an engine."""

    name: str
    venue: Venue
    calls: tuple[Callable[[], Any], ...]
    bare: Callable[..., Any]
    state: tuple[Any, ...]  # arrays (or tables) that the bare chain works on
    promised: float = PROMISED

    def measure(self) -> Measure:
        """Executed over bare."""
        bare_ns = 1e9 * _bare_seconds(self) / N_CALLS
        executed_ns = 1e9 * _executed_seconds(self) / N_CALLS
        note = f"{executed_ns:.0f} ns executed, {bare_ns:.1f} ns bare"
        ratio = executed_ns / bare_ns
        return Measure(f"{self.name} over its bare chain", ratio, "x", self.promised, note)


def row(*numbers: float) -> np.ndarray:
    """What a bare chain works on."""
    return np.array(numbers)


def _executed_seconds(case: Case) -> float:
    """Seconds for ``N_CALLS`` executions, the state being put back between repeats."""
    venue = case.venue
    before = freeze(venue._world, {})
    legs = []
    for call in case.calls:
        call()
        legs.append(venue._world.chains.mempool[0, 0].copy())
    thaw(venue._world, before)
    log = new_log(venue._layout, 2 * N_CALLS, [True] * len(venue._layout.groups))
    world = venue._world._replace(log=log)
    for place, leg in enumerate(legs):
        leg["gas"], leg["max_fee_gwei"] = GAS_UNITS[int(leg["kind"])], 5.0
        world.chains.mempool[0, place] = leg
    now, chain = world.clock.now[0], world.chains.table[0]
    now.first_recorded_slot, chain.paid_base_fee_gwei = 0, 0.5 * PRICE_GWEI
    chain.pending = len(legs)  # so that they are put back with the rest
    start = freeze(world, {})
    places = np.arange(N_CALLS) % len(legs)

    def put_back() -> None:
        thaw(world, start)
        world.log.n[:] = 0

    seconds = best_seconds(put_back, lambda: execute_line(world, places, PRICE_GWEI), REPEATS)
    n_written, n_reverted = int(world.log.n[1]), int(world.chains.table[0].reverted)
    thaw(venue._world, before)
    if n_written != N_CALLS or n_reverted:
        raise AssertionError(
            f"{case.name}: {n_written} of {N_CALLS} were written down, {n_reverted} reverted"
        )
    return seconds


def _bare_seconds(case: Case) -> float:
    kept = [part.copy() for part in case.state]

    def put_back() -> None:
        for part, before in zip(case.state, kept, strict=True):
            part[...] = before

    return best_seconds(put_back, lambda: case.bare(N_CALLS, *case.state), REPEATS)

"""No decision knows a later price: other prices after block t leave every byte up to t as it was.

Everything is compared, not only what agents sent: prices, sums of cohorts, pools, reserves, events.
"""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.simulation import Simulation
from scenarios.streams import generator
from tests.short_window import BURN_IN, window

LATEST = (3, 11, 24, 40)  # recorded blocks: before the fall, within it, at its end, after it
SEED = 100

pytestmark = pytest.mark.usefixtures("compiled_engine")


def until(simulation: Simulation, slot: int) -> dict[str, bytes]:
    """Run on to this slot; every byte recorded on the way, and the whole memory at its end."""
    simulation.run(slot - simulation.slot)
    recorded = vars(simulation.drain())
    told = {name: array.tobytes() for name, array in recorded.items()}
    return {
        **told,
        "memory": simulation.world.ledger.memory.tobytes(),
        "mempool": simulation.world.chains.mempool.tobytes(),
        "columns": simulation.world.cohorts.column.tobytes(),
    }


@pytest.mark.parametrize("preset", ["black_thursday_2020", "calm_market", "keeper_drought"])
@pytest.mark.parametrize("block", LATEST)
def test_other_prices_later_change_nothing_before(preset: str, block: int) -> None:
    here, there = (Simulation(window(preset), SEED) for _ in range(2))
    slot = BURN_IN + block
    prices = there.world.clock.fundamental_price_usd
    later = prices[slot + 1 :]
    later *= np.exp(0.3 * generator(SEED, f"evidence.later.{block}").standard_normal(later.shape))
    assert until(here, slot) == until(there, slot)
    # And they are seen when their time has come: the comparison can fail.
    assert until(here, slot + 1) != until(there, slot + 1)


def test_the_window_has_decisions_to_compare() -> None:
    simulation = Simulation(window("black_thursday_2020"), SEED)
    simulation.run(BURN_IN + LATEST[1])
    assert len(simulation.drain().events) > 100

"""A fall and a recovery over five seeds: what a loan in bands loses, and the same loan that is liquidated.

Loss is measured against whoever had the same loan and was never touched.
"""

from __future__ import annotations

import pytest

from scenarios.simulation import Simulation
from tests.banded_stage import banded_stage
from tests.evidence.measures import FEW_SEEDS

EQUITY_USD, LEVERAGE, BIRTH_USD = 5e6, 3.5, 3000.0
pytestmark = pytest.mark.usefixtures("compiled_engine")


def losses(seed: int) -> tuple[float, float]:
    """Shares of equity lost at the end: in bands, and in the pooled market."""
    sim = Simulation(banded_stage(), seed)
    while not sim.is_done:
        sim.run(200)
        sim.drain()
    price = float(sim.world.venues.exchanges[0].market_price_usd)
    untouched_usd = EQUITY_USD * (1.0 + LEVERAGE * (price / BIRTH_USD - 1.0))
    soft, hard = (float(cohort.nav_usd) for cohort in sim.world.cohorts.table[:2])
    return 1.0 - soft / untouched_usd, 1.0 - hard / untouched_usd


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_bands_lose_a_small_part_of_what_a_hard_liquidation_does(seed):
    soft, hard = losses(seed)
    assert 0.03 < soft < 0.08
    assert hard > 0.35
    assert soft < 0.2 * hard

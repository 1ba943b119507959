"""While its issuer is closed a coin falls, and a coin whose peg module is open to it falls with it.

Stage: the preset ``redemption_weekend_2023``. Its twins: the issuer never closes; the peg module is full at
birth. Over five seeds; ``-s`` prints the numbers of ``docs/evidence.md``.
"""

from __future__ import annotations

from typing import Any

import pytest

import aftershock as af
from scenarios.load import load
from scenarios.schema.redemptions import WEEKDAYS
from tests.evidence.measures import FEW_SEEDS

CLOSED_HOURS = (6.0, 70.0)  # Friday 22:00 to Monday 14:00 UTC, from the recorded start
ALWAYS_OPEN = {
    "redemptions.issuer.opens_seconds": 0.0,
    "redemptions.issuer.closes_seconds": 86_400.0,
    "redemptions.issuer.weekdays": list(WEEKDAYS),
    "redemptions.issuer.daily_cap_usd": 1e9,
}
FULL = {"redemptions.peg.cap_usd": 80e6}

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def lowest(seed: int, changes: dict[str, Any]) -> tuple[float, float, float]:
    """Lowest prices of the two coins outside while the issuer is closed, and of the first one at the end."""
    run = af.run(load("redemption_weekend_2023", changes=changes), seed=seed, progress=False)
    blocks = run.blocks.collect()
    hour = blocks["seconds"] / 3600.0
    closed = blocks.filter((hour >= CLOSED_HOURS[0]) & (hour < CLOSED_HOURS[1]))
    usdc, dai = (f"market_price_usd.{coin}" for coin in ("USDC", "DAI"))
    return float(closed[usdc].min()), float(closed[dai].min()), float(blocks[usdc][-1])  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_coin_falls_while_its_issuer_is_closed_and_takes_along_who_takes_it_at_par(seed):
    stage, is_open, full = (lowest(seed, twin) for twin in ({}, ALWAYS_OPEN, FULL))
    for name, told in (("stage", stage), ("always open", is_open), ("module full", full)):
        print(f"\n{seed} {name}: USDC {told[0]:.4f}, DAI {told[1]:.4f}; at the end {told[2]:.4f}")
    assert stage[0] < 0.95
    assert abs(stage[1] - stage[0]) < 0.005  # made of it, and worth what it is worth
    assert stage[2] > 0.99  # paid at par again
    assert min(is_open[:2]) > 0.99
    assert full[1] > stage[1] + 0.05  # the one who takes no more is spared,
    assert full[0] < stage[0] - 0.005  # and the other loses who would have bought

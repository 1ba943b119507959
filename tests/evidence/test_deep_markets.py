"""One small vault in ever deeper markets: aftershocks vanish as one over depth, and the level is known too.

Closed form: a sale worth q into a constant-product pool that holds S of cash loses q^2 / (S + q) to slippage.
CPPI with multiplier m and floor f sells ``w V (1 - d) - m (V (1 - w d) - f V)`` after a fall d;
w = m (1 - f).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.evidence.deep_market import (
    FALL,
    FLOOR,
    MULTIPLIER,
    POOL_USD,
    VAULT_USD,
    aftershocks_usd,
    loss_usd,
    market,
)

DEPTHS = (1.0, 10.0, 100.0, 1000.0)
WEIGHT = MULTIPLIER * (1.0 - FLOOR)
NAV_USD = VAULT_USD * (1.0 - WEIGHT * FALL)
SOLD_USD = WEIGHT * VAULT_USD * (1.0 - FALL) - MULTIPLIER * (NAV_USD - FLOOR * VAULT_USD)

pytestmark = pytest.mark.usefixtures("compiled_engine")


def slopes(usd: list[float]) -> np.ndarray:
    """Of log loss in log one-over-depth, from each depth to the next."""
    return -np.diff(np.log10(np.abs(usd))) / np.diff(np.log10(DEPTHS))


def printed(title: str, usd: list[float]) -> None:
    told = ", ".join(f"{depth:g}: {one:,.3f}" for depth, one in zip(DEPTHS, usd, strict=True))
    print(f"\n{title}, USD by depth: {told}; slopes {np.round(slopes(usd), 4).tolist()}")


def test_aftershocks_vanish_as_one_over_the_depth_of_pool_and_outside() -> None:
    usd = [aftershocks_usd(market(pool=k, outside=k)) for k in DEPTHS]
    printed("Aftershocks, pool and outside deeper together", usd)
    assert slopes(usd) == pytest.approx([1.0, 1.0, 1.0], abs=0.006)
    assert slopes(usd)[-1] == pytest.approx(1.0, abs=1e-4)
    cash_usd = 0.5 * POOL_USD * math.sqrt(1.0 - FALL)
    expected = SOLD_USD**2 / (cash_usd * DEPTHS[-1] + SOLD_USD)
    assert usd[-1] == pytest.approx(expected, rel=1e-4)


def test_what_outside_impact_adds_vanishes_as_one_over_its_depth() -> None:
    deep = [market(pool=1.0, outside=k, permanent_fraction=0.5) for k in DEPTHS]
    usd = [loss_usd(one) - loss_usd(one.without("outside_impact")) for one in deep]
    printed("Loss with outside impact less that without, outside deeper alone", usd)
    assert slopes(usd) == pytest.approx([1.0, 1.0, 1.0], abs=0.01)
    assert slopes(usd)[-1] == pytest.approx(1.0, abs=1e-3)


def test_permanent_impact_of_the_pools_own_flow_does_not_vanish() -> None:
    """What brings a pool to a new price grows with the pool: over a market as much deeper it moves as far."""
    usd = [aftershocks_usd(market(pool=k, outside=k, permanent_fraction=0.5)) for k in DEPTHS]
    printed("The same with half of the impact permanent", usd)
    assert usd[-1] == pytest.approx(usd[-2], rel=0.02)
    faster = aftershocks_usd(market(pool=1000.0, outside=1e6, permanent_fraction=0.5))
    assert abs(faster) < 1e-3 * abs(usd[-1])

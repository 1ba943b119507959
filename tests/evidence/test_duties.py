"""Priority of collateral reversed: where performance goes before repair, more vaults are liquidated.

Stage: ``rise_and_fall``. The dose is how long an order is left to wait: one that has expired before prices
fall keeps nobody from a repair. Pairs share every draw and every key but ``prior_duty``.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.evidence.measures import FEW_SEEDS, SEEDS, mean_with_interval, told
from tests.rise_and_fall import rise_and_fall

PATIENCE_BLOCKS = (300, 600, 1200)

pytestmark = pytest.mark.usefixtures("compiled_engine")


def liquidated(seeds: range, patience_blocks: int, pools: float = 1.0) -> np.ndarray:
    """Positions liquidated: one row a seed, repairs first and reversed."""
    orders = [rise_and_fall(duty, patience_blocks, pools) for duty in ("repair", "performance")]
    return np.array([[told(one, seed).positions_liquidated for one in orders] for seed in seeds])


def rise_of(seeds: range, patience_blocks: int, pools: float = 1.0) -> tuple[float, float, float]:
    """Mean over seeds of what the reversal adds, with its interval; printed."""
    found = liquidated(seeds, patience_blocks, pools)
    mean, low, high = mean_with_interval(found[:, 1] - found[:, 0])
    first, reversed_ = np.median(found, axis=0)
    print(
        f"{patience_blocks:>5} blocks, pools x {pools:4.2f}: repairs first {first:5.1f}, reversed "
        f"{reversed_:5.1f}, mean difference {mean:+.1f} [{low:+.1f}, {high:+.1f}]"
    )
    return mean, low, high


def test_the_reversed_order_liquidates_more_in_each_of_five_seeds() -> None:
    found = liquidated(FEW_SEEDS, PATIENCE_BLOCKS[-1])
    assert (found[:, 1] > found[:, 0]).all()


@pytest.mark.slow
def test_liquidations_rise_with_how_long_performance_may_stand_in_the_way() -> None:
    print(f"\nOrder of duties reversed, {len(SEEDS)} pairs; positions liquidated, median")
    doses = [rise_of(SEEDS, patience) for patience in PATIENCE_BLOCKS]
    means = [mean for mean, _, _ in doses]
    assert means == sorted(means)
    assert doses[-1][1] > 0.0
    assert doses[-2][1] > 0.0


@pytest.mark.slow
def test_the_effect_is_smaller_where_pools_ration_repairs() -> None:
    shallow, deep = (rise_of(SEEDS, PATIENCE_BLOCKS[-1], pools) for pools in (0.25, 1.0))
    assert 0.0 < shallow[1]
    assert shallow[0] < deep[0]

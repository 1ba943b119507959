"""A peg holds until the reserve behind it is gone, and breaks then; with an ample reserve it holds.

Stage: the preset ``peg_module_runs_dry``, and its twin that differs in the reserve alone. Over five seeds;
``-s`` prints the numbers of ``docs/evidence.md``.
"""

from __future__ import annotations

from typing import Any

import pytest

import aftershock as af
from scenarios.load import load
from tests.evidence.measures import FEW_SEEDS

AMPLE_USD = 400e6

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def told(seed: int, **changes: Any) -> dict[str, float]:
    """What the summary of one run says of the module, and the losses of who left early and who late."""
    run = af.run(load("peg_module_runs_dry", changes=changes), seed=seed, progress=False)
    holders = run.summary["losses"]["by_holder"]
    lost = {
        name: holders[f"{name}_holders"]["loss_at_horizon_fraction"] for name in ("fast", "slow")
    }
    return {**run.summary["redemptions"]["peg"], **lost}


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_the_peg_holds_until_the_reserve_is_gone_and_with_an_ample_one_it_holds(seed):
    dry, ample = told(seed), told(seed, **{"redemptions.peg.reserve_usd": AMPLE_USD})
    before = dry["mean_gap_while_it_pays_fraction"]
    after = dry["mean_gap_while_it_does_not_fraction"]
    print(
        f"\n{seed}: dry from hour {dry['first_hour_without_pay']:.2f}; "
        f"gap {before:.3%} before, {after:.2%} after; "
        f"with {AMPLE_USD / 1e6:.0f} M {ample['mean_gap_while_it_pays_fraction']:.3%}, "
        f"{ample['reserve_at_end'] / 1e6:.0f} M left; "
        f"fast lose {dry['fast']:.2%}, slow {dry['slow']:.2%}; "
        f"with ample {ample['fast']:.2%}, {ample['slow']:.2%}"
    )
    assert dry["reserve_at_end"] < 1e-3 * dry["reserve_at_start"]
    assert 0.0 < before < 0.002
    assert after > 0.01
    assert ample["time_without_pay_fraction"] == 0.0
    assert ample["mean_gap_while_it_pays_fraction"] < 0.002
    assert dry["slow"] > 2.0 * max(dry["fast"], ample["slow"])

"""A run on a curated vault: whoever leaves early is whole, whoever stays bears what the books did not show.

Stage: the preset ``vault_run``. The sign over five seeds, and the two cases in which nobody runs.
"""

from __future__ import annotations

import pytest

import aftershock as af
from scenarios.load import load
from tests.evidence.measures import FEW_SEEDS

FAST, LOCKED = "fast_depositors", "locked_depositors"
QUIET = {"remove": ["shocks.eth_path"]}

pytestmark = pytest.mark.usefixtures("compiled_engine")


def recovered(run: af.Run, cohort: str) -> float:
    """What leaving brings and what is locked, at the horizon, over the deposit at the start."""
    told = run.summary["losses"]["by_holder"][cohort]["exit"]
    left = told["nav_at_start_usd"] - told["loss_at_horizon_usd"] + told["locked_at_horizon_usd"]
    return float(left / told["nav_at_start_usd"])


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_early_redeemers_are_whole_and_late_ones_are_not(seed):
    run = af.run(load("vault_run"), seed=seed, progress=False)
    assert recovered(run, FAST) > 0.99
    assert recovered(run, LOCKED) < 0.85
    statuses = set(run.events.filter(kind="redeem").collect()["status"].cast(str))
    assert {"ok", "no liquidity"} <= statuses


def test_with_no_gain_and_no_rumour_nobody_leaves():
    calm = load("vault_run").with_(**QUIET, time={"horizon_blocks": 600})
    run = af.run(calm, seed=1, progress=False)
    assert run.events.filter(kind="redeem").collect().height == 0


def test_a_rumour_alone_is_enough():
    rumour = {
        "name": "rumour", "shock": "rumour", "share_vault": "curated", "loss_fraction": 0.2,
        "start_seconds": 600.0, "duration_seconds": 3000.0,
    }  # fmt: skip
    calm = load("vault_run").with_(**QUIET, time={"horizon_blocks": 600}, shocks=[rumour])
    run = af.run(calm, seed=1, progress=False)
    left = run.events.filter(kind="redeem", status="ok").collect()
    assert left.height > 10
    assert min(left["block"].to_list()) >= 50  # ten minutes of 12 s
    assert recovered(run, LOCKED) > 0.99  # nothing was lost

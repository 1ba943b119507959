"""Bad debt in one isolated market falls on its lenders, and on none of its neighbour's.

Stage: the preset ``isolated_bad_debt``. The sign over five seeds, with keepers that need no capital.
"""

from __future__ import annotations

import pytest

import aftershock as af
from scenarios.load import load
from tests.evidence.measures import FEW_SEEDS

STRUCK, NEIGHBOUR = "lenders_against_eth", "lenders_against_btc"

pytestmark = pytest.mark.usefixtures("compiled_engine")


def lost(run: af.Run, cohort: str) -> float:
    """Loss of a cohort at the horizon over what it had at the start."""
    return float(run.summary["losses"]["by_holder"][cohort]["loss_at_horizon_fraction"])


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_lenders_of_the_struck_market_lose_and_their_neighbours_do_not(seed):
    run = af.run(load("isolated_bad_debt"), seed=seed, progress=False)
    events = run.events.filter(kind="liquidation", status="ok").collect()
    assert events["deficit_usd"].sum() > 0.0
    assert lost(run, STRUCK) > 0.01
    assert lost(run, NEIGHBOUR) < 0.0  # it has earned its interest
    assert run.events.filter(kind="flash_borrow", status="ok").collect().height > 0

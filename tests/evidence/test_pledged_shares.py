"""A run on a vault strikes who lent against its shares: who leaves early bears no part of what is lost later.

Stage: ``pledged_shares.toml`` beside this file; its twin has no rumour, and depositors who stay.
"""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import aftershock as af
from scenarios.load import load
from scenarios.schema import Scenario
from tests.evidence.measures import FEW_SEEDS, SEEDS

STAGE = pathlib.Path(__file__).with_name("pledged_shares.toml")
PATIENT = {"shocks.talk.loss_fraction": 0.0, "cohorts.depositors.hazard_per_day": 0.0}
LOST = "losses.by_holder.{}.loss_at_horizon_fraction"


def stage() -> Scenario:
    return load(str(STAGE))


@pytest.mark.usefixtures("compiled_engine")
def test_a_run_makes_the_lenders_against_claims_lose_more_and_the_depositors_less():
    lost = {}
    for name, one in (("patient", stage().with_(**PATIENT)), ("run", stage())):
        runs = [af.run(one, seed=seed, progress=False) for seed in FEW_SEEDS]
        told = [run.summary["losses"]["by_holder"] for run in runs]
        for who in ("lenders_against_claims", "depositors"):
            lost[name, who] = np.mean([row[who]["loss_at_horizon_fraction"] for row in told])
    assert lost["run", "lenders_against_claims"] > lost["patient", "lenders_against_claims"]
    assert lost["run", "depositors"] < lost["patient", "depositors"]


@pytest.mark.slow
@pytest.mark.usefixtures("compiled_engine")
def test_the_same_over_thirty_seeds():
    runs = [
        af.ensemble(one, SEEDS, workers=1, progress=False)
        for one in (stage().with_(**PATIENT), stage())
    ]
    struck, spared = (
        runs[1].compare(runs[0], LOST.format(who))
        for who in ("lenders_against_claims", "depositors")
    )
    print(f"{struck}\n{spared}")
    assert struck.low > 0.0
    assert spared.high < 0.0

"""Receipts as collateral: the more of what stands behind them is lent out, the later keepers come, or never.

Stage: ``pledged_receipts.toml`` beside this file; a dose is the utilisation of the reserve that gives them.
"""

from __future__ import annotations

import itertools
import pathlib

import pytest

import aftershock as af
from scenarios.load import load
from scenarios.schema import Scenario
from tests.evidence.measures import SEEDS

STAGE = pathlib.Path(__file__).with_name("pledged_receipts.toml")
DOSES = (0.5, 0.9, 0.99)
BAD_DEBT = "liquidations.bad_debt_usd"


def stage(utilisation: float) -> Scenario:
    return load(str(STAGE)).with_(**{"reserves.core_eth.utilisation_fraction": utilisation})


@pytest.mark.usefixtures("compiled_engine")
def test_what_is_lent_out_cannot_be_sold_and_goes_bad():
    bad_debt_usd = []
    for dose in DOSES:
        run = af.run(stage(dose), seed=100, progress=False)
        wealth = run.summary["wealth_identity"]
        assert abs(wealth["error_usd"]) <= wealth["error_allowed_usd"]
        bad_debt_usd.append(run.summary["liquidations"]["bad_debt_usd"])
    assert bad_debt_usd == sorted(bad_debt_usd)
    assert bad_debt_usd[2] > bad_debt_usd[1] > bad_debt_usd[0]


@pytest.mark.slow
@pytest.mark.usefixtures("compiled_engine")
def test_the_same_over_thirty_seeds():
    told = [af.ensemble(stage(dose), SEEDS, workers=1, progress=False) for dose in DOSES]
    for less, more in itertools.pairwise(told):
        step = more.compare(less, BAD_DEBT)
        print(step)
        assert step.low > 0.0

"""Redemptions grow with what depositors believe, and with what leaving first is worth.

Stage: ``vault_doses.toml`` beside this file, in which both causes are nought. Each dose is compared with the
one before it, seed by seed.
"""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

import pytest

import aftershock as af
from analysis.ensemble import Ensemble
from scenarios.load import load
from tests.evidence.measures import SEEDS

STAGE = pathlib.Path(__file__).with_name("vault_doses.toml")
WITHDRAWN = "share_vaults.curated.withdrawn_fraction"
GAIN = "share_vaults.curated.most_first_mover_gain_fraction"
RUMOURS = (0.05, 0.1, 0.2)
# Health at birth, and own capital: the debt stays what it is, the collateral behind it does not.
LOANS = ((1.85, 1.95, 70.9e6), (1.6, 1.7, 54.3e6), (1.35, 1.45, 37.8e6))

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def many(**changed: Any) -> Ensemble:
    return af.ensemble(load(str(STAGE)).with_(**changed), SEEDS, workers=1, progress=False)


def print_and_check(doses: list[Ensemble], name: str) -> None:
    """Every dose says more than the one before it, and the interval of the difference says so."""
    for less, more in itertools.pairwise(doses):
        step = more.compare(less, name)
        print(step)
        assert step.low > 0.0


@pytest.fixture(scope="module")
def quiet() -> Ensemble:
    return many()


def test_with_neither_nobody_leaves_in_any_seed(quiet):
    assert quiet.values(WITHDRAWN).max() == quiet.values(GAIN).max() == 0.0


def test_a_rumour_in_three_doses(quiet):
    told = [many(**{"shocks.talk.loss_fraction": loss}) for loss in RUMOURS]
    print_and_check([quiet, *told], WITHDRAWN)
    assert all(one.values(GAIN).max() == 0.0 for one in told)  # it is not true


def test_a_loss_that_the_books_do_not_show_in_three_doses(quiet):
    lost = []
    for low, high, tvl_usd in LOANS:
        health = {"distribution": "uniform", "low": low, "high": high}
        key = "cohorts.book_value_borrowers"
        lost.append(many(**{f"{key}.target_health": health, f"{key}.tvl_usd": tvl_usd}))
    print_and_check([quiet, *lost], GAIN)
    print_and_check([quiet, *lost], WITHDRAWN)

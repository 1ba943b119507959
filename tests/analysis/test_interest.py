"""Interest accrued is what debts have grown by and what lenders were promised, where nobody trades."""

from __future__ import annotations

import math

import pytest

import aftershock as af
from scenarios.load import load

pytestmark = pytest.mark.usefixtures("compiled_engine")


@pytest.fixture(scope="module")
def quiet(compiled_engine: None) -> af.Run:
    frozen = load("calm_market", ["time.horizon_blocks=600", "cohorts.*.n_rows=5"]).frozen()
    return af.run(frozen, seed=7, progress=False)


def test_borrowers_owe_by_so_much_more(quiet: af.Run) -> None:
    vaults = quiet.vaults.filter(occasion="snapshot").collect()
    told = quiet.summary["interest"]
    for name, of in told["by_borrower"].items():
        mine = vaults.filter(cohort=name)
        first, last = (
            math.fsum(mine.filter(block=b)["debt_usd"].to_list()) for b in (0, mine["block"].max())
        )
        assert of["accrued_usd"] == pytest.approx(last - first, rel=1e-4), name
    parts = [of["accrued_usd"] for of in told["by_borrower"].values()]
    assert told["accrued_usd"] == pytest.approx(math.fsum(parts))
    assert told["accrued_usd"] > 1_000.0


def test_lenders_gain_what_they_are_promised_and_the_treasury_the_rest(quiet: af.Run) -> None:
    told, lost = quiet.summary["interest"], quiet.summary["losses"]["by_class"]
    assert told["to_lenders_usd"] == pytest.approx(
        -lost["lenders"]["loss_at_horizon_usd"], rel=1e-4
    )
    treasuries = -lost["treasuries"]["loss_at_horizon_usd"]
    assert told["to_treasuries_usd"] == pytest.approx(treasuries, rel=1e-4)
    assert told["to_lenders_usd"] + told["to_treasuries_usd"] == told["accrued_usd"]

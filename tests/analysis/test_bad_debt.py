"""Bad debt by hand: what is booked, and what open positions owe beyond what they hold at the end."""

from __future__ import annotations

import polars as pl
import pytest

import aftershock as af
from analysis.bad_debt import bad_debt
from tests.short_window import window

EVENTS = pl.LazyFrame(
    {
        "kind": ["liquidation", "liquidation", "liquidation", "swap"],
        "status": ["ok", "ok", "slippage limit", "ok"],
        "deficit_usd": [300.0, None, 999.0, 0.0],
    }
)
VAULTS = pl.LazyFrame(
    {
        "block": [0, 0, 50, 50, 50, 50],
        "occasion": ["snapshot", "snapshot", "snapshot", "snapshot", "event", "snapshot"],
        "debt_usd": [900.0, 0.0, 900.0, 100.0, 900.0, 50.0],
        "collateral_usd": [500.0, 0.0, 700.0, 400.0, 100.0, 0.0],
    }
)


def test_a_surplus_of_one_position_covers_no_gap_of_another() -> None:
    found = bad_debt({"events": EVENTS, "vaults": VAULTS})
    assert found.booked_usd == 300.0
    assert found.uncovered_usd == 200.0 + 50.0
    assert found.usd == 550.0


@pytest.mark.usefixtures("compiled_engine")
def test_the_summary_of_a_crash_has_both_parts() -> None:
    """The gap is read off the ledger here, and off the table there."""
    run = af.run(window("keeper_drought"), seed=7, progress=False)
    told = run.summary["liquidations"]
    rows = run.vaults.filter(occasion="snapshot").collect()
    last = rows.filter(block=rows["block"].max())
    gaps = [max(d - c, 0.0) for d, c in zip(last["debt_usd"], last["collateral_usd"], strict=True)]
    assert told["bad_debt_uncovered_usd"] == pytest.approx(sum(gaps))
    assert told["bad_debt_usd"] == told["bad_debt_booked_usd"] + told["bad_debt_uncovered_usd"] > 0

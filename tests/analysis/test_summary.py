"""The summary of a run whose numbers can be worked out by hand."""

from __future__ import annotations

import copy
import json
import math

import polars as pl
import pytest

from analysis import execute
from analysis.classes import SYSTEM
from analysis.headline import headline, percent, usd
from analysis.progress import Progress
from analysis.run import Run
from analysis.summary import KEEPER_COUNTS, keepers
from tests.analysis.plain import (
    BAD_DEBT_USD,
    HORIZON,
    LIQUIDATIONS,
    REPAID_USD,
    SETTLE,
    PlainSimulation,
    n_levered,
    scenario,
)


def test_the_shock_is_the_fall_of_the_fundamental_price(run: Run) -> None:
    assert run.summary["most_shocked"] == "ETH"
    told = run.summary["prices"]["ETH"]
    assert told["fundamental_fall_fraction"] == pytest.approx(0.5)
    assert told["market_fall_fraction"] == pytest.approx(0.55)
    assert told["fundamental_low_hour"] == pytest.approx(101 * 12 / 3600)


def test_positions_are_rows_times_positions_per_row(run: Run) -> None:
    told = run.summary["liquidations"]
    assert told["positions_liquidated"] == 7 * 4  # seven rows of four positions
    assert told["n_liquidations"] == len(LIQUIDATIONS) * 4
    assert told["positions_levered"] == n_levered()
    assert told["debt_repaid_usd"] == pytest.approx(len(LIQUIDATIONS) * REPAID_USD)
    assert told["bad_debt_booked_usd"] == BAD_DEBT_USD
    assert (
        told["bad_debt_uncovered_usd"] == 0.0
    )  # ETH ends a third lower, and nobody owes two thirds
    assert told["bad_debt_usd"] == BAD_DEBT_USD
    assert told["bad_debt_over_debt"] == pytest.approx(BAD_DEBT_USD / told["debt_at_start_usd"])


def test_losses_are_positive_and_the_worst_is_found(run: Run) -> None:
    told = run.summary["losses"]
    assert told["worst_block"] == 100
    start = run.vaults.filter(block=0, cohort="eth_cppi").collect()["nav_usd"].to_list()
    mine = told["by_holder"]["eth_cppi"]
    assert mine["loss_at_worst_usd"] == pytest.approx(math.fsum(start) - 5e5)
    assert mine["loss_at_horizon_usd"] == pytest.approx(math.fsum(start) - 7.5e5)
    for kind in ("by_class", "by_holder"):
        parts = [part["loss_at_worst_usd"] for part in told[kind].values()]
        assert math.fsum(parts) == pytest.approx(told["system"]["loss_at_worst_usd"])
    assert set(told["by_class"]) == set(SYSTEM) - {"depositors"}  # there is no share vault
    assert "noise_trader" not in told["by_strategy"]


def test_each_mark_has_a_start_and_losses(run: Run) -> None:
    """Nothing moves in the plain engine but its prices: what leaving brings is what it brought."""
    lenders = run.summary["losses"]["by_class"]["lenders"]
    assert lenders["exit"]["nav_at_start_usd"] < lenders["nav_at_start_usd"]
    assert lenders["exit"]["loss_at_worst_usd"] == pytest.approx(0.0, abs=1e-6)
    assert lenders["exit"]["locked_at_worst_usd"] > 0.0
    assert lenders["protocol"]["nav_at_start_usd"] == pytest.approx(lenders["nav_at_start_usd"])


def test_whoever_had_nothing_has_no_share_to_lose(run: Run) -> None:
    part = run.summary["losses"]["by_holder"]["treasury.core_eth"]
    assert part["loss_at_worst_fraction"] is None
    where = "losses.by_holder.treasury.core_eth.loss_at_worst_fraction"
    assert run.summary["undefined"][where] == "it had nothing to lose at the start"


def test_gas_and_oracles_at_their_peaks(run: Run) -> None:
    peak = 20.0 + HORIZON + SETTLE - 1
    assert run.summary["gas"]["peak_multiple"] == pytest.approx(peak / 20.0)
    assert run.summary["oracles"]["feed"] == "eth_usd"
    assert run.summary["oracles"]["largest_error_fraction"] == pytest.approx(0.2)


def test_keepers_and_why_they_failed(run: Run) -> None:
    told = run.summary["keepers"]
    assert told["n_bids"] == 2 * (HORIZON + SETTLE)
    assert told["failures_by_reason"] == {"not liquidatable": len(LIQUIDATIONS)}


def test_a_run_that_came_to_rest_is_settled(run: Run) -> None:
    assert run.summary["settled"] is True
    assert run.summary["unsettled_because"] == []


def test_a_run_that_ends_among_liquidations_is_not(plain: type[PlainSimulation]) -> None:
    short = scenario("time.horizon_blocks=310", "time.settle_blocks=0")
    told = execute.in_memory(short, 7, Progress(shown=False)).summary
    assert told["settled"] is False
    assert "9 blocks before the end" in told["unsettled_because"][0]


def test_undefined_is_null_with_a_reason(plain: type[PlainSimulation]) -> None:
    # Loading refuses free gas, so it is made free by hand.
    chains = tuple(c.model_copy(update={"base_fee_gwei": 0.0}) for c in scenario().chains)
    bare = scenario().model_copy(update={"chains": chains})
    told = execute.in_memory(bare, 7, Progress(shown=False)).summary
    assert told["gas"]["peak_multiple"] is None
    assert told["undefined"]["gas.peak_multiple"] == "gas is free in this scenario"
    assert "None" not in "".join(headline(told))


def test_the_headline_has_a_line_for_each_question(run: Run) -> None:
    title, *lines = headline(run.summary)
    assert "seed 7" in title
    assert [line.split()[0] for line in lines] == [
        "Shock", "Liquidated", "Bad", "Losses", "At", "Frictions", "Keepers", "Settled",
    ]  # fmt: skip
    assert "ETH fell 50.0 %" in lines[0]
    assert f"28 of {n_levered()} levered positions" in lines[1]
    json.dumps(run.summary, allow_nan=False)


@pytest.mark.parametrize(
    "share, text",
    [
        (None, "undefined"),
        (0.5, "50.0 %"),
        (0.004, "0.40 %"),
        (1e-6, "under 0.01 %"),
        (-1e-6, "above -0.01 %"),
        (0.0, "0.00 %"),
    ],
)
def test_shares_are_said_in_per_cent(share: float | None, text: str) -> None:
    assert percent(share) == text
    assert percent(0.0214, fine_below=100.0) == "2.14 %"


def test_the_headline_says_who_gained_and_what_trades_alone_pushed_down(run: Run) -> None:
    told = copy.deepcopy(run.summary)
    told["prices"]["USDC"]["market_fall_fraction"] = 0.08
    told["losses"]["by_class"]["keepers"]["loss_at_worst_fraction"] = -0.5
    said = headline(told)
    assert said[1].endswith(". USDC fell 8.0 % on the market, its fundamental price 0.00 %")
    assert "keepers gained 50.0 %" in said[5]
    assert "USDC" not in headline(run.summary)[1]


def test_a_bid_that_fails_in_a_later_leg_is_told_with_its_reason() -> None:
    counts = dict.fromkeys(KEEPER_COUNTS, 1)
    events = [
        ("liquidation", "liquidation", "not liquidatable"),
        ("swap", "liquidation", "slippage limit"),  # sells what a flash loan has bought
        ("swap", "inventory", "slippage limit"),  # sells what was won long ago
        ("bid", "inventory", "bid too low"),
    ]
    told = keepers(
        {
            "cohorts": pl.LazyFrame({"role": ["keeper"], **counts}),
            "events": pl.LazyFrame(events, schema=["kind", "cause", "status"], orient="row"),
        }
    )
    assert told["failures_by_reason"] == {
        "bid too low": 1, "not liquidatable": 1, "slippage limit": 1,
    }  # fmt: skip


def test_money_is_said_with_its_unit() -> None:
    assert usd(-0.001) == "0.00 USD"
    assert [usd(x) for x in (12.0, 4_500.0, 2.5e6, 1e9)] == [
        "12.00 USD", "4.5 k USD", "2.5 M USD", "1 bn USD",
    ]  # fmt: skip

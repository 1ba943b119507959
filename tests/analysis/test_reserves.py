"""The table of redemption modules against the events behind it, their part of a summary, and the figure."""

from __future__ import annotations

import math

import polars as pl
import pytest

import aftershock as af
from analysis import figures
from analysis.figure_style import NoData
from analysis.headline import headline
from analysis.size import estimate
from scenarios.load import load
from tests.redemption_stage import redemption_stage


@pytest.fixture(scope="module")
def run(compiled_engine: None) -> af.Run:
    return af.run(redemption_stage(), seed=7, progress=False)


def converted(run: af.Run, module: str, token: str, column: str) -> float:
    """Sum over the conversions of a token at a module."""
    rows = run.events.filter(
        pl.col("kind").cast(pl.String) == "convert",
        pl.col("status") == "ok",
        pl.col("venue").cast(pl.String) == module,
        pl.col("token").cast(pl.String).str.starts_with(token),
    )
    return math.fsum(rows.collect()[column])


@pytest.mark.parametrize("module", ["peg", "bank"])
def test_reserve_and_coin_are_what_the_events_say(run, module):
    rows = run.redemptions.filter(redemption=module).collect()
    assert rows.height == run.blocks.select(pl.len()).collect().item()
    assert estimate(run.scenario)["redemptions"][0] == 2 * rows.height
    taken = converted(run, module, "USDC", "token_amount")
    paid = converted(run, module, "DAI", "amount_out")
    assert taken > 0.0
    assert paid > 0.0
    assert rows["reserve"][-1] - rows["reserve"][0] == pytest.approx(taken - paid)
    retired = converted(run, module, "DAI", "token_amount")
    issued = converted(run, module, "USDC", "amount_out")
    # A toll is coin that the module has issued to itself, or been paid: in issue as before.
    tolls = rows["fees"][-1] - rows["fees"][0]
    assert rows["issued"][-1] - rows["issued"][0] == pytest.approx(issued - retired + tolls)
    assert (rows["payable"] <= rows["reserve"]).all()


def test_the_summary_says_when_a_module_did_not_pay_and_what_the_coin_was_worth(run):
    rows = run.redemptions.filter(redemption="bank").collect()
    told = run.summary["redemptions"]["bank"]
    payable, first = rows["payable"].to_list(), rows["reserve"][0]
    shut = [k for k, amount in enumerate(payable) if amount <= 1e-3 * first]
    # Before three minutes past midnight, and while it is halted.
    assert 0 < len(shut) < len(payable)
    assert told["time_without_pay_fraction"] == len(shut) / len(payable)
    blocks = run.blocks.collect()
    first_hour = blocks["seconds"][shut[0]] / 3600.0
    assert told["first_hour_without_pay"] == pytest.approx(first_hour)
    gaps = 1.0 - blocks["market_price_usd.DAI"] / blocks["market_price_usd.USDC"]
    while_not = math.fsum(gaps[k] for k in shut) / len(shut)
    assert told["mean_gap_while_it_does_not_fraction"] == pytest.approx(while_not)
    lines = [line for line in headline(run.summary) if line.startswith("Reserve")]
    assert len(lines) == 2
    assert "bank: from 300 k to" in lines[1]


def test_the_figure_shows_every_module_and_when_it_pays(run):
    drawn = figures.draw("reserves", run)
    assert len(drawn.figure.axes) == 4
    shown = drawn.data.filter(redemption="bank")
    paying = 1.0 - run.summary["redemptions"]["bank"]["time_without_pay_fraction"]
    assert shown["pays"].mean() == pytest.approx(paying)
    assert shown["pool_price"].null_count() == 0


def test_without_a_module_there_is_neither_part_nor_figure(compiled_engine):
    calm = load("calm_market").with_(time={"horizon_blocks": 5, "burn_in_blocks": 0})
    quiet = af.run(calm, seed=1, progress=False)
    assert "redemptions" not in quiet.summary
    with pytest.raises(NoData, match="no redemption module pays at par"):
        figures.draw("reserves", quiet)

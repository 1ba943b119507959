"""The table, the summary and the figure of staked tokens, and of mint and burn, against events.

That the run ends says more: its audits hold and its wealth identity closes, or it would have been stopped.
"""

from __future__ import annotations

import math

import polars as pl
import pytest

import aftershock as af
from analysis import figures
from analysis.describe import described
from analysis.figure_style import NoData
from analysis.headline import headline
from tests.staked_stage import staked_stage

YEAR = 365 * 86_400.0


@pytest.fixture(scope="module")
def run(compiled_engine: None) -> af.Run:
    return af.run(staked_stage(), seed=7, progress=False)


def total(run: af.Run, kind: str, column: str, *, venue: str, token: str = "") -> float:
    """Sum over what was done at a module."""
    rows = run.events.filter(
        pl.col("kind").cast(pl.String) == kind,
        pl.col("status") == "ok",
        pl.col("venue").cast(pl.String) == venue,
        pl.col("token").cast(pl.String).str.starts_with(token),
    )
    return math.fsum(rows.collect()[column])


def test_the_rate_grows_and_is_slashed(run):
    rows = run.redemptions.filter(redemption="lido").collect()
    seconds = run.blocks.collect()["seconds"]
    grown = math.exp(0.05 * 0.9 * (seconds[-1] - seconds[0]) / YEAR)
    assert rows["rate"][-1] / rows["rate"][0] == pytest.approx(0.99 * grown, rel=1e-9)
    assert rows["wait_seconds"].min() == 120.0
    assert rows["wait_seconds"].max() > 300.0


def test_tokens_in_issue_are_those_staked_less_those_paid_out(run):
    rows = run.redemptions.filter(redemption="lido").collect()
    staked = total(run, "convert", "amount_out", venue="lido", token="ETH")
    paid = total(run, "claim", "token_amount", venue="lido")
    assert staked > 0.0
    assert paid > 0.0
    # Tokens at the end of the first block: what was staked in it is in both.
    first = run.events.filter(block=0, status="ok").collect()
    assert set(first["kind"].cast(pl.String)) <= {
        "swap",
        "outside_trade",
        "publish_price",
        "convert",
    }
    early = math.fsum(first.filter(venue="lido")["amount_out"])
    assert rows["issued"][-1] - rows["issued"][0] == pytest.approx(staked - early - paid)


def test_coin_is_burned_for_what_the_oracle_says(run):
    rows = run.redemptions.filter(redemption="terra").collect()
    oracle = run.blocks.collect()["oracle_price_usd.luna_usd"]
    assert rows["rate"].to_list() == pytest.approx([1.0 / usd for usd in oracle], rel=1e-12)
    burned = total(run, "convert", "token_amount", venue="terra", token="UST")
    minted = total(run, "convert", "amount_out", venue="terra", token="LUNA")
    assert burned > 0.0
    assert minted > 0.0
    assert rows["issued"][-1] == pytest.approx(minted - burned)


def test_the_summary_says_how_far_below_its_rate_a_coin_was(run):
    told = run.summary["redemptions"]["lido"]
    prices = run.blocks.collect()
    rate = run.redemptions.filter(redemption="lido").collect()["rate"]
    gap = 1.0 - prices["market_price_usd.stETH"] / prices["market_price_usd.ETH"] / rate
    assert told["largest_gap_fraction"] == pytest.approx(max(gap))
    assert told["mean_gap_fraction"] == pytest.approx(sum(gap) / len(gap))
    assert told["rate_at_end"] == rate[-1]
    assert any("outside the coin was up to" in line for line in headline(run.summary))
    assert any("lido: staked_token, stETH for ETH" in line for line in described(run.scenario))


def test_the_figure_shows_the_discount_and_what_loops_have_lost(run):
    data = figures.draw("discount", run).data
    prices = run.blocks.collect()
    rate = run.redemptions.filter(redemption="lido").collect()["rate"]
    below = 1.0 - prices["market_price_usd.stETH"] / prices["market_price_usd.ETH"] / rate
    assert data["market_percent"].to_list() == pytest.approx((100.0 * below).to_list())
    pool = data["pool_percent"].to_list()
    assert min(pool) < -2.0 < 1.0 < max(pool)  # dear at first, then cheap
    sold = run.events.filter(kind="swap", status="ok", cohort="staked_loops").collect()
    snapshot = run.vaults.filter(block=0, cohort="staked_loops", occasion="snapshot").collect()
    share = math.fsum(sold["token_amount"]) / math.fsum(snapshot["risky_amount"])
    assert data["sold_percent"][-1] == pytest.approx(100.0 * share)
    assert data["sold_percent"][-1] > 0.0
    with pytest.raises(NoData, match="pays at par"):
        figures.draw("reserves", run)

"""The table of share vaults against the events it sums up, and its figure; neither where there are none."""

from __future__ import annotations

import math

import polars as pl
import pytest

import aftershock as af
from analysis import figures
from analysis.figure_style import NoData
from analysis.size import estimate
from analysis.tables import table_names
from scenarios.load import load
from tests.share_vault_stage import share_vault_stage

PAID = ("redeem", "withdraw_assets", "claim_redemptions")


@pytest.fixture(scope="module")
def run(compiled_engine: None) -> af.Run:
    return af.run(share_vault_stage(), seed=7, progress=False)


def assets(run: af.Run, kinds: tuple[str, ...], column: str, cohorts: tuple[str, ...]) -> float:
    """Sum over events that were executed."""
    rows = run.events.filter(
        pl.col("kind").cast(pl.String).is_in(kinds),
        pl.col("status") == "ok",
        pl.col("cohort").cast(pl.String).is_in(cohorts),
    )
    return math.fsum(rows.collect()[column])


def test_a_row_a_block_and_vault(run):
    rows = run.share_vaults.collect()
    n_blocks = run.blocks.select(pl.len()).collect().item()
    assert rows.height == 2 * n_blocks
    assert rows["share_vault"].unique().sort().cast(pl.String).to_list() == ["curated", "fund"]
    assert estimate(run.scenario)["share_vaults"][0] == rows.height


def test_what_was_put_in_and_paid_out_is_what_the_events_say(run):
    rows = run.share_vaults.filter(share_vault="fund").collect()
    put_in = rows["deposited"][-1] - rows["deposited"][0]
    assert put_in > 0.0
    assert put_in == pytest.approx(assets(run, ("deposit",), "token_amount", ("fund_owners",)))
    paid = assets(run, PAID, "amount_out", ("fund_owners",))
    assert paid > 0.0
    assert rows["withdrawn"][-1] - rows["withdrawn"][0] == pytest.approx(paid)


def test_assets_are_what_came_less_what_went_and_what_was_made(run):
    for vault in ("curated", "fund"):
        rows = run.share_vaults.filter(share_vault=vault).collect()
        made = rows["total_assets"] + rows["withdrawn"] - rows["deposited"]
        lost = rows["socialised_loss"][-1] - rows["socialised_loss"][0]
        # Interest only adds; a day's fraction of it is small against what was at stake.
        assert -lost - 1e-6 * made[0] <= made[-1] - made[0] < 1e-3 * made[0]
        assert (rows["idle"] <= rows["liquid"] + 1e-9 * made[0]).all()
        assert (rows["liquid"] <= rows["total_assets"]).all()


def test_the_gain_is_the_loss_that_the_books_do_not_show(run):
    rows = run.share_vaults.filter(share_vault="curated").collect()
    unseen = (rows["unbooked_loss"] + rows["deficit_behind"]) / rows["total_assets"]
    assert rows["first_mover_gain_fraction"].to_list() == pytest.approx(unseen.to_list())
    assert rows["first_mover_gain_fraction"][0] == 0.0
    assert rows["first_mover_gain_fraction"].max() > 0.1


def test_who_waits_in_line(run):
    rows = run.share_vaults.filter(share_vault="fund").collect()
    waiting = rows.filter(pl.col("n_in_line") > 0)
    assert waiting.height > 0
    assert (waiting["in_line_usd"] > 0.0).all()
    assert rows.filter(pl.col("n_in_line") == 0)["in_line_usd"].abs().max() < 1e-3


def test_the_figure_shows_each_class_up_to_what_it_was_paid(run):
    drawn = figures.draw("share_vaults", run)
    fast = drawn.data.filter(pl.col("cohort") == "fast_depositors")["paid_percent"]
    paid = assets(run, PAID, "amount_out", ("fast_depositors",))
    assert fast[-1] == pytest.approx(100.0 * paid / 30e6)
    assert fast.is_sorted()
    owners = drawn.data.filter(pl.col("cohort") == "fund_owners")["paid_percent"]
    assert owners[-1] > 50.0  # served in line, whoever asked
    for word in ("class of depositors", "books", "in line"):
        assert word in figures.caption("share_vaults", run)


def test_the_summary_and_its_line(run: af.Run) -> None:
    told = run.summary["share_vaults"]["fund"]
    rows = run.share_vaults.filter(share_vault="fund").collect()
    whole = rows["total_assets"][0] + rows["deposited"][-1] - rows["deposited"][0]
    paid = assets(run, PAID, "amount_out", ("fund_owners",))
    assert told["withdrawn_fraction"] == pytest.approx(paid / whole)
    assert told["longest_line"] == rows["n_in_line"].max()
    assert "fund: " in run.headline


def test_no_such_table_and_no_such_figure_where_there_is_no_share_vault():
    calm = load("calm_market")
    assert "share_vaults" not in table_names(calm)
    assert "share_vaults" not in estimate(calm)
    with pytest.raises(NoData, match="no share vault"):
        figures.draw(
            "share_vaults", type("Quiet", (), {"scenario": calm, "FIGURES": figures.OF_A_RUN})()
        )

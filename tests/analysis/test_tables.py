"""Tables have names instead of codes, and null where something is undefined."""

from __future__ import annotations

import math

import polars as pl

from analysis.run import Run
from analysis.tables import TABLES
from sim.columns import BLOCK_COLUMNS
from tests.analysis.plain import HORIZON, LIQUIDATIONS, SETTLE

N_BLOCKS = HORIZON + SETTLE


def test_every_table_is_there_and_none_is_empty(run: Run) -> None:
    assert run.table_names == sorted(TABLES)
    assert all(run.table(name).select(pl.len()).collect().item() > 0 for name in TABLES)


def test_blocks_are_numbered_from_zero_without_gap(run: Run) -> None:
    blocks = run.blocks.collect()
    assert blocks["block"].to_list() == list(range(N_BLOCKS))
    assert blocks.columns[: len(BLOCK_COLUMNS)] == BLOCK_COLUMNS
    assert blocks["n_executed"].dtype == pl.Int64


def test_events_filter_by_the_name_of_a_kind(run: Run) -> None:
    done = run.events.filter(kind="liquidation", status="ok").collect()
    assert done["block"].to_list() == list(LIQUIDATIONS)
    assert set(done["counterparty_cohort"]) == {"eth_loop"}
    assert set(done["cohort"]) == {"liquidators"}
    assert set(done["account"]) == {"liquidators.0"}
    assert done["counterparty"].to_list()[0] == f"eth_loop.{(100 // 10) % 7}"


def test_what_a_swap_has_no_notion_of_is_null(run: Run) -> None:
    swaps = run.events.filter(kind="swap").collect()
    for name in ("health_before", "deficit_usd", "counterparty", "venue", "oracle_price_usd"):
        assert swaps[name].null_count() == swaps.height


def test_every_cohort_is_marked_and_who_cannot_borrow_has_no_debt(run: Run) -> None:
    cohorts = run.cohorts.collect()
    assert cohorts["nav_usd"].null_count() == cohorts["nav_protocol_usd"].null_count() == 0
    assert cohorts.filter(role="keeper")["debt_usd"].null_count() == N_BLOCKS
    assert cohorts.filter(role="vault")["debt_usd"].null_count() == 0
    assert cohorts.filter(cohort="eth_cppi")["min_health"].null_count() == N_BLOCKS
    assert cohorts.filter(cohort="eth_loop")["min_health"].null_count() == 0


def test_vaults_are_written_at_intervals_at_the_horizon_at_the_worst_block_and_at_the_end(
    run: Run,
) -> None:
    """The worst block is number 100: 101 blocks lie behind the state at its end."""
    blocks = run.vaults.select(pl.col("block").unique().sort()).collect()["block"].to_list()
    assert blocks == sorted([*range(0, N_BLOCKS, 70), 101, HORIZON, N_BLOCKS])
    each = run.vaults.group_by("block").len().collect()["len"]
    assert each.n_unique() == 1
    unlevered = run.vaults.filter(cohort="eth_cppi").collect()
    assert unlevered["health"].null_count() == unlevered.height


def test_marks_say_why_they_were_taken(run: Run) -> None:
    marks = run.table("marks").collect()
    taken = marks.select("occasion", "block").unique().sort("block", "occasion")
    assert taken.filter(pl.col("occasion") != "interval").rows() == [
        ("start", 0), ("worst", 101), ("horizon", HORIZON), ("end", N_BLOCKS),
    ]  # fmt: skip
    each = marks.group_by("occasion", "block").agg(pl.col("holder").n_unique())["holder"]
    n_holders = len(run.scenario.cohorts) + len(run.scenario.reserves)
    assert set(each) == {n_holders}


def test_claims_on_an_issuer_are_what_it_issued(run: Run) -> None:
    """Receipts held are worth what the market owes its depositors, debts what borrowers owe it."""
    claims = run.exposures.filter(pl.col("block") == 0).collect()
    blocks = run.exposures.select(pl.col("block").unique().sort()).collect()["block"].to_list()
    assert blocks == [0, 101, N_BLOCKS]
    receipts = math.fsum(claims.filter(kind="receipt", token="aUSDC.core@main")["amount"])
    debts = math.fsum(claims.filter(kind="debt", token="dUSDC.core@main")["amount"])
    cash = math.fsum(claims.filter(holder="core", token="USDC@main")["amount"])
    assert abs(receipts - debts - cash) <= 1e-6 * receipts
    assert set(claims.filter(kind="receipt")["issuer"]) == {"core"}
    assert set(claims.filter(kind="lp")["issuer"]) == set(
        claims.filter(holder_class="pool")["holder"]
    )

"""Figures stand alone: embedded fonts, no dates, the plotted numbers beside them, and a reason for none."""

from __future__ import annotations

import io
import pathlib

import polars as pl
import pytest

from agents.strategies import STRATEGIES
from analysis import execute, figures
from analysis.figure_files import contents, write_figures
from analysis.figure_style import NoData, columns_that_fit, strategy_colour
from analysis.progress import Progress
from analysis.run import Run
from sim.errors import InputError, OutputExists
from tests.analysis.plain import BAD_DEBT_USD, PlainSimulation, scenario

NAMES = [
    "flows",
    "leverage",
    "liquidations",
    "prices",
    "waterfall",
]  # what the plain run has data for


@pytest.fixture(scope="module")
def drawn(run: Run) -> dict[str, dict[str, bytes]]:
    return {name: contents(figures.draw(name, run)) for name in NAMES}


def test_each_file_is_a_figure_with_a_caption() -> None:
    assert figures.names() == sorted(
        ["auctions", "cascade", "discount", "fills", "share_vaults", "reserves", *NAMES]
    )
    assert all(len(figures.caption(name)) > 100 for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_fonts_are_embedded_as_text_and_nothing_is_dated(
    drawn: dict[str, dict[str, bytes]], name: str
) -> None:
    pdf, png = drawn[name]["pdf"], drawn[name]["png"]
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    assert b"tIME" not in png
    assert b"Software" not in png


def test_the_same_run_gives_the_same_bytes(run: Run, drawn: dict[str, dict[str, bytes]]) -> None:
    assert contents(figures.draw("liquidations", run)) == drawn["liquidations"]


def test_the_csv_holds_what_was_plotted(drawn: dict[str, dict[str, bytes]], run: Run) -> None:
    prices = pl.read_csv(io.BytesIO(drawn["prices"]["csv"]))
    assert prices["market_price_usd.ETH"].to_list() == (
        run.blocks.collect()["market_price_usd.ETH"].to_list()
    )
    bins = pl.read_csv(io.BytesIO(drawn["liquidations"]["csv"]))
    assert bins["debt_repaid_usd"].sum() == pytest.approx(21_000.0)
    assert bins["bad_debt_since_start_usd"].max() == BAD_DEBT_USD


def test_no_data_no_figure_and_the_reason(
    plain: type[PlainSimulation], tmp_path: pathlib.Path
) -> None:
    short = scenario("time.horizon_blocks=90", "time.settle_blocks=0")
    quiet = execute.in_memory(short, 7, Progress(shown=False))
    with pytest.raises(NoData, match="no liquidations happened"):
        quiet.plot("liquidations")
    written, left_out = write_figures(quiet, tmp_path / "figures")
    assert {path.stem for path in written} == {
        "leverage",
        "prices",
        "waterfall",
    }  # what the plain run has data for
    assert left_out == {
        "auctions": "no market puts collateral up for auction, so there is no figure of auctions.",
        "cascade": "no sale was caused by another, so there is no figure of a cascade.",
        "fills": "no asset was sold in a pool, so there is no figure of fills.",
        "flows": "nobody paid anybody of another class, so there is no figure of payments.",
        "liquidations": "no liquidations happened, so there is no figure of them.",
        "discount": "there is no staked token, so there is no figure of its discount.",
        "reserves": "no redemption module pays at par, so there is no figure of reserves.",
        "share_vaults": "there is no share vault, so there is no figure of them.",
    }
    with pytest.raises(OutputExists):
        write_figures(quiet, tmp_path / "figures")


def test_an_unknown_figure_answers_with_the_nearest(run: Run) -> None:
    with pytest.raises(InputError, match="Did you mean 'prices'"):
        run.plot("price")


def test_a_legend_is_no_wider_than_its_figure() -> None:
    assert columns_that_fit(["market", "oracle", "fundamental"]) == 3
    assert columns_that_fit(["sale by rule, endogenous", "liquidation, endogenous"] * 2) == 3
    assert columns_that_fit(["a name of a cohort that is longer than any of ours " * 2] * 3) == 1


def test_every_strategy_has_a_colour_of_its_own() -> None:
    vaults = [name for name, strategy in STRATEGIES.items() if strategy.role == "vault"][:5]
    assert len({strategy_colour(name) for name in vaults}) == len(vaults)

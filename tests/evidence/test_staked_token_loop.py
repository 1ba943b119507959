"""Loops of a staked token and one way out: how far they push their own discount, and what would have held it.

Stage: the preset ``staked_token_loop``. Its twins differ in one thing: a pool ten times as deep, a line
that is open, or a lender whose oracle reads the rate. The sign over five seeds.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

import aftershock as af
from analysis import figures
from scenarios.load import load
from scenarios.schema import Scenario
from tests.evidence.measures import FEW_SEEDS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]

GIVEN = 2.0  # per cent, that others have made of it


class Told(NamedTuple):
    """One run, in per cent."""

    largest: float  # discount on the outside market
    at_end: float
    sold: float  # of the collateral of all loops
    liquidated: float


def thin() -> Scenario:
    """The preset."""
    return load("staked_token_loop")


def deep() -> Scenario:
    """Ten times the liquidity."""
    return thin().with_(**{"cohorts.providers.tvl_usd": 600e6})


def open_line() -> Scenario:
    """Whoever can wait a day is paid."""
    return thin().with_(remove=["shocks.no_withdrawals"])


def by_rate() -> Scenario:
    """The lender believes the contract, and no sale."""
    rate = {"feeds.steth_usd.mode": "rate", "feeds.steth_usd.base_feed": "eth_usd"}
    return thin().with_(**rate)


def told(scenario: Scenario, seed: int) -> Told:
    """What the figure of the discount shows."""
    data = figures.draw("discount", af.run(scenario, seed=seed, progress=False)).data
    last = data.tail(1)
    return Told(
        float(data["market_percent"].max()),  # type: ignore[arg-type]
        float(last["market_percent"].item()),
        float(last["sold_percent"].item()),
        float(last["liquidated_percent"].item()),
    )


@pytest.fixture(scope="module")
def runs() -> dict[str, list[Told]]:
    """The preset and its twins, seed by seed."""
    stages = {"thin": thin(), "deep": deep(), "open": open_line(), "by rate": by_rate()}
    return {name: [told(stage, seed) for seed in FEW_SEEDS] for name, stage in stages.items()}


def test_the_discount_goes_far_beyond_what_others_have_made_of_it(runs):
    print_table(runs)
    assert all(run.at_end > 2.5 * GIVEN for run in runs["thin"])
    assert all(run.liquidated > 10.0 for run in runs["thin"])


@pytest.mark.parametrize("twin", ["deep", "open", "by rate"])
def test_each_twin_holds_it(runs, twin):
    for here, there in zip(runs["thin"], runs[twin], strict=True):
        assert there.at_end <= GIVEN
        assert there.sold + there.liquidated < 0.5 * (here.sold + here.liquidated)


def print_table(runs: dict[str, list[Told]]) -> None:
    """Medians, and the range over the seeds."""
    for name, rows in runs.items():
        for k, what in enumerate(Told._fields):
            values = sorted(row[k] for row in rows)
            print(f"{name:8} {what:10} {values[2]:6.2f} ({values[0]:.2f} to {values[-1]:.2f})")

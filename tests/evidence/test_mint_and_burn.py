"""Mint and burn in a run: the more a module pays, the better the coin holds and the less its token is worth.

Stage: ``tests/mint_and_burn_spiral.toml``. Dose: the module halted, with its virtual pools, with pools ten
times as large. The order over five seeds.
"""

from __future__ import annotations

import pathlib
from typing import NamedTuple

import pytest

import aftershock as af
from scenarios.load import load
from scenarios.schema import Scenario
from tests.evidence.measures import FEW_SEEDS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]

STAGE = pathlib.Path(__file__).resolve().parent.parent / "mint_and_burn_spiral.toml"
HALT = {"name": "halt", "shock": "redemption_halt", "redemption": "terra", "duration": "1 d"}


class Told(NamedTuple):
    """One run at its end."""

    coin_usd: float
    token_fall: float  # per cent, of the volatile token against its fundamental price
    burned_m: float  # million coin
    made_m: float  # million tokens for them
    last_over_first: float  # tokens that a coin made in the last burn and in the first


def doses() -> dict[str, Scenario]:
    """The module halted, as it is, and ten times as deep."""
    stage = load(str(STAGE))
    deep = stage.with_(**{"redemptions.terra.base_pool_usd": 500e6})
    return {"halted": stage.with_(shocks=[HALT]), "as it is": stage, "ten times": deep}


def told(scenario: Scenario, seed: int) -> Told:
    """Prices at the end, and what the module has done."""
    run = af.run(scenario, seed=seed, progress=False)
    last = run.blocks.last().collect().row(0, named=True)
    burns = run.events.filter(kind="convert", status="ok", token="UST@main").collect()
    made = (burns["amount_out"] / burns["token_amount"]).to_list() or [1.0]
    fall = 1.0 - last["market_price_usd.LUNA"] / last["fundamental_price_usd.LUNA"]
    return Told(
        last["market_price_usd.UST"],
        100.0 * fall,
        float(burns["token_amount"].sum()) / 1e6,
        float(burns["amount_out"].sum()) / 1e6,
        made[-1] / made[0],
    )


@pytest.fixture(scope="module")
def runs() -> dict[str, list[Told]]:
    return {name: [told(stage, seed) for seed in FEW_SEEDS] for name, stage in doses().items()}


def test_what_holds_the_coin_ruins_the_token(runs):
    for name, rows in runs.items():
        for k, what in enumerate(Told._fields):
            values = sorted(row[k] for row in rows)
            print(f"{name:9} {what:10} {values[2]:7.3f} ({values[0]:.3f} to {values[-1]:.3f})")
    for halted, as_it_is, deep in zip(*runs.values(), strict=True):
        assert halted.coin_usd < as_it_is.coin_usd < deep.coin_usd
        assert halted.token_fall + 20.0 < as_it_is.token_fall < deep.token_fall
        assert halted.burned_m == 0.0 < as_it_is.burned_m < deep.burned_m


def test_each_coin_makes_more_tokens_than_the_one_before(runs):
    for run in (*runs["as it is"], *runs["ten times"]):
        assert run.last_over_first > 1.15

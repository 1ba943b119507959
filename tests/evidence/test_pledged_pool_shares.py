"""Shares of a pool as collateral, the whole way: who lent against them loses, and the books of wealth close.

Stage: ``pledged_pool_shares.toml`` beside this file.
"""

from __future__ import annotations

import pathlib

import polars as pl
import pytest

import aftershock as af
from scenarios.load import load

STAGE = pathlib.Path(__file__).with_name("pledged_pool_shares.toml")


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("friction", [True, False])
def test_what_is_seized_leaves_the_pool_and_the_lenders_bear_the_rest(friction):
    run = af.run(
        load(str(STAGE)).with_(**{"channels.keeper_friction": friction}), seed=100, progress=False
    )
    wealth = run.summary["wealth_identity"]
    assert abs(wealth["error_usd"]) <= wealth["error_allowed_usd"]
    lost = run.summary["losses"]["by_holder"]
    assert lost["lenders_against_claims"]["loss_at_horizon_fraction"] > 0.0
    assert lost["claim_borrowers"]["loss_at_horizon_fraction"] > 0.5
    seized = run.events.filter(
        (pl.col("kind").cast(pl.String) == "remove_liquidity") & (pl.col("status") == "ok")
    )
    assert seized.collect().height > 0

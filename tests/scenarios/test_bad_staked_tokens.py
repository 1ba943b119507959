"""Staked tokens, feeds of their rate, and mint and burn that cannot be: refused by key and range."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.load import load
from scenarios.schema import Scenario
from sim.errors import InputError
from tests.staked_stage import staked_stage


@pytest.fixture(scope="module")
def stage() -> Scenario:
    return staked_stage()


def refusal(scenario: Scenario, changes: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        scenario.with_(**changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("redemptions.lido.kind", "staked_tokn", "Did you mean 'staked_token'"),
        ("redemptions.lido.coin", "stEHT", "Did you mean 'stETH'"),
        ("redemptions.lido.coin", "ETH", "what the reserve consists of"),
        ("redemptions.lido.reward_per_year", -0.01, "greater than or equal to 0"),
        ("redemptions.lido.reward_fee_fraction", 1.0, "less than 1"),
        ("redemptions.lido.withdrawals_usd_per_day", 0.0, "greater than 0"),
        ("redemptions.lido.min_delay_seconds", -1.0, "greater than or equal to 0"),
        ("redemptions.lido.queue_length", 0, "greater than or equal to 1"),
        ("redemptions.lido.cap_usd", 0.0, "greater than 0"),
        ("redemptions.lido.reserve_usd", 1e6, "does not redeem at par"),
        ("redemptions.lido.fee_out_fraction", 0.01, "does not redeem at par"),
        ("redemptions.lido.base_pool_usd", 1e6, "only modules of kind 'mint_and_burn' use"),
        ("redemptions.lido.daily_cap_usd", 1e6, "only modules of kind 'issuer' use"),
        ("redemptions.terra.base_pool_usd", 0.0, "greater than 0"),
        ("redemptions.terra.min_spread_fraction", 1.0, "less than 1"),
        ("redemptions.terra.recovery_blocks", 0.5, "greater than or equal to 1"),
        ("redemptions.terra.block_seconds", 0.0, "greater than 0"),
        ("redemptions.terra.volatile_feed", "luna_us", "Did you mean 'luna_usd'"),
        ("redemptions.terra.volatile_feed", "eth_usd", "is a feed of ETH, not of LUNA"),
        ("redemptions.terra.reserve_asset", "USDC", "is the cash: name the volatile token"),
        ("redemptions.terra.queue_length", 5, "only modules of kind 'staked_token' use"),
        ("feeds.steth_rate.base_feed", "luna_usd", "must be a feed of ETH"),
        ("feeds.steth_rate.base_feed", "steth_rate", "must be a feed of ETH"),
        ("feeds.steth_rate.base_feed", "eth_us", "Did you mean 'eth_usd'"),
        ("feeds.steth_rate.deviation_fraction", 0.01, "mode 'rate' does not use"),
        ("feeds.luna_usd.base_feed", "eth_usd", "mode 'push' does not use"),
        ("cohorts.patient.asset", "USDC", "is staked for no token"),
        ("cohorts.patient.pools", ["eth_usdc"], "finds no pool of ETH and stETH"),
        ("cohorts.patient.required_return_per_year", -0.1, "0"),
        ("cohorts.patient.expected_opening_seconds", -1.0, "0"),
        ("cohorts.ust_holders.redemption", "lido", "redeems stETH, not UST"),
        ("shocks.slashing.redemption", "terra", "keeps no reserve"),
        ("shocks.slashing.fraction", 1.0, "slashing takes less than all"),
    ],
)
def test_what_cannot_be_is_refused(stage, key, value, words):
    message = refusal(stage, {key: value})
    assert words in message
    assert key.rpartition(".")[0] in message


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ("redemptions.lido.withdrawals_usd_per_day", "is required"),
        ("redemptions.terra.base_pool_usd", "is required"),
        ("redemptions.terra.volatile_feed", "is required"),
        ("feeds.steth_rate.base_feed", "is required"),
    ],
)
def test_what_is_missing_is_named(stage, gone, words):
    message = refusal(stage, {"remove": [gone]})
    assert words in message
    assert gone in message


def test_a_staked_token_has_one_contract_and_no_path_of_its_own(stage):
    second = {
        "name": "rocket", "kind": "staked_token", "coin": "stETH", "reserve_asset": "ETH",
        "withdrawals_usd_per_day": 1e6,
    }  # fmt: skip
    message = refusal(stage, {"redemptions": [second]})
    assert "is the staked token of redemptions.lido already" in message
    path = {
        "name": "own", "shock": "price_path", "asset": "stETH", "kind": "fundamental",
        "anchors": [[0, 2200.0], [0.2, 2000.0]], "volatility_per_year": 0.5,
    }  # fmt: skip
    assert "follows ETH at its rate" in refusal(stage, {"shocks": [path]})


def test_only_a_staked_token_has_a_rate_to_read(stage):
    feed = {"name": "ust_rate", "asset": "UST", "mode": "rate", "base_feed": "eth_usd"}
    message = refusal(stage, {"feeds": [feed]})
    assert "feeds.ust_rate.asset" in message
    assert "a redemption module of kind 'staked_token', for a share of a vault or" in message


def test_a_feed_that_nobody_publishes_cannot_stall(stage):
    stall = {"name": "stall", "shock": "oracle_stall", "feed": "steth_rate", "duration": "1 h"}
    assert "it has nothing to publish" in refusal(stage, {"shocks": [stall]})


def test_no_coin_holder_holds_a_staked_token():
    holder = {
        "name": "holders", "strategy": "coin_holder", "n_rows": 1, "tvl_usd": 1e6,
        "asset": "stETH", "redemption": "lido",
    }  # fmt: skip
    message = refusal(load("staked_token_loop"), {"cohorts": [holder]})
    assert "is a staked token, which is worth its rate" in message

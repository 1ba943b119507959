"""Redemption modules that cannot be: refused by key and range, when the scenario is read."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.load import load
from sim.errors import InputError

PRESET = "peg_module_runs_dry"
ISSUER = {"redemptions.peg.kind": "issuer"}


def refusal(changes: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        load(PRESET, changes=changes)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("redemptions.peg.kind", "peg_modul", "Did you mean 'peg_module'"),
        ("redemptions.peg.coin", "DAY", "Did you mean 'DAI'"),
        ("redemptions.peg.coin", "USDC", "what the reserve consists of"),
        ("redemptions.peg.reserve_asset", "USDD", "unknown asset"),
        ("redemptions.peg.reserve_usd", -1.0, "greater than or equal to 0"),
        ("redemptions.peg.cap_usd", 1e6, "is below reserve_usd"),
        ("redemptions.peg.fee_in_fraction", 1.0, "less than 1"),
        ("redemptions.peg.fee_out_fraction", -0.1, "greater than or equal to 0"),
        ("redemptions.peg.minimum_usd", 10.0, "only modules of kind 'issuer' use"),
        ("redemptions.peg.weekdays", ["Mon"], "only modules of kind 'issuer' use"),
        ("cohorts.fast_holders.redemption", "pegg", "Did you mean 'peg'"),
        ("cohorts.fast_holders.asset", "ETH", "redeems DAI, not ETH"),
        ("pools.dai_usdc.tokens", ["DAI", "ETH"], "cannot be sold for the cash"),
        ("shocks.doubt.redemption", "pegg", "Did you mean 'peg'"),
        ("redemptions.peg.reserve_usd", float("nan"), "must be a finite number"),
        ("redemptions.peg.cap_usd", 0.0, "greater than 0"),
        ("shocks.doubt.loss_fraction", 1.5, "less than or equal to 1"),
        ("cohorts.fast_holders.hazard_per_day", -1.0, "between 0 and 1e+09"),
    ],
)
def test_what_cannot_be_is_refused(key, value, words):
    message = refusal({key: value})
    assert words in message
    assert key in message or "cohorts.fast_holders" in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closes_seconds": 90_000.0}, "less than or equal to 86400"),
        ({"opens": "20 h", "closes": "9 h"}, "must be after opens_seconds"),
        ({"minimum_usd": 2e6, "daily_cap_usd": 1e6}, "is below minimum_usd"),
        ({"weekdays": []}, "names no day"),
        ({"weekdays": ["Mon", "Mon"]}, "names a day twice"),
        ({"weekdays": ["Monday"]}, "expected one of"),
    ],
)
def test_a_counter_that_cannot_be_is_refused(changes, words):
    told = {f"redemptions.peg.{key}": value for key, value in changes.items()}
    assert words in refusal({**ISSUER, **told})


def test_a_rumour_is_about_one_thing():
    assert "neither is given" in refusal({"remove": ["shocks.doubt.redemption"]})
    for shock in ("reserve_loss", "redemption_halt"):
        row: dict[str, Any] = {"name": "s", "shock": shock, "redemption": "pegg", "duration": "1 h"}
        row |= {"fraction": 0.5} if shock == "reserve_loss" else {}
        assert "Did you mean 'peg'" in refusal({"shocks": [row]})


def test_a_loss_of_nothing_is_none():
    row = {"name": "s", "shock": "reserve_loss", "redemption": "peg", "fraction": 0.0}
    message = refusal({"shocks": [row]})
    assert "shocks.s.fraction = 0" in message
    assert "greater than 0" in message


def test_an_arbitrageur_of_a_peg_has_a_module_behind_one_of_its_pools():
    pool = {"name": "eth_usdc", "tokens": ["ETH", "USDC"]}
    provider = {"name": "p", "strategy": "liquidity_provider", "n_rows": 1, "pool": "eth_usdc"}
    more = {"pools": [pool], "cohorts": [{**provider, "tvl_usd": 1e6}]}
    told = {**more, "cohorts.peg_arbitrageurs.pools": ["eth_usdc"]}
    assert "peg_arbitrageurs.pools = ['eth_usdc']: no redemption module" in refusal(told)
    nobody = ["redemptions.peg", "shocks.doubt", "cohorts.fast_holders", "cohorts.slow_holders"]
    assert "peg_arbitrageurs.pools" in refusal({"remove": nobody})

"""Markets of soft liquidation that cannot be: refused by key and range, when the scenario is read."""

from __future__ import annotations

import pytest

from tests.banded_stage import banded_stage
from tests.scenarios.refusals import refused

STAGE = "tests/banded_stage.toml"


def refusal(changes):
    return str(refused(STAGE, **changes))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("pools.eth_bands.amplification", 1.5, "between 2 and 10000"),
        ("pools.eth_bands.protocol_fee_fraction", 0.1, "their borrowers'"),
        ("pools.eth_bands.weights", [0.5, 0.5], "only pools of kind 'weighted'"),
        ("pools.eth_bands.tick_spacing", 10, "only pools of kind 'concentrated'"),
        ("pools.eth_crvusd.amplification", 100, "only pools of kind"),
        ("pools.eth_bands.tokens", ["crvUSD", "ETH"], "expected [asset, 'crvUSD']"),
        ("markets.soft.bands_per_loan", 3, "greater than or equal to 4"),
        ("markets.soft.bands_per_loan", 51, "less than or equal to 50"),
        ("markets.soft.liquidation_discount_fraction", 0.09, "must be below loan_discount"),
        ("markets.soft.loan_discount_fraction", 1.0, "less than 1"),
        ("markets.soft.pool", "eth_crvusd", "a pool of kind 'bands' is needed"),
        ("markets.soft.pool", "eth_band", "Did you mean 'eth_bands'"),
        ("markets.soft.close_factor", "v3.0", "does not use"),
        ("markets.soft.chop_fraction", 0.1, "does not use"),
        ("markets.hard.bands_per_loan", 10, "has no bands"),
        ("markets.hard.pool", "eth_bands", "has no bands"),
        ("reserves.soft_eth.ltv_fraction", 0.5, "market of bands"),
        ("reserves.soft_eth.supply_cap_usd", 1e6, "market of bands"),
        ("reserves.soft_crvusd.borrow_cap_usd", 1e6, "market of bands"),
        ("reserves.soft_crvusd.slope1_per_year", 0.1, "market of bands"),
        ("cohorts.banded.leverage", 6.0, "the most that market 'soft' lends"),
        ("cohorts.banded.leverage", 1.0, "between 1.01 and 20"),
        ("cohorts.banded.emode", "x", "does not use"),
        ("cohorts.banded.market", "hard", "needs one of kind 'bands'"),
        ("cohorts.levered.market", "soft", "only strategy 'band_borrower' borrows in bands"),
        ("cohorts.providers.pool", "eth_bands", "has no providers"),
        ("cohorts.levered.pools", ["eth_bands"], "only an arbitrageur trades with it"),
    ],
)
def test_what_cannot_be_is_refused_by_name(key, value, words):
    message = refusal({key: value})
    assert key.rsplit(".", 1)[0] in message
    assert words in message


def test_a_pool_of_bands_needs_a_market_and_a_market_a_pool():
    assert "is required" in refusal({"remove": ["markets.soft.pool"]})
    lone = {"name": "lone", "kind": "bands", "tokens": ["ETH", "crvUSD"], "amplification": 100}
    assert "no market of kind 'bands' names it" in refusal({"pools": [lone]})
    twin = {"name": "twin", "kind": "bands", "pool": "eth_bands"}
    assert "is the pool of market 'soft' already" in refusal({"markets": [twin]})
    assert "needs two reserves" in refusal({"remove": ["reserves.soft_eth"]})


def test_nobody_lends_to_a_market_of_bands():
    lender = {"name": "extra", "strategy": "lender", "n_rows": 1, "tvl_usd": 1e6}
    lender |= {"market": "soft", "reserve_asset": "crvUSD"}
    assert "nobody lends to it" in refusal({"cohorts": [lender]})


def test_nobody_can_withdraw_liquidity_from_bands():
    leave = {"name": "leave", "shock": "liquidity_withdrawal", "pool": "eth_bands", "fraction": 0.5}
    assert "no providers who could leave" in refusal(
        {"shocks": [{**leave, "start_seconds": 60.0, "duration_seconds": 60.0}]}
    )


def test_only_arbitrageurs_trade_with_bands_unless_they_are_named():
    pools = {cohort.name: cohort.pools for cohort in banded_stage().cohorts}
    assert pools["arbitrageurs"] == ("eth_crvusd", "eth_bands")
    assert pools["liquidators"] == pools["levered"] == ("eth_crvusd",)

"""The stage of lending: a staked-token loop, an isolated market, keepers without capital, and a fall."""

from __future__ import annotations

from scenarios.load import loads
from scenarios.schema import Scenario
from tests.sim.lending_worlds import STAKED

APART = """
[[markets]]
name = "apart"
kind = "isolated"
lltv_fraction = 0.86
flash_loans = true

[[reserves]]
name = "apart_eth"
market = "apart"
asset = "ETH"
feed = "eth_usd"

[[reserves]]
name = "apart_usdc"
market = "apart"
asset = "USDC"
feed = "usdc_usd"
reserve_factor_fraction = 0.1
utilisation_fraction = 0.9

[[cohorts]]
name = "apart_loops"
strategy = "leveraged_loop"
n_rows = 12
tvl_usd = 1.2e6
size = 1
asset = "ETH"
market = "apart"
target_health = 1.3
gas_tank_usd = 1000
attention_fraction = 0.05

[[cohorts]]
name = "apart_lenders"
strategy = "lender"
n_rows = 1
market = "apart"
reserve_asset = "USDC"

[[shocks]]
name = "fall"
shock = "price_path"
asset = "ETH"
kind = "fundamental"
volatility_per_year = 0.1
anchors = [[0, 2000], [0.1, 2300], [0.15, 1800], [0.3, 1200]]

[[shocks]]
name = "staked_fall"
shock = "price_path"
asset = "stETH"
kind = "fundamental"
volatility_per_year = 0.1
anchors = [[0, 2000], [0.1, 2420], [0.15, 1700], [0.3, 1000]]
"""
CHANGES = {
    "time.horizon_blocks": 110,
    "feeds.eth_usd.heartbeat_seconds": 60.0,
    "cohorts.keepers.flash_loans": True,
    "cohorts.staked_providers.tvl_usd": 60e6,
    "cohorts.keepers.attention_fraction": 1.0,
    "cohorts.arbitrageurs.attention_fraction": 1.0,
    "cohorts.staked_loops.n_rows": 12,
    "cohorts.staked_loops.tvl_usd": 1.2e6,
    "cohorts.staked_loops.attention_fraction": 0.06,
    "cohorts.loops.attention_fraction": 0.05,
    "cohorts.ether_lenders.n_rows": 3,
    "cohorts.ether_lenders.tvl_usd": 7.9e6,  # 95 % of it is lent, beyond the kink
    "remove": ["reserves.staked_eth.utilisation_fraction"],
    "reserves.staked_steth.debt_ceiling_usd": 3_900.0,
    "reserves.staked_eth.is_borrowable_in_isolation": True,
}


def lending_stage() -> Scenario:
    """Every key of a lending market has something to say here."""
    return loads(STAKED + APART).with_(**CHANGES)

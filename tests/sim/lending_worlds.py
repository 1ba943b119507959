"""The small world with an isolated market in place of the pooled one, or a staked-token loop beside it."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO

_POOLED = SCENARIO[SCENARIO.index("[[markets]]") : SCENARIO.index("[[cohorts]]")]
ISOLATED = SCENARIO.replace(
    _POOLED,
    """
[[markets]]
name = "core"
kind = "isolated"
lltv_fraction = 0.86
flash_loans = true

[[reserves]]
name = "core_eth"
market = "core"
asset = "ETH"
feed = "eth_usd"

[[reserves]]
name = "core_usdc"
market = "core"
asset = "USDC"
feed = "usdc_usd"
reserve_factor_fraction = 0.1
utilisation_fraction = 0.8

""",
)
STAKED = (
    SCENARIO
    + """
[[assets]]
name = "stETH"
price_usd = 2000
depth_usd = 1e9
outside_inventory_usd = 20e6

[[feeds]]
name = "steth_usd"
asset = "stETH"
heartbeat_seconds = 12

[[pools]]
name = "steth_eth"
tokens = ["stETH", "ETH"]
fee_fraction = 0.0005

[[markets]]
name = "staked"
flash_loans = true

[[reserves]]
name = "staked_steth"
market = "staked"
asset = "stETH"
feed = "steth_usd"
ltv_fraction = 0.7
threshold_fraction = 0.75
bonus_fraction = 0.07
liquidation_fee_fraction = 0.1

[[reserves]]
name = "staked_eth"
market = "staked"
asset = "ETH"
feed = "eth_usd"
slope1_per_year = 0.03
slope2_per_year = 0.8
optimal_utilisation_fraction = 0.9
reserve_factor_fraction = 0.1
utilisation_fraction = 0.5

[[emodes]]
name = "eth_correlated"
market = "staked"
collateral = ["stETH"]
borrowable = ["ETH"]
ltv_fraction = 0.93
threshold_fraction = 0.95
bonus_fraction = 0.01

[[cohorts]]
name = "staked_loops"
strategy = "leveraged_loop"
n_rows = 3
tvl_usd = 300e3
size = 1
asset = "stETH"
market = "staked"
debt_asset = "ETH"
emode = "eth_correlated"
target_health = 1.1
health_band = 0.02
gas_tank_usd = 1000

[[cohorts]]
name = "ether_lenders"
strategy = "lender"
n_rows = 1
market = "staked"
reserve_asset = "ETH"

[[cohorts]]
name = "staked_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 20e6
pool = "steth_eth"
"""
)

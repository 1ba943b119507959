"""The stage of staked ether, dear and then cheap, with a line that fills and closes; and of mint and burn."""

from __future__ import annotations

from scenarios.load import loads
from scenarios.schema import Scenario
from tests.sim.staked_world import STAKED
from tests.sim.worlds import SCENARIO

PEOPLE = """
[[pools]]
name = "ust_usdc"
kind = "stable_swap"
tokens = ["UST", "USDC"]
amplification = 100
ramp_amplification = 200
ramp_start_seconds = 60
ramp_duration_seconds = 86_400

[[pools]]
name = "ust_luna"
tokens = ["UST", "LUNA"]
fee_fraction = 0.0005

[[markets]]
name = "ether_market"

[[pools]]
name = "steth_second"
tokens = ["ETH", "stETH"]

[[cohorts]]
name = "second_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 1e6
pool = "steth_second"

[[reserves]]
name = "ether_eth"
market = "ether_market"
asset = "ETH"
feed = "eth_usd"
slope1_per_year = 0.03
slope2_per_year = 0.8
optimal_utilisation_fraction = 0.9
reserve_factor_fraction = 0.1
utilisation_fraction = 0.8

[[reserves]]
name = "ether_steth"
market = "ether_market"
asset = "stETH"
feed = "steth_rate"
ltv_fraction = 0.7
threshold_fraction = 0.75
bonus_fraction = 0.05

[[cohorts]]
name = "ust_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 1e6
pool = "ust_usdc"

[[cohorts]]
name = "luna_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 10e6
pool = "ust_luna"

[[cohorts]]
name = "ether_lenders"
strategy = "lender"
n_rows = 1
market = "ether_market"
reserve_asset = "ETH"

[[cohorts]]
name = "staked_loops"
strategy = "leveraged_loop"
n_rows = 2
tvl_usd = 100e3
asset = "stETH"
market = "ether_market"
debt_asset = "ETH"
target_health = { distribution = "uniform", low = 1.1, high = 1.2 }
health_band = 0.001

[[cohorts]]
name = "ust_holders"
strategy = "coin_holder"
n_rows = 20
tvl_usd = 1e6
asset = "UST"
redemption = "terra"
hazard_per_day = 4000

[[cohorts]]
name = "module_arbitrageurs"
strategy = "peg_arbitrageur"
n_rows = 2
tvl_usd = 2e6
pools = ["steth_eth", "ust_luna"]
gas_reserve_eth = 5

[[shocks]]
name = "dear"
shock = "price_gap"
asset = "stETH"
size_fraction = 0.05
duration_seconds = 300

[[shocks]]
name = "cheap"
shock = "price_gap"
asset = "stETH"
size_fraction = -0.03
start_seconds = 360

[[shocks]]
name = "no_withdrawals"
shock = "redemption_halt"
redemption = "lido"
start_seconds = 900
duration_seconds = 300

[[shocks]]
name = "slashing"
shock = "reserve_loss"
redemption = "lido"
fraction = 0.01
start_seconds = 960

[[shocks]]
name = "burns_halted"
shock = "redemption_halt"
redemption = "terra"
start_seconds = 1200
duration_seconds = 120

[[shocks]]
name = "coin_dear"
shock = "price_gap"
asset = "UST"
size_fraction = 0.08
duration_seconds = 400

[[shocks]]
name = "coin_doubted"
shock = "rumour"
redemption = "terra"
loss_fraction = 0.2
start_seconds = 500
duration_seconds = 900

[[shocks]]
name = "congestion"
shock = "gas_demand"
chain = "main"
multiple = 20
start_seconds = 420
ramp_seconds = 200
duration_seconds = 600
"""
TERMS = {
    "time.horizon_blocks": 150,
    "time.burn_in_blocks": 5,
    "pools.steth_eth.tokens": ["stETH", "ETH"],
    "pools.steth_eth.rates": [1.1, 1.0],
    "redemptions.lido.cap_usd": 26.5e6,
    "redemptions.lido.withdrawals_usd_per_day": 200e6,
    "redemptions.terra.cap_usd": 60e3,
    "redemptions.terra.min_spread_fraction": 0.002,
    "redemptions.terra.base_pool_usd": 2e6,
    "cohorts.patient.n_rows": 6,
    "cohorts.patient.pools": ["steth_eth", "steth_second"],
    "cohorts.patient.attention_fraction": 0.8,
    "cohorts.patient.max_fee_multiple": 1.0,
    "cohorts.patient.tip_gwei": 0.0,
    "cohorts.patient.patience_blocks": 2,
    "cohorts.patient.required_return_per_year": 0.3,
    "cohorts.patient.expected_opening_seconds": 2e6,
    "cohorts.arbitrageurs.attention_fraction": 1.0,
    "cohorts.arbitrageurs.max_fee_multiple": 20.0,
    "cohorts.arbitrageurs.tip_gwei": 100.0,
    "assets.stETH.outside_inventory_usd": 20e6,
    "assets.UST.depth_usd": 5e6,
    "assets.LUNA.depth_usd": 5e6,
    "feeds.luna_usd.deviation_fraction": 0.002,
}


def staked_stage() -> Scenario:
    """Both modules work in both directions, up to their caps, and through a line that is often full."""
    return loads(SCENARIO + STAKED + PEOPLE).with_(**TERMS)

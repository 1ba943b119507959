"""The small world with a staked token, its line and a pool of it; and a coin that is minted and burned."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO, SmallWorld

STAKED = """
[[assets]]
name = "stETH"
price_usd = 2200
depth_usd = 1e8
outside_inventory_usd = 2.2e6

[[assets]]
name = "UST"
price_usd = 1
depth_usd = 1e8
outside_inventory_usd = 20e6

[[assets]]
name = "LUNA"
price_usd = 80
depth_usd = 1e8
outside_inventory_usd = 8e6

[[feeds]]
name = "steth_rate"
asset = "stETH"
mode = "rate"
base_feed = "eth_usd"

[[feeds]]
name = "luna_usd"
asset = "LUNA"
heartbeat_seconds = 1e6

[[pools]]
name = "steth_eth"
kind = "stable_swap"
tokens = ["ETH", "stETH"]
fee_fraction = 0.0004
amplification = 50
rates = [1, 1.1]

[[redemptions]]
name = "lido"
kind = "staked_token"
coin = "stETH"
reserve_asset = "ETH"
cap_usd = 50e6
reward_per_year = 0.05
withdrawals_usd_per_day = 2e6
min_delay_seconds = 120
queue_length = 4

[[redemptions]]
name = "terra"
kind = "mint_and_burn"
coin = "UST"
reserve_asset = "LUNA"
volatile_feed = "luna_usd"
base_pool_usd = 1e6

[[cohorts]]
name = "steth_providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 4.4e6
size = 1
pool = "steth_eth"
gas_tank_usd = 100e3

[[cohorts]]
name = "patient"
strategy = "patient_arbitrageur"
n_rows = 2
tvl_usd = 2e6
size = 1
asset = "ETH"
pools = ["steth_eth"]
required_return_per_year = 0.1
attention_fraction = 0
"""

LIDO, TERRA = 0, 1


def staked_world(**changes: object) -> SmallWorld:
    """A world with both modules, everybody quiet."""
    return SmallWorld(changes or None, SCENARIO + STAKED)

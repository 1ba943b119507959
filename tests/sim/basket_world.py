"""The small world with a StableSwap and a weighted pool of three coins each, and who trades there."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO, SmallWorld

ETH_USDC, STABLE, INDEX = 0, 1, 2  # pools
ETH, USDC, DAI, USDT = 0, 1, 2, 3
LP_STABLE, LP_INDEX = 5, 6

COINS = """
[[assets]]
name = "DAI"
price_usd = 1
depth_usd = 1e8
volatility_per_year = 0.3
outside_inventory_usd = 20e6

[[assets]]
name = "USDT"
price_usd = 0.99
depth_usd = 1e8
volatility_per_year = 0.2
outside_inventory_usd = 20e6

"""
POOLS = """

[[pools]]
name = "stable"
kind = "stable_swap"
tokens = ["DAI", "USDC", "USDT"]
fee_fraction = 0.0004
protocol_fee_fraction = 0.5
amplification = 200

[[pools]]
name = "index"
kind = "weighted"
tokens = ["ETH", "DAI", "USDC"]
fee_fraction = 0.003
protocol_fee_fraction = 0.5
weights = [0.6, 0.2, 0.2]

[[cohorts]]
name = "stable_providers"
strategy = "liquidity_provider"
n_rows = 2
tvl_usd = 6e6
size = 1
pool = "stable"
gas_tank_usd = 10e3

[[cohorts]]
name = "index_providers"
strategy = "liquidity_provider"
n_rows = 2
tvl_usd = 6e6
size = 1
pool = "index"
gas_tank_usd = 10e3

[[cohorts]]
name = "noise"
strategy = "noise_trader"
n_rows = 2
tvl_usd = 20e6
volume_usd_per_day = 3e8
pools = ["stable", "index", "eth_usdc"]
gas_tank_usd = 10e3
attention_fraction = 0
"""
BASKETS = SCENARIO.replace("[[chains]]", COINS + "[[chains]]", 1) + POOLS


def basket_world(changes: dict[str, object] | None = None) -> SmallWorld:
    """Nobody decides by himself."""
    return SmallWorld(changes, text=BASKETS)


def busy_world(**changes: object) -> SmallWorld:
    """Noise traders and arbitrageurs at work in all three pools."""
    awake = {
        "cohorts.noise.attention_fraction": 1.0,
        "cohorts.arbitrageurs.attention_fraction": 1.0,
    }
    return SmallWorld({**awake, **changes}, text=BASKETS)

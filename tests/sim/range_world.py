"""The small world with a concentrated pool beside its constant-product one, and a gap between two ranges."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO, SmallWorld

RANGES = 1  # row of the pool

POOL = """
[[pools]]
name = "ranges"
kind = "concentrated"
tokens = ["ETH", "USDC"]
fee_fraction = 0.003
tick_spacing = 60
protocol_fee_fraction = 0.25

[[markets]]
"""

PROVIDERS = """
[[cohorts]]
name = "near"
strategy = "liquidity_provider"
n_rows = 2
tvl_usd = 4e6
size = 1
pool = "ranges"
lower_price_multiple = 0.9
upper_price_multiple = 1.1
gas_tank_usd = 100e3

[[cohorts]]
name = "far"
strategy = "liquidity_provider"
n_rows = 2
tvl_usd = 4e6
size = 1
pool = "ranges"
lower_price_multiple = 0.6
upper_price_multiple = 0.8
gas_tank_usd = 100e3
"""


def range_world() -> SmallWorld:
    """ETH at 2,000 USD; liquidity from 1,800 to 2,200 and from 1,200 to 1,600, and none between."""
    text = SCENARIO.replace("\n[[markets]]\n", POOL, 1)
    return SmallWorld(text=text + PROVIDERS)

"""A market of one pool and one vault that sells once, as deep as one likes.

Prices stand still but for one fall of a tenth. The vault sees it an hour later, when whoever brought the
pool back to the market has left no transient trace; then it sells what its rule no longer allows it to hold.
"""

from __future__ import annotations

from scenarios.load import loads
from scenarios.schema import Scenario
from sim.columns import COHORT_COLUMNS
from tests.evidence.measures import whole

FALL, MULTIPLIER, FLOOR, VAULT_USD, POOL_USD = 0.1, 3.0, 0.8, 1e6, 20e6  # as below
TEXT = """
schema = 1
title = "One vault in a market as deep as one likes"

[time]
start = "2024-01-01T00:00:00Z"
horizon_blocks = 1500
burn_in_blocks = 0

[channels]
gas = false

[[assets]]
name = "ETH"
price_usd = 2000
depth_usd = 100e6
half_life_seconds = 60

[[assets]]
name = "USDC"
is_cash = true
price_usd = 1

[[chains]]
name = "main"
base_fee_gwei = 20

[[pools]]
name = "eth_usdc"
tokens = ["ETH", "USDC"]
fee_fraction = 0

[[cohorts]]
name = "insured"
strategy = "cppi"
n_rows = 1
tvl_usd = 1e6
size = 1
asset = "ETH"
multiplier = 3
floor_fraction = 0.8
band_fraction = 0.05
max_slippage_fraction = 0.9
decision_latency = "1 h"

[[cohorts]]
name = "providers"
strategy = "liquidity_provider"
n_rows = 1
tvl_usd = 20e6
pool = "eth_usdc"

[[cohorts]]
name = "arbitrageurs"
strategy = "arbitrageur"
n_rows = 1
tvl_usd = 20e6
min_profit_usd = 0

[[shocks]]
name = "fall"
shock = "price_gap"
asset = "ETH"
size = "-10 %"
start = "1 h"
"""


def market(pool: float, outside: float, permanent_fraction: float = 0.0) -> Scenario:
    """The pool and the exchange outside so many times as deep; arbitrageurs are as rich as that takes."""
    return loads(TEXT).with_(
        **{
            "assets.ETH.depth_usd": 100e6 * outside,
            "assets.ETH.permanent_fraction": permanent_fraction,
            "assets.*.outside_inventory_usd": 1e10 * max(pool, 1.0),
            "cohorts.providers.tvl_usd": POOL_USD * pool,
            "cohorts.arbitrageurs.tvl_usd": 20e6 * pool,
        }
    )


def loss_usd(scenario: Scenario) -> float:
    """What the vault has lost at the horizon, on market prices."""
    nav = whole(scenario, 100).cohorts[:, 0, COHORT_COLUMNS.index("nav_usd")]
    return float(nav[0] - nav[-1])


def aftershocks_usd(scenario: Scenario) -> float:
    """Loss with all channels less the loss of a price taker."""
    return loss_usd(scenario) - loss_usd(scenario.price_taking())

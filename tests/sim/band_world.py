"""The small world with a market of bands: two loans of 100 ETH each and 130,000 USDC, in ten bands."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO, SmallWorld

BANDS = """
[[pools]]
name = "eth_bands"
kind = "bands"
tokens = ["ETH", "USDC"]
amplification = 100
fee_fraction = 0.006

[[markets]]
name = "soft"
kind = "bands"
pool = "eth_bands"

[[reserves]]
name = "soft_eth"
market = "soft"
asset = "ETH"
feed = "eth_usd"

[[reserves]]
name = "soft_usdc"
market = "soft"
asset = "USDC"
feed = "usdc_usd"
base_rate_per_year = 0.1

[[cohorts]]
name = "banded"
strategy = "band_borrower"
n_rows = 2
tvl_usd = 140e3
size = 1
asset = "ETH"
market = "soft"
leverage = 2.857142857142857
attention_fraction = 0
gas_tank_usd = 0
"""
POOL, SOFT_ETH, SOFT_USDC = 1, 2, 3  # rows


def band_world(**changes: object) -> SmallWorld:
    """Nobody acts by himself."""
    return SmallWorld(changes, SCENARIO + BANDS)


def set_price(small: SmallWorld, price_usd: float) -> None:
    """Market and oracle at once."""
    exchange = small.world.venues.exchanges[0]
    exchange.fundamental_price_usd = exchange.market_price_usd = price_usd
    small.world.clock.fundamental_price_usd[:, 0] = price_usd
    small.world.venues.feeds[0].price_usd = price_usd

"""Markets of soft liquidation in a world: an empty grid of bands that goes by the oracle's price."""

from __future__ import annotations

from sim.world import World


def open_bands(world: World, m: int) -> None:
    """No trade has been made yet: the last price is the oracle's of now."""
    market = world.venues.banded[m]
    collateral = world.venues.feeds[world.venues.reserves[market.collateral_reserve].feed]
    coin = world.venues.feeds[world.venues.reserves[market.debt_reserve].feed]
    market.old_price = collateral.price_usd / coin.price_usd
    market.old_fee_fraction = 0.0
    market.price_seconds = world.clock.now[0].seconds

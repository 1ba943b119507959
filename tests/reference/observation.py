"""What can be seen: prices, reserves and gas, written down once a slot and read as late as one is slow."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from tests.reference.transaction import Trigger

if TYPE_CHECKING:
    from tests.reference.exchange import Exchange
    from tests.reference.model import ReferenceModel
    from tests.reference.oracle import Feed
    from tests.reference.pool import Pool


@dataclasses.dataclass(frozen=True)
class Observation:
    """Public numbers of one slot, by name."""

    market_price_usd: dict[str, float]  # of assets
    oracle_price_usd: dict[str, float]  # of feeds
    reserves: dict[str, tuple[float, float]]  # of pools
    gas_price_gwei: float
    has_pool_depth: bool  # False: pools fill at the outside price, whatever the size
    market_impact: dict[str, float]  # of earlier trades, in the log of the market price
    oracle_trigger: dict[
        str, Trigger
    ]  # the market price that an oracle shows, and the impact in it

    def price_of(self, asset: Exchange) -> float:
        """Outside price, USD."""
        return self.market_price_usd[asset.name]

    def price_without_impact(self, asset: Exchange) -> float:
        """Outside price with the impact of every earlier trade taken out."""
        return self.price_of(asset) * math.exp(-self.market_impact[asset.name])

    def oracle_of(self, feed: Feed) -> float:
        """Oracle price, USD."""
        return self.oracle_price_usd[feed.name]

    def sides(self, pool: Pool, token_in: str) -> tuple[float, float]:
        """Reserves of a pool, the side that takes ``token_in`` first."""
        reserve0, reserve1 = self.reserves[pool.name]
        return (reserve0, reserve1) if pool.token0 == token_in else (reserve1, reserve0)


def observe(model: ReferenceModel) -> Observation:
    """Look at everything public, now."""
    return Observation(
        {exchange.name: exchange.market_price_usd for exchange in model.exchanges},
        {feed.name: feed.price_usd for feed in model.feeds},
        {pool.name: (pool.reserve0, pool.reserve1) for pool in model.pools},
        model.chain.base_fee_gwei,
        model.has_pool_depth,
        {exchange.name: exchange.impact for exchange in model.exchanges},
        {
            feed.name: Trigger(int(feed.observed_slot), feed.price_usd, feed.impact)
            for feed in model.feeds
        },
    )

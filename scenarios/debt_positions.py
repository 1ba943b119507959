"""Markets of debt positions in a world: the rules of their auctions, and the coin that they issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.layout import Layout
from sim.tables import CDP
from sim.venues import auctions
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
    """Markets of debt positions: the rules of their auctions, and the coin that they issue."""
    first = 0
    for k, market in enumerate(scenario.cdps):
        m = layout.markets.index(market.name)
        world.venues.markets[m].kind = CDP
        world.venues.markets[m].state = k
        row = world.venues.cdps[k]
        for key in row.dtype.names:
            if hasattr(market, key):
                row[key] = getattr(market, key)
        row.auction_kind = auctions.DUTCH if market.auction == "dutch" else auctions.ENGLISH
        row.first_auction, row.n_auctions = first, market.auction_capacity
        first += market.auction_capacity
        for r in range(len(scenario.reserves)):
            reserve = world.venues.reserves[r]
            if reserve.market != m:
                continue
            if reserve.asset == world.clock.now[0].cash_asset:
                row.debt_reserve = r
                world.tokens[reserve.token].issuer = reserve.account
            else:
                row.collateral_reserve = r
                reserve.ltv_fraction = reserve.threshold_fraction
                # What an auction costs its owner at least.
                reserve.bonus_fraction = market.chop_fraction

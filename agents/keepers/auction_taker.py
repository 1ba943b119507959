"""Takers of Dutch auctions: they wait until the price has fallen below the market's, and pay at once.

Nobody has to be outbid and no capital is locked while an auction lasts, so one taker with coin and block
space is enough; where there is none, the price falls on until somebody finds it cheap, or the auction is
restarted.
Source: Maker's Liquidations 2.0 (MIP45, 2021).
"""

from __future__ import annotations

import dataclasses
import math

from agents.parameters import per_vault, shared, uniform
from sim.compile import kernel
from sim.formulas.auctions import dutch_purchase
from sim.venues.auctions import dutch_price
from sim.venues.outside import depth_usd
from sim.view import market_price


@dataclasses.dataclass(frozen=True)
class AuctionTaker:
    """``margin_fraction``: how far below what it can sell for the price of a lot must have fallen."""

    gas_reserve_eth: float = shared(50.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)
    margin_fraction: float = per_vault(uniform(0.005, 0.03), 0.0, 1.0)
    max_gas_price_gwei: float = per_vault(500.0, 0.0, 1e9)
    bids_per_block: int = shared(8, 1, 64)
    settlement_delay_seconds: float = shared(600.0, 0.0, 1e7)


@kernel
def purchase(view, cohort, row, place, capital):
    """Coin and collateral of the largest purchase that its capital and its slippage allow."""
    auction = view.venues.auctions[place]
    cdp = view.venues.cdps[auction.cdp]
    asset = view.reserves[cdp.collateral_reserve].asset
    price = dutch_price(cdp, auction, view.now[0].seconds)
    wanted = auction.lot
    depth = depth_usd(view.exchanges[asset])
    if view.now[0].has_keeper_friction == 1:
        wanted = min(wanted, capital / price)
        if depth < math.inf:
            most_usd = 2.0 * cohort.max_slippage_fraction * depth
            wanted = min(wanted, most_usd / market_price(view, row, asset))
    least_tab = cdp.dust * (1.0 + cdp.chop_fraction) * auction.positions
    owe, bought, _ = dutch_purchase(auction.lot, auction.tab, wanted, price, least_tab)
    return owe, bought

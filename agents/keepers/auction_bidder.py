"""Bidders in English auctions of collateral: whoever is alone pays next to nothing.

A bidder knows what a lot would bring on the market, and never bids above that less its margin. It opens with
a share of its valuation (none: with the smallest coin) and answers a rival with all of it; bids stand for
``ttl``, and their capital with them. A bidder whose software offers a fixed price of gas is out of the
auction as soon as the block costs more: the rivalry that makes an English auction fair is then gone.
Sources: Maker's contracts, Flipper (2019), and auction-keeper, its reference bidder, which bids the price
that a model tells it; Darlin, Papadis and Tassiulas (2020), Optimal Bidding Strategy for Maker Auctions.
"""

from __future__ import annotations

import dataclasses

from agents.parameters import per_vault, shared, uniform
from sim.compile import kernel
from sim.fields import N_COMMON, field
from sim.formulas.auctions import largest_next_lot, least_next_bid
from sim.transaction import BID, DEAL, REDO
from sim.venues.auctions import NOBODY, is_open, is_stale

OPENING = (
    N_COMMON + 6
)  # before it stand the parameters of all who buy in auctions: auction_keeper.py
SMALLEST_COIN = 0.01  # of the stablecoin: what a bidder who expects no rival opens with
NO_GAIN, NO_COIN = -1, -2  # why it does nothing


@dataclasses.dataclass(frozen=True)
class AuctionBidder:
    """``opening_fraction`` of what a lot is worth to it; ``max_gas_price_gwei`` that its software offers."""

    gas_reserve_eth: float = shared(50.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)
    margin_fraction: float = per_vault(uniform(0.03, 0.15), 0.0, 1.0)
    max_gas_price_gwei: float = per_vault(500.0, 0.0, 1e9)
    bids_per_block: int = shared(8, 1, 64)
    settlement_delay_seconds: float = shared(600.0, 0.0, 1e7)
    opening_fraction: float = per_vault(0.0, 0.0, 1.0)


@kernel
def choose(view, c, i, account, place, worth, capital):
    """What to do in an English auction that is open or won: the verb, its coin, and how much of the lot.

    ``worth`` is the coin that the whole lot is worth to the bidder, after margin and gas.
    """
    auction = view.venues.auctions[place]
    cdp = view.venues.cdps[auction.cdp]
    seconds = view.now[0].seconds
    has_friction = view.now[0].has_keeper_friction == 1
    if auction.bidder == account:
        return DEAL, 0.0, 0.0
    if is_stale(cdp, auction, seconds):
        return REDO, 0.0, 0.0
    if not is_open(auction, seconds):
        return NO_GAIN, 0.0, 0.0
    lot = auction.lot * auction.tab / max(worth, SMALLEST_COIN)
    if auction.bid >= auction.tab:
        if lot > largest_next_lot(auction.lot, cdp.beg_fraction):
            return NO_GAIN, 0.0, 0.0
        return BID if capital >= auction.tab else NO_COIN, auction.tab, lot
    least = max(least_next_bid(auction.bid, auction.tab, cdp.beg_fraction), SMALLEST_COIN)
    amount = min(worth, auction.tab)
    if amount < least:
        return NO_GAIN, 0.0, 0.0
    if not has_friction:  # it bids at once what the last of many rivals would leave to it
        is_less = lot <= largest_next_lot(auction.lot, cdp.beg_fraction)
        return BID, amount, lot if is_less else 0.0
    if auction.bidder == NOBODY:
        amount = max(field(view.cohorts, c, OPENING)[i] * amount, least)
    amount = min(amount, max(capital, least))
    return BID if capital >= amount else NO_COIN, amount, 0.0

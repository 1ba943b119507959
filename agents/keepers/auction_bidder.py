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

from agents.attention import CHOICE, is_attentive
from agents.keepers import frictionless_auctions
from agents.keepers.bark import ask, bark_some, gas_cost_usd
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import best_sale_usd, sell_inventory
from agents.parameters import per_vault, shared, uniform
from sim.compile import kernel
from sim.fields import BIDS_SENT, BUSY, N_COMMON, NO_CASH, NO_PROFIT, count, field
from sim.fields import shared as shared_value
from sim.formulas.auctions import largest_next_lot, least_next_bid
from sim.transaction import BID, DEAL, REDO
from sim.venues.auctions import ENGLISH, NOBODY, is_open, is_over, is_stale
from sim.view import chance, holding, market_price, seen_row

GAS_RESERVE, MIN_PROFIT, MARGIN = N_COMMON, N_COMMON + 1, N_COMMON + 2
OPENING, FEE_CAP, BIDS, DELAY = N_COMMON + 3, N_COMMON + 4, N_COMMON + 5, N_COMMON + 6
SMALLEST_COIN = 0.01  # of the stablecoin: what a bidder who expects no rival opens with


@dataclasses.dataclass(frozen=True)
class AuctionBidder:
    """``opening_fraction`` of what a lot is worth to it; ``max_gas_price_gwei`` that its software offers."""

    gas_reserve_eth: float = shared(50.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)
    margin_fraction: float = per_vault(uniform(0.03, 0.15), 0.0, 1.0)
    opening_fraction: float = per_vault(0.0, 0.0, 1.0)
    max_gas_price_gwei: float = per_vault(500.0, 0.0, 1e9)
    bids_per_block: int = shared(8, 1, 64)
    settlement_delay_seconds: float = shared(600.0, 0.0, 1e7)


@kernel
def _valuation(view, cohort, row, auction, margin_fraction, cap_gwei):
    """Coin that a bidder would pay for a whole lot: what it brings, less its margin and gas."""
    cdp = view.cdps[auction.cdp]
    collateral = view.reserves[cdp.collateral_reserve]
    brings_usd = best_sale_usd(
        view, cohort, row, collateral.asset, collateral.token, auction.lot, True
    )
    gas_usd = gas_cost_usd(view, cohort, row, BID, auction.positions, cap_gwei)
    gas_usd += gas_cost_usd(view, cohort, row, DEAL, auction.positions, cap_gwei)
    worth_usd = brings_usd * (1.0 - margin_fraction) - gas_usd
    return worth_usd / market_price(view, row, view.now[0].cash_asset)


@kernel
def _bid(view, c, cohort, row, i, account, place, capital, cap_gwei):
    """Bid in one auction; returns the coin committed, nothing if the lot is not worth what is bid already."""
    auction = view.auctions[place]
    cdp = view.cdps[auction.cdp]
    margin = field(view.cohorts, c, MARGIN)[i]
    worth = _valuation(view, cohort, row, auction, margin, cap_gwei)
    amount = auction.tab
    least = auction.tab
    lot = 0.0
    if auction.bid < auction.tab:
        least = max(least_next_bid(auction.bid, auction.tab, cdp.beg_fraction), SMALLEST_COIN)
        amount = min(worth, auction.tab)
        pays = amount >= least
        if auction.bidder == NOBODY:
            amount = max(field(view.cohorts, c, OPENING)[i] * amount, least)
        amount = min(amount, max(capital, least))
    else:
        lot = auction.lot * auction.tab / max(worth, SMALLEST_COIN)
        pays = lot <= largest_next_lot(auction.lot, cdp.beg_fraction)
    if not pays or worth * margin < shared_value(view.cohorts, c, MIN_PROFIT):
        cohort.no_profit = cohort.no_profit + 1
        count(view.cohorts, c, NO_PROFIT, account)
        return 0.0
    if capital < amount:
        cohort.no_cash = cohort.no_cash + 1
        count(view.cohorts, c, NO_CASH, account)
        return 0.0
    if not ask(view, c, cohort, row, account, BID, place, amount, lot, cap_gwei):
        return 0.0
    cohort.bids = cohort.bids + 1
    count(view.cohorts, c, BIDS_SENT, account)
    return amount


@kernel
def _look_at_auctions(view, c, cohort, row, i, account, most, cap_gwei):
    """Go through the auctions of its market from a place of its own; returns how many orders were sent."""
    cdp = view.cdps[view.markets[cohort.market].state]
    capital = holding(view, cohort.cash_token, account)
    start = int(chance(view, cohort.stream + CHOICE, account) * cdp.n_auctions)
    seconds = view.now[0].seconds
    seen = 0
    sent = 0
    for k in range(cdp.n_auctions):
        if sent >= most or seen >= cdp.n_active:
            return sent
        place = cdp.first_auction + (start + k) % cdp.n_auctions
        auction = view.auctions[place]
        if auction.kind != ENGLISH:
            continue
        seen += 1
        is_mine = auction.bidder == account
        if is_over(auction, seconds):
            if is_mine and ask(view, c, cohort, row, account, DEAL, place, 0.0, 0.0, cap_gwei):
                sent += 1
        elif is_stale(cdp, auction, seconds):
            if ask(view, c, cohort, row, account, REDO, place, 0.0, 0.0, cap_gwei):
                sent += 1
        elif is_open(auction, seconds) and not is_mine:
            committed = _bid(view, c, cohort, row, i, account, place, capital, cap_gwei)
            if committed > 0.0:
                capital -= committed
                sent += 1
    return sent


@kernel
def decide(view, c):
    """Sell what was won, fetch what is won, bid with the coin that is free, start auctions that pay."""
    if view.now[0].has_keeper_friction == 0:
        frictionless_auctions.decide(view, c)
        return
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    busy = field(view.cohorts, c, BUSY)
    reserve_eth = shared_value(view.cohorts, c, GAS_RESERVE)
    most = shared_value(view.cohorts, c, BIDS)
    for i in range(cohort.n_rows):
        account = cohort.first_account + i
        is_alive = (i + 0.5) / cohort.n_rows < cohort.alive_fraction
        if not is_alive or busy[i] > 0.0 or not is_attentive(view, cohort, account):
            continue
        cap_gwei = field(view.cohorts, c, FEE_CAP)[i]
        sell_inventory(view, c, cohort, row, account, reserve_eth, True)
        refill_gas(view, c, cohort, row, account, reserve_eth, True)
        sent = _look_at_auctions(view, c, cohort, row, i, account, most, cap_gwei)
        bark_some(
            view, c, cohort, row, account, most - sent,
            field(view.cohorts, c, MARGIN)[i], 0.0, cap_gwei,
        )  # fmt: skip

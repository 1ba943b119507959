"""A bidder without frictions: all the coin it needs, no latency, no margin, every auction at once.

The outside world lends it the coin. In an English auction it bids all that a lot brings after its own impact,
as the last of many rivals would, and gives the coin back when it has sold the lot; in a Dutch one it buys
as soon as the price is no more than that. Against it one measures what the frictions of real bidders cost.
"""

from __future__ import annotations

import math

from agents.keepers.bark import bark_some, gas_cost_usd, send
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import outside_sale_usd
from sim.compile import kernel
from sim.fields import N_COMMON
from sim.fields import shared as shared_value
from sim.formulas.auctions import dutch_purchase, largest_next_lot
from sim.orders import add_leg, open_transaction
from sim.transaction import (
    BID,
    DEAL,
    OUTSIDE_LOAN,
    OUTSIDE_RETURN,
    OUTSIDE_TRADE,
    PROCEEDS,
    REDO,
    TAKE,
)
from sim.venues.auctions import ENGLISH, NOBODY, dutch_price, is_open, is_over, is_stale
from sim.view import market_price, seen_row

GAS_RESERVE = N_COMMON


@kernel
def _lend(view, cohort, account, kind, amount):
    """A leg that borrows coin from the outside world, or gives it back."""
    cash_asset = view.now[0].cash_asset
    add_leg(view.chains, 0, kind, account, cash_asset, cohort.cash_token, amount, 0.0)


@kernel
def _sell(view, account, collateral):
    """A leg that sells outside what the legs before it have brought in."""
    sale = add_leg(
        view.chains, 0, OUTSIDE_TRADE, account, collateral.asset, collateral.token, PROCEEDS, 0.0
    )
    if sale >= 0:
        view.chains.mempool[0, sale].token_out = view.now[0].cash_asset


@kernel
def _act(view, c, cohort, row, account, place):
    """What there is to do in one auction now."""
    auction = view.auctions[place]
    cdp = view.cdps[auction.cdp]
    collateral = view.reserves[cdp.collateral_reserve]
    seconds = view.now[0].seconds
    cash_usd = market_price(view, row, view.now[0].cash_asset)
    worth = outside_sale_usd(view, row, collateral.asset, auction.lot) / cash_usd
    gas = gas_cost_usd(view, cohort, row, BID, 2.0 * auction.positions, math.inf) / cash_usd
    first = open_transaction(view.chains, 0)
    n_legs = 0
    if is_stale(cdp, auction, seconds):
        add_leg(view.chains, 0, REDO, account, place, cohort.cash_token, 0.0, 0.0)
        n_legs = 1
    elif auction.kind == ENGLISH:
        if is_over(auction, seconds) and auction.bidder == account:
            add_leg(view.chains, 0, DEAL, account, place, cohort.cash_token, 0.0, 0.0)
            _sell(view, account, collateral)
            _lend(view, cohort, account, OUTSIDE_RETURN, auction.bid)
            n_legs = 3
        elif is_open(auction, seconds) and auction.bidder == NOBODY and worth > gas:
            amount = min(worth - gas, auction.tab)
            lot = auction.lot * amount / (worth - gas)
            is_less = lot <= largest_next_lot(auction.lot, cdp.beg_fraction)
            # Beating its own bid takes the coin twice, and gives it back once.
            _lend(view, cohort, account, OUTSIDE_LOAN, 2.0 * amount if is_less else amount)
            add_leg(view.chains, 0, BID, account, place, cohort.cash_token, amount, 0.0)
            n_legs = 2
            if is_less:
                add_leg(view.chains, 0, BID, account, place, cohort.cash_token, amount, lot)
                _lend(view, cohort, account, OUTSIDE_RETURN, amount)
                n_legs = 4
    else:
        price = dutch_price(cdp, auction, seconds)
        owe, bought = dutch_purchase(auction.lot, auction.tab, auction.lot, price, 0.0)
        if outside_sale_usd(view, row, collateral.asset, bought) / cash_usd > owe + gas:
            _lend(view, cohort, account, OUTSIDE_LOAN, owe)
            add_leg(view.chains, 0, TAKE, account, place, cohort.cash_token, auction.lot, 0.0)
            _sell(view, account, collateral)
            _lend(view, cohort, account, OUTSIDE_RETURN, owe)
            n_legs = 4
    if n_legs > 0 and send(view, c, cohort, row, first, n_legs, auction.positions, math.inf, 0):
        cohort.bids = cohort.bids + 1


@kernel
def decide(view, c):
    """The first account of the cohort serves all auctions of its market, and starts those that are due."""
    cohort = view.cohorts.table[c]
    if cohort.alive_fraction <= 0.0:
        return
    row = seen_row(view, cohort)
    account = cohort.first_account
    refill_gas(view, c, cohort, row, account, shared_value(view.cohorts, c, GAS_RESERVE), True)
    cdp = view.cdps[view.markets[cohort.market].state]
    for k in range(cdp.n_auctions):
        if view.auctions[cdp.first_auction + k].kind > 0:
            _act(view, c, cohort, row, account, cdp.first_auction + k)
    bark_some(view, c, cohort, row, account, view.auctions.shape[0], 1.0, 0.0, math.inf)

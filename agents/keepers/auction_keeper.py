"""Keepers of auctions: they sell what they have won, look at every auction, and start those that pay.

What a bidder offers and when a taker buys stands in files of their own; here is what both share: the gas that
a lot must pay for, capital, and the order that is sent.
Without frictions one of them has all the coin it needs, no latency, no margin and any price of gas: the
outside world lends it the coin and takes it back when the lot is sold. Against it one measures what
frictions cost.
"""

from __future__ import annotations

import math

from agents.attention import CHOICE, is_attentive
from agents.keepers import auction_bidder, auction_taker
from agents.keepers.auction_bidder import NO_COIN, NO_GAIN
from agents.keepers.bark import bark_some, gas_cost_usd, send
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import best_sale_usd, outside_sale_usd, sell_inventory
from sim.compile import boundary, kernel
from sim.fields import BIDS_SENT, BUSY, N_COMMON, NO_CASH, NO_PROFIT, count, field
from sim.fields import shared as shared_value
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
from sim.venues.auctions import DUTCH, FREE, is_over, is_stale
from sim.view import chance, holding, market_price, seen_row

GAS_RESERVE, MIN_PROFIT, MARGIN = N_COMMON, N_COMMON + 1, N_COMMON + 2
FEE_CAP, BIDS = N_COMMON + 3, N_COMMON + 4


@kernel
def _order(view, c, cohort, row, account, place, kind, amount, limit, lent, returned, cap_gwei):
    """Send one verb; without frictions between a loan of coin and its return, with a sale of what comes out.

    To ask for less of a lot than the whole, a bidder without frictions first bids the tab, then beats itself.
    """
    chains = view.chains
    cash_asset = view.now[0].cash_asset
    auction = view.venues.auctions[place]
    collateral = view.reserves[view.venues.cdps[auction.cdp].collateral_reserve]
    has_friction = view.now[0].has_keeper_friction == 1
    first = open_transaction(chains, 0)
    n_legs = 1
    if lent > 0.0:
        add_leg(chains, 0, OUTSIDE_LOAN, account, cash_asset, cohort.cash_token, lent, 0.0)
        n_legs += 1
    if kind == BID and limit > 0.0 and auction.bid < auction.tab:
        add_leg(chains, 0, BID, account, place, cohort.cash_token, amount, 0.0)
        n_legs += 1
    add_leg(chains, 0, kind, account, place, cohort.cash_token, amount, limit)
    if not has_friction and (kind == TAKE or kind == DEAL):
        sale = add_leg(
            chains, 0, OUTSIDE_TRADE, account, collateral.asset, collateral.token, PROCEEDS, 0.0
        )
        if sale >= 0:
            chains.mempool[0, sale].token_out = cash_asset
        n_legs += 1
    if returned > 0.0:
        add_leg(chains, 0, OUTSIDE_RETURN, account, cash_asset, cohort.cash_token, returned, 0.0)
        n_legs += 1
    patience = cohort.patience_blocks if has_friction else 0
    return send(view, c, cohort, row, first, n_legs, auction.positions, cap_gwei, patience)


@kernel
def _act(view, c, cohort, row, i, account, place, capital, margin, cap_gwei):
    """What there is to do in one auction now; returns the coin committed, or -1 if nothing was sent."""
    auction = view.venues.auctions[place]
    cdp = view.venues.cdps[auction.cdp]
    collateral = view.reserves[cdp.collateral_reserve]
    cash_usd = market_price(view, row, view.now[0].cash_asset)
    has_friction = view.now[0].has_keeper_friction == 1
    owe, amount = 0.0, auction.lot
    if auction.kind == DUTCH:
        owe, amount = auction_taker.purchase(view, cohort, row, place, capital)
    if has_friction:
        brings_usd = best_sale_usd(
            view, cohort, row, collateral.asset, collateral.token, amount, True
        )
    else:
        brings_usd = outside_sale_usd(view, row, collateral.asset, amount)
    gas_usd = gas_cost_usd(view, cohort, row, TAKE, auction.positions, cap_gwei)
    worth = (brings_usd * (1.0 - margin) - gas_usd) / cash_usd
    min_profit = shared_value(view.cohorts, c, MIN_PROFIT) * auction.positions / cash_usd
    min_profit = min_profit if has_friction else 0.0
    limit = 0.0
    if auction.kind == DUTCH:
        kind = TAKE
        reward = cdp.tip * auction.positions + cdp.chip_fraction * auction.tab
        if is_stale(cdp, auction, view.now[0].seconds):
            kind = REDO if reward + margin * auction.tab > gas_usd / cash_usd else NO_GAIN
            owe = 0.0
        elif not amount > 0.0:
            kind = NO_COIN
        elif worth - owe < min_profit:
            kind = NO_GAIN
    else:
        kind, owe, limit = auction_bidder.choose(view, c, i, account, place, worth, capital)
        if kind == BID and worth * margin < min_profit:
            kind = NO_GAIN
        amount = owe
    if kind == NO_COIN:
        cohort.no_cash = cohort.no_cash + 1
        count(view.cohorts, c, NO_CASH, account)
    elif kind == NO_GAIN:
        cohort.no_profit = cohort.no_profit + 1
        count(view.cohorts, c, NO_PROFIT, account)
    if kind < 0:
        return -1.0
    lent, returned = 0.0, 0.0
    if not has_friction:
        lent = owe
        returned = owe if kind == TAKE else 0.0
        if kind == DEAL:
            returned = auction.bid
        elif kind == BID and limit > 0.0:
            lent = 2.0 * owe
            returned = owe
    if not _order(
        view, c, cohort, row, account, place, kind, amount, limit, lent, returned, cap_gwei
    ):
        return -1.0
    if kind == BID or kind == TAKE:
        cohort.bids = cohort.bids + 1
        count(view.cohorts, c, BIDS_SENT, account)
    return owe


@boundary(None)
def decide(view, c):
    """Sell what was won, bid or buy with the coin that is free, start auctions that pay."""
    cohort = view.cohorts.table[c]
    cdp = view.venues.cdps[view.markets[cohort.market].state]
    row = seen_row(view, cohort)
    busy = field(view.cohorts, c, BUSY)
    has_friction = view.now[0].has_keeper_friction == 1
    reserve_eth = shared_value(view.cohorts, c, GAS_RESERVE)
    most = shared_value(view.cohorts, c, BIDS) if has_friction else 2.0 * cdp.n_auctions
    for i in range(cohort.n_rows if has_friction else 1):
        account = cohort.first_account + i
        is_alive = (i + 0.5) / cohort.n_rows < cohort.alive_fraction
        if has_friction and (busy[i] > 0.0 or not is_attentive(view, cohort, account)):
            is_alive = False
        if not is_alive:
            continue
        margin, cap_gwei, capital = 0.0, math.inf, math.inf
        if has_friction:
            margin = field(view.cohorts, c, MARGIN)[i]
            cap_gwei = field(view.cohorts, c, FEE_CAP)[i]
            capital = holding(view, cohort.cash_token, account)
            sell_inventory(view, c, cohort, row, account, reserve_eth, True)
        refill_gas(view, c, cohort, row, account, reserve_eth, True)
        start = int(chance(view, cohort.stream + CHOICE, account) * cdp.n_auctions)
        seen = 0
        sent = 0
        for k in range(cdp.n_auctions):
            if sent >= most or seen >= cdp.n_active:
                break
            place = cdp.first_auction + (start + k) % cdp.n_auctions
            auction = view.venues.auctions[place]
            if auction.kind == FREE:
                continue
            seen += 1
            # An English auction that is over is its winner's, and until then he has nothing to do there.
            if is_over(auction, view.now[0].seconds) == (auction.bidder == account):
                committed = _act(view, c, cohort, row, i, account, place, capital, margin, cap_gwei)
                if committed >= 0.0:
                    capital -= committed
                    sent += 1
        bark_some(
            view, c, cohort, row, account, most - sent, margin if has_friction else 1.0, cap_gwei
        )

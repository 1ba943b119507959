"""Takers of Dutch auctions: they wait until the price has fallen below the market's, and pay at once.

Nobody has to be outbid and no capital is locked while an auction lasts, so one taker with coin and block
space is enough; where there is none, the price falls on until somebody finds it cheap, or the auction is
restarted.
Source: Maker's Liquidations 2.0 (MIP45, 2021).
"""

from __future__ import annotations

import dataclasses
import math

from agents.attention import CHOICE, is_attentive
from agents.keepers import frictionless_auctions
from agents.keepers.bark import ask, bark_some, gas_cost_usd
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import best_sale_usd, sell_inventory
from agents.parameters import per_vault, shared, uniform
from sim.compile import kernel
from sim.fields import BIDS_SENT, BUSY, N_COMMON, NO_CASH, NO_PROFIT, count, field
from sim.fields import shared as shared_value
from sim.formulas.auctions import dutch_purchase
from sim.transaction import REDO, TAKE
from sim.venues.auctions import DUTCH, dutch_price, is_stale
from sim.venues.outside import depth_usd
from sim.view import chance, holding, market_price, seen_row

GAS_RESERVE, MIN_PROFIT, MARGIN = N_COMMON, N_COMMON + 1, N_COMMON + 2
FEE_CAP, BIDS, DELAY = N_COMMON + 3, N_COMMON + 4, N_COMMON + 5


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
def _take(view, c, cohort, row, i, account, place, capital, cap_gwei):
    """Buy as much of one lot as it can sell at its slippage, if that pays; returns the coin committed."""
    auction = view.auctions[place]
    cdp = view.cdps[auction.cdp]
    collateral = view.reserves[cdp.collateral_reserve]
    cash_usd = market_price(view, row, view.now[0].cash_asset)
    price = dutch_price(cdp, auction, view.now[0].seconds)
    wanted = capital / price
    depth = depth_usd(view.exchanges[collateral.asset])
    if depth < math.inf:
        market_usd = market_price(view, row, collateral.asset)
        wanted = min(wanted, 2.0 * cohort.max_slippage_fraction * depth / market_usd)
    least_tab = cdp.dust * (1.0 + cdp.chop_fraction) * auction.positions
    owe, bought = dutch_purchase(auction.lot, auction.tab, wanted, price, least_tab)
    if not bought > 0.0 or owe > capital:
        cohort.no_cash = cohort.no_cash + 1
        count(view.cohorts, c, NO_CASH, account)
        return 0.0
    brings_usd = best_sale_usd(view, cohort, row, collateral.asset, collateral.token, bought, True)
    brings_usd *= 1.0 - field(view.cohorts, c, MARGIN)[i]
    profit_usd = brings_usd - owe * cash_usd
    profit_usd -= gas_cost_usd(view, cohort, row, TAKE, auction.positions, cap_gwei)
    if profit_usd < shared_value(view.cohorts, c, MIN_PROFIT):
        cohort.no_profit = cohort.no_profit + 1
        count(view.cohorts, c, NO_PROFIT, account)
        return 0.0
    if not ask(view, c, cohort, row, account, TAKE, place, bought, price, cap_gwei):
        return 0.0
    cohort.bids = cohort.bids + 1
    count(view.cohorts, c, BIDS_SENT, account)
    return owe


@kernel
def _look_at_auctions(view, c, cohort, row, i, account, most, cap_gwei):
    """Go through the auctions of its market from a place of its own; returns how many orders were sent."""
    cdp = view.cdps[view.markets[cohort.market].state]
    capital = holding(view, cohort.cash_token, account)
    start = int(chance(view, cohort.stream + CHOICE, account) * cdp.n_auctions)
    cash_usd = market_price(view, row, view.now[0].cash_asset)
    seen = 0
    sent = 0
    for k in range(cdp.n_auctions):
        if sent >= most or seen >= cdp.n_active or capital <= 0.0:
            return sent
        place = cdp.first_auction + (start + k) % cdp.n_auctions
        auction = view.auctions[place]
        if auction.kind != DUTCH:
            continue
        seen += 1
        if is_stale(cdp, auction, view.now[0].seconds):
            earned_usd = (cdp.tip * auction.positions + cdp.chip_fraction * auction.tab) * cash_usd
            gas_usd = gas_cost_usd(view, cohort, row, REDO, auction.positions, cap_gwei)
            worth_usd = field(view.cohorts, c, MARGIN)[i] * auction.tab * cash_usd
            if earned_usd + worth_usd > gas_usd and ask(
                view, c, cohort, row, account, REDO, place, 0.0, 0.0, cap_gwei
            ):
                sent += 1
        else:
            committed = _take(view, c, cohort, row, i, account, place, capital, cap_gwei)
            if committed > 0.0:
                capital -= committed
                sent += 1
    return sent


@kernel
def decide(view, c):
    """Sell what was bought, buy what is cheap with the coin that is free, start auctions that pay."""
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

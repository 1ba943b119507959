"""What a keeper does with the collateral it has won: the better of the pools and the outside exchange."""

from __future__ import annotations

import math

from agents.keepers.redeem import NOTHING, add_redemption, behind, claim_on, n_behind, verb
from agents.quotes import pool_pays, pool_takes
from agents.routes import pool_of
from sim.compile import kernel
from sim.formulas import outside
from sim.orders import add_leg, add_swap, gas_units, open_transaction, seal
from sim.transaction import OUTSIDE_TRADE, SWAP
from sim.units import ETH_PER_GWEI
from sim.venues.any_pool import trades
from sim.venues.outside import depth_usd
from sim.view import gas_price_gwei, holding, market_price

DUST_USD = 10.0


@kernel
def best_pool(view, cohort, row, token, into_token, amount):
    """The pool that pays most of another token for a sale, and what it pays; -1 if none trades the two."""
    found = -1
    most = 0.0
    for k in range(cohort.n_pools):
        p = pool_of(view, cohort, k)
        paid = 0.0
        if trades(view.venues, p, token, into_token):
            paid = pool_pays(view, row, p, token, into_token, amount)
        if paid > most:
            most = paid
            found = p
    return found, most


@kernel
def outside_sale_usd(view, row, asset, amount):
    """What the outside exchange would pay for a sale after its impact, at the price as seen, in USD."""
    depth = depth_usd(view.exchanges[asset])
    price = market_price(view, row, asset)
    if depth == math.inf:
        return amount * price
    return outside.sale_proceeds_usd(amount, price, depth)


@kernel
def best_sale_usd(view, cohort, row, asset, token, amount, has_outside_access):
    """What a sale would bring, in USD: a pool after impact, or the outside exchange after impact.

    Claims are sold nowhere: they bring what is paid for them, sold in turn.
    """
    kind, issuer = claim_on(view, token)
    if kind == NOTHING:
        return _coin_sale_usd(view, cohort, row, asset, token, amount, has_outside_access)
    brings_usd = 0.0
    for k in range(n_behind(view, kind, issuer)):
        coin_asset, coin, _, paid = behind(view, kind, issuer, amount, k)
        brings_usd += _coin_sale_usd(view, cohort, row, coin_asset, coin, paid, has_outside_access)
    return brings_usd


@kernel
def _coin_sale_usd(view, cohort, row, asset, token, amount, has_outside_access):
    """The same for what has a market; cash is cash."""
    if token == cohort.cash_token:
        return amount * market_price(view, row, asset)
    _, paid = best_pool(view, cohort, row, token, cohort.cash_token, amount)
    pool_usd = paid * market_price(view, row, view.now[0].cash_asset)
    if not has_outside_access:
        return pool_usd
    return max(pool_usd, outside_sale_usd(view, row, asset, amount))


@kernel
def sell_inventory(view, c, cohort, row, account, gas_reserve_eth, has_outside_access):
    """Sell every holding beyond the gas reserve, at most the keeper's slippage in one order."""
    cash_asset = view.now[0].cash_asset
    for asset in range(view.exchanges.shape[0]):
        token = view.exchanges[asset].token
        held = holding(view, token, account)
        if token == cohort.native_token:
            held -= gas_reserve_eth
        price = market_price(view, row, asset)
        if asset != cash_asset and held * price > DUST_USD:
            _sell(view, c, cohort, row, account, asset, token, held, price, has_outside_access)


@kernel
def _sell(view, c, cohort, row, account, asset, token, held, price, has_outside_access):
    slippage = cohort.max_slippage_fraction
    cash_asset = view.now[0].cash_asset
    kind, issuer = claim_on(view, token)
    cash_price = market_price(view, row, cash_asset)
    going_gwei = gas_price_gwei(view, row, 0)
    p, paid = best_pool(view, cohort, row, token, cohort.cash_token, held)
    native_usd = market_price(view, row, view.chains.table[0].native_asset)
    gas_usd = (
        gas_units(view.chains, 0, SWAP if kind == NOTHING else verb(kind))
        * (going_gwei + cohort.tip_gwei) * ETH_PER_GWEI * native_usd
    )  # fmt: skip
    first = open_transaction(view.chains, 0)
    if kind != NOTHING:  # what it brings is sold from then on
        brings_usd = 0.0
        for k in range(n_behind(view, kind, issuer)):
            coin_asset, _, _, taken = behind(view, kind, issuer, held, k)
            brings_usd += taken * market_price(view, row, coin_asset)
        if brings_usd <= gas_usd:
            return
        add_redemption(view, kind, issuer, account, token, held)
    elif (
        has_outside_access
        and outside_sale_usd(view, row, asset, held) > paid * cash_price - gas_usd
    ):
        # The average fill is half the move, so twice the slippage is the move of one order.
        depth = depth_usd(view.exchanges[asset])
        amount = held if depth == math.inf else min(held, 2.0 * slippage * depth / price)
        leg = add_leg(view.chains, 0, OUTSIDE_TRADE, account, asset, token, amount, 0.0)
        if leg >= 0:
            view.chains.mempool[0, leg].token_out = cash_asset
    elif p >= 0:
        cash_token = view.exchanges[cash_asset].token
        amount = min(held, pool_takes(view, row, p, token, cash_token, slippage))
        if amount * price * slippage < gas_usd:
            return
        limit = pool_pays(view, row, p, token, cash_token, amount) * (1.0 - slippage)
        add_swap(view.chains, 0, account, p, token, cash_token, amount, limit)
    else:
        return
    seal(
        view, 0, first, 1, c, 1.0, cohort.tip_gwei, going_gwei,
        cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip

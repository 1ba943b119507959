"""What a keeper does with the collateral it has won: the better of the pools and the outside exchange."""

from __future__ import annotations

import math

from agents.keepers.pool_shares import add_removal, taken_out
from agents.keepers.shares import add_redemption, redeemable
from agents.quotes import pool_pays, pool_takes
from agents.routes import pool_of
from sim.compile import kernel
from sim.formulas import outside
from sim.orders import add_leg, add_swap, gas_units, open_transaction, seal
from sim.transaction import OUTSIDE_TRADE, REDEEM, REMOVE_LIQUIDITY, SWAP
from sim.units import ETH_PER_GWEI
from sim.venues.any_pool import asset_of, n_coins, pool_of_share, token_of, trades
from sim.venues.outside import depth_usd
from sim.venues.share_vault import vault_of_share
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

    Shares are sold nowhere: those of a vault bring what it can pay, those of a pool what their coins bring.
    """
    v = vault_of_share(view.venues, token)
    if v >= 0:
        _, paid = redeemable(view, v, amount)
        return paid * market_price(view, row, view.now[0].cash_asset)
    shared = pool_of_share(view.venues, token)
    if shared < 0:
        return _coin_sale_usd(view, cohort, row, asset, token, amount, has_outside_access)
    brings_usd = 0.0
    for k in range(n_coins(view.venues, shared)):
        brings_usd += _coin_sale_usd(
            view, cohort, row, asset_of(view.venues, shared, k), token_of(view.venues, shared, k),
            taken_out(view, shared, amount, k), has_outside_access,
        )  # fmt: skip
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
    v = vault_of_share(view.venues, token)
    cash_price = market_price(view, row, cash_asset)
    going_gwei = gas_price_gwei(view, row, 0)
    shared = pool_of_share(view.venues, token)
    p, paid = best_pool(view, cohort, row, token, cohort.cash_token, held)
    native_usd = market_price(view, row, view.chains.table[0].native_asset)
    kind = REMOVE_LIQUIDITY if shared >= 0 else (REDEEM if v >= 0 else SWAP)
    gas_usd = (
        gas_units(view.chains, 0, kind)
        * (going_gwei + cohort.tip_gwei) * ETH_PER_GWEI * native_usd
    )  # fmt: skip
    first = open_transaction(view.chains, 0)
    if v >= 0:
        _, redeemed = redeemable(view, v, held)
        if redeemed * cash_price <= gas_usd:
            return
        add_redemption(view, v, account, held)
    elif shared >= 0:  # its coins are sold from then on
        if held * price <= gas_usd:
            return
        add_removal(view, shared, account, held)
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

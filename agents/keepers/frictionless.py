"""A keeper without frictions: all the capital it needs, no latency, no race.

The outside world lends it what the borrower owes for one transaction: borrow, liquidate, sell the collateral
outside, return (shares are redeemed first, coins taken out of a pool). It does nothing that does not pay: a
stale high oracle keeps it away as it does any other.
Against it one measures what the frictions of real keepers cost.
"""

from __future__ import annotations

import math

from agents.keepers.bark import is_debt_position
from agents.keepers.claim import add_liquidation, claim, owner_of
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import outside_sale_usd
from agents.keepers.pool_shares import add_removal, taken_out
from agents.keepers.shares import add_redemption, redeemable
from sim.compile import boundary, kernel
from sim.fields import BIDS_SENT, N_COMMON, NO_PROFIT, count
from sim.fields import shared as shared_value
from sim.orders import add_leg, gas_units, open_transaction, seal
from sim.transaction import LIQUIDATE, OUTSIDE_LOAN, OUTSIDE_RETURN, OUTSIDE_TRADE, PROCEEDS
from sim.units import ETH_PER_GWEI
from sim.venues.any_pool import asset_of, n_coins, pool_of_share, token_of
from sim.venues.share_vault import vault_of_share
from sim.view import expected_gas_price_gwei, gas_price_gwei, market_price, seen_row

GAS_RESERVE = N_COMMON


@kernel
def _coins_usd(view, row, p, shares):
    """What the coins of so many shares of a pool would bring outside."""
    brings_usd = 0.0
    for k in range(n_coins(view.venues, p)):
        amount = taken_out(view, p, shares, k)
        brings_usd += outside_sale_usd(view, row, asset_of(view.venues, p, k), amount)
    return brings_usd


@kernel
def _sell_coins(view, cohort, account, p, lent_asset, shares):
    """Take the coins out and sell those that are not owed; returns how many sales.

    A trade ahead in the block may leave less of a coin: what slippage is allowed is not sold, but kept.
    """
    add_removal(view, p, account, shares)
    n_sales = 0
    for k in range(n_coins(view.venues, p)):
        asset = asset_of(view.venues, p, k)
        amount = taken_out(view, p, shares, k) * (1.0 - cohort.max_slippage_fraction)
        if asset != lent_asset and amount > 0.0:
            n_sales += 1
            token = token_of(view.venues, p, k)
            sale = add_leg(view.chains, 0, OUTSIDE_TRADE, account, asset, token, amount, 0.0)
            if sale >= 0:
                view.chains.mempool[0, sale].token_out = lent_asset
    return n_sales


@kernel
def _liquidate(view, c, cohort, row, account, borrower):
    repaid, seized, coin = claim(view, borrower, math.inf)
    if not repaid > 0.0:
        return
    victims = view.cohorts.table[owner_of(view, borrower)]
    lent_asset = view.reserves[victims.debt_reserve].asset
    lent_token = view.reserves[victims.debt_reserve].token
    asset = view.reserves[victims.collateral_reserve].asset
    token = view.reserves[victims.collateral_reserve].token
    gas = gas_units(view.chains, 0, LIQUIDATE) * victims.positions_per_row
    gas_gwei = expected_gas_price_gwei(view, row, 0) + cohort.tip_gwei
    native_usd = market_price(view, row, view.chains.table[0].native_asset)
    cost_usd = (repaid - coin) * market_price(view, row, lent_asset)
    cost_usd += gas * gas_gwei * ETH_PER_GWEI * native_usd
    v = vault_of_share(view.venues, token)
    p = pool_of_share(view.venues, token)
    if p >= 0:
        brings_usd = _coins_usd(view, row, p, seized)
    elif v < 0:
        brings_usd = outside_sale_usd(view, row, asset, seized)
    else:
        _, paid = redeemable(view, v, seized)
        brings_usd = paid * market_price(view, row, lent_asset)
    if brings_usd < cost_usd:
        cohort.no_profit = cohort.no_profit + 1
        count(view.cohorts, c, NO_PROFIT, account)
        return
    first = open_transaction(view.chains, 0)
    add_leg(view.chains, 0, OUTSIDE_LOAN, account, lent_asset, lent_token, repaid, 0.0)
    add_liquidation(view, account, borrower, repaid, 0.0)
    n_legs = 3
    if seized > 0.0:  # bands may have been sold to the last
        n_legs = 4
        if p >= 0:
            n_legs += _sell_coins(view, cohort, account, p, lent_asset, seized)
        elif v < 0:
            sale = add_leg(view.chains, 0, OUTSIDE_TRADE, account, asset, token, PROCEEDS, 0.0)
            if sale >= 0:
                view.chains.mempool[0, sale].token_out = lent_asset
        else:
            add_redemption(view, v, account, seized)
    add_leg(view.chains, 0, OUTSIDE_RETURN, account, lent_asset, lent_token, repaid, 0.0)
    # Whatever does not fit into this block is sent anew in the next one, at the prices of then.
    is_sent = seal(
        view, 0, first, n_legs, c, victims.positions_per_row, cohort.tip_gwei,
        gas_price_gwei(view, row, 0), cohort.max_fee_multiple, 0,
    )  # fmt: skip
    if is_sent:
        cohort.bids = cohort.bids + 1
        count(view.cohorts, c, BIDS_SENT, account)


@boundary(None)
def decide(view, c):
    """The first account of the cohort liquidates all that is at risk, unless the whole cohort is out."""
    cohort = view.cohorts.table[c]
    if cohort.alive_fraction <= 0.0:
        return
    row = seen_row(view, cohort)
    account = cohort.first_account
    refill_gas(view, c, cohort, row, account, shared_value(view.cohorts, c, GAS_RESERVE), True)
    at_risk = view.cohorts.at_risk
    k = 0
    while k < at_risk.shape[0] and at_risk[k] >= 0:
        if not is_debt_position(view, at_risk[k]):  # those go to auction: auction_keeper.py
            _liquidate(view, c, cohort, row, account, at_risk[k])
        k += 1

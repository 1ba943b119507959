"""A keeper without frictions: all the capital it needs, no latency, no race.

The outside world lends it what the borrower owes for one transaction: borrow, liquidate, sell the collateral
outside, return (claims are redeemed first). It does nothing that does not pay: a stale high oracle keeps it
away as it does any other.
Against it one measures what the frictions of real keepers cost.
"""

from __future__ import annotations

import math

from agents.keepers.bark import is_debt_position
from agents.keepers.claim import add_liquidation, claim, owner_of
from agents.keepers.gas import refill_gas
from agents.keepers.inventory import outside_sale_usd
from agents.keepers.redeem import NOTHING, add_redemption, behind, claim_on, n_behind
from sim.compile import boundary, kernel
from sim.fields import BIDS_SENT, N_COMMON, NO_PROFIT, count
from sim.fields import shared as shared_value
from sim.orders import add_leg, gas_units, open_transaction, seal
from sim.transaction import LIQUIDATE, OUTSIDE_LOAN, OUTSIDE_RETURN, OUTSIDE_TRADE, PROCEEDS
from sim.units import ETH_PER_GWEI
from sim.view import expected_gas_price_gwei, gas_price_gwei, market_price, seen_row

GAS_RESERVE = N_COMMON


@kernel
def _behind_usd(view, row, kind, issuer, claims):
    """What stands behind so many claims would bring outside, as far as it is paid now."""
    brings_usd = 0.0
    for k in range(n_behind(view, kind, issuer)):
        asset, _, _, paid = behind(view, kind, issuer, claims, k)
        brings_usd += outside_sale_usd(view, row, asset, paid)
    return brings_usd


@kernel
def _sell_behind(view, cohort, account, kind, issuer, claim_token, lent_asset, claims):
    """Take out what stands behind claims and sell what of it is not owed; returns how many sales.

    A trade ahead in the block may leave less of a coin: what slippage is allowed is not sold, but kept.
    """
    add_redemption(view, kind, issuer, account, claim_token, claims)
    n_sales = 0
    for k in range(n_behind(view, kind, issuer)):
        asset, token, _, paid = behind(view, kind, issuer, claims, k)
        amount = paid * (1.0 - cohort.max_slippage_fraction)
        if asset != lent_asset and amount > 0.0:
            n_sales += 1
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
    kind, issuer = claim_on(view, token)
    if kind == NOTHING:
        brings_usd = outside_sale_usd(view, row, asset, seized)
    else:
        brings_usd = _behind_usd(view, row, kind, issuer, seized)
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
        if kind != NOTHING:
            n_legs += _sell_behind(view, cohort, account, kind, issuer, token, lent_asset, seized)
        else:
            sale = add_leg(view.chains, 0, OUTSIDE_TRADE, account, asset, token, PROCEEDS, 0.0)
            if sale >= 0:
                view.chains.mempool[0, sale].token_out = lent_asset
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

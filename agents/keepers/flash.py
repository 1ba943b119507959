"""Liquidation without capital: the market lends what the borrower owes, for the length of one transaction.

Borrow, liquidate, sell the collateral into a pool, repay with the fee: what a keeper without a purse can do
where there is depth, and cannot where there is none: capital ceases to bind in a crash, depth binds twice.
It takes of a loan what the pool takes of the collateral at a profit, and comes back for the rest.
Source: Qin, Zhou, Livshits and Gervais (2021), Attacking the DeFi Ecosystem with Flash Loans.
"""

from __future__ import annotations

from agents.keepers.claim import add_liquidation, claim
from agents.keepers.inventory import best_pool
from agents.quotes import sale_to
from sim.compile import kernel
from sim.fields import N_COMMON
from sim.fields import shared as shared_value
from sim.orders import add_leg, add_swap, gas_units
from sim.transaction import FLASH_BORROW, FLASH_REPAY, PROCEEDS, SWAP
from sim.view import holding, receipt_index

FLASH = N_COMMON + 7  # of the liquidator


@kernel
def flash_pool(view, c, cohort, row, victims, borrower):
    """The pool that pays most of the debt for all of the collateral; -1 if it takes capital of one's own."""
    wants = shared_value(view.cohorts, c, FLASH) > 0.5
    if not wants or view.markets[victims.market].has_flash_loans == 0:
        return -1
    collateral = view.reserves[victims.collateral_reserve]
    amount = holding(view, collateral.receipt_token, borrower)
    amount = amount * receipt_index(view, victims.collateral_reserve)
    debt_token = view.reserves[victims.debt_reserve].token
    pool, _ = best_pool(view, cohort, row, collateral.token, debt_token, amount)
    return pool


@kernel
def fit_to_pool(view, row, victims, borrower, pool, repaid, seized):
    """Of a claim as much as the pool takes until the next token of collateral brings no more than it costs.

    All of it where the pool takes that, or not even a first token, or where the market wants no part.
    """
    if view.now[0].has_pool_depth == 0 or not (repaid > 0.0 and seized > 0.0):
        return repaid, seized
    debt_token = view.reserves[victims.debt_reserve].token
    collateral_token = view.reserves[victims.collateral_reserve].token
    cost = repaid / seized * (1.0 + view.markets[victims.market].flash_fee_fraction)
    most = sale_to(view, row, pool, collateral_token, debt_token, cost)
    if not 0.0 < most < seized:
        return repaid, seized
    part, own, _ = claim(view, borrower, repaid * (most / seized))
    if part > 0.0:
        return part, own
    return repaid, seized


@kernel
def gas_flash(view):
    """Gas of the legs around a liquidation."""
    gas = gas_units(view.chains, 0, FLASH_BORROW) + gas_units(view.chains, 0, FLASH_REPAY)
    return gas + gas_units(view.chains, 0, SWAP)


@kernel
def add_flash(view, account, borrower, victims, pool, repaid, limit):
    """Append borrow, liquidation, sale and repayment; returns how many legs. The loan is its own limit."""
    debt_row = victims.debt_reserve
    debt_token = view.reserves[debt_row].token
    token = view.reserves[victims.collateral_reserve].token
    add_leg(view.chains, 0, FLASH_BORROW, account, debt_row, debt_token, repaid, 0.0)
    add_liquidation(view, account, borrower, repaid, limit)
    add_swap(view.chains, 0, account, pool, token, debt_token, PROCEEDS, repaid)
    add_leg(view.chains, 0, FLASH_REPAY, account, debt_row, debt_token, 0.0, 0.0)
    return 4

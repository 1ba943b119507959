"""Liquidation in an isolated market: any part of a loan, and what stays unpaid falls on its lenders at once.

There is no close factor and no minimum. ``amount`` is what is repaid; if collateral does not reach for
the incentive on it, all of it goes for as much of the loan as it pays for, and the rest is lost by the
lenders of this market, and of no other.
Source: Morpho Blue (2023); the contract Morpho, liquidate.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas import liquidation
from sim.journal import remember
from sim.ledger import balance
from sim.venues.isolated import lose
from sim.venues.lending import RESERVE_WORDS, accrue, collateral_of, debt_of, position, set_rates
from sim.venues.lending_claims import burn_claim
from sim.venues.lending_liquidation import note_trigger, settle

# What takes all of the collateral but so much takes all of it.
ROUNDING = 1e-12


@kernel
def liquidate_isolated(ledger, markets, emodes, reserves, feeds, tx, amount, now_seconds, receipt):
    """Repay up to ``amount`` of the borrower's loan for collateral and incentive, at least ``limit``."""
    borrower = tx.counterparty
    loan = reserves[tx.row]
    pledged = reserves[tx.token_out]
    remember(ledger.journal, ledger.memory, pledged.address, RESERVE_WORDS)
    accrue(pledged, now_seconds)
    _, weighted_usd, _, debt_usd = position(
        ledger, markets, emodes, reserves, feeds, loan.market, borrower, now_seconds
    )
    health = liquidation.health_factor(weighted_usd, debt_usd)
    note_trigger(tx, feeds[pledged.feed], health, receipt)
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if health >= 1.0:
        return status.NOT_LIQUIDATABLE
    loan_price_usd = feeds[loan.feed].price_usd
    pledged_price_usd = feeds[pledged.feed].price_usd
    debt = debt_of(ledger, loan, borrower, now_seconds)
    collateral = collateral_of(ledger, pledged, borrower, now_seconds)
    incentive = 1.0 + pledged.bonus_fraction
    repaid = min(amount, debt)
    seized = repaid * loan_price_usd * incentive / pledged_price_usd
    takes_all = seized >= collateral * (1.0 - ROUNDING)
    if takes_all:
        seized = min(collateral, pledged.cash)  # the last one finds less there, by a rounding
        repaid = min(collateral * pledged_price_usd / incentive / loan_price_usd, debt)
    if seized < tx.limit:
        return status.SLIPPAGE

    owed_shares = balance(ledger, loan.debt_token, borrower)
    repays_all = repaid >= debt
    shares = owed_shares if repays_all else min(repaid / loan.borrow_index, owed_shares)
    held = balance(ledger, pledged.receipt_token, borrower)
    given = held if takes_all else min(seized, held)
    code = settle(ledger, loan, pledged, tx, repaid, seized, shares, given)
    if code != status.OK:
        return code
    receipt.deficit = 0.0
    unpaid_shares = owed_shares - shares
    if takes_all and unpaid_shares > 0.0:
        code = burn_claim(ledger, loan, loan.debt_token, borrower, unpaid_shares, causes.DEFICIT)
        if code != status.OK:
            return code
        lost = unpaid_shares * loan.borrow_index
        lose(loan, lost)
        receipt.deficit = lost * loan_price_usd
    set_rates(loan)
    receipt.token = pledged.token
    receipt.amount_in = repaid
    receipt.amount_out = seized
    receipt.usd = repaid * loan_price_usd
    receipt.oracle_price_usd = pledged_price_usd
    return status.OK

"""Loans against collateral in bands: opened, moved, repaid.

A loan is placed as far down the grid as its debt demands (band_terms.py). While none of its bands is sold the
borrower may change it, and it is placed anew each time; once some of it is coin he can only repay. If the
bands would no longer bring the debt less a discount, anybody may take them over for it (band_liquidation.py).
Source: contract Controller of curve-stablecoin (crvUSD).
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import boundary, kernel
from sim.formulas import llamma
from sim.journal import has_room, remember
from sim.ledger import balance, burn, transfer
from sim.transaction import BORROW, LIQUIDATE, REPAY, SUPPLY, WITHDRAW
from sim.venues.band_books import issue, move_collateral, pay_out, retire, set_aside
from sim.venues.band_liquidation import liquidate
from sim.venues.band_pool import N_RESERVES, oracle
from sim.venues.band_terms import place
from sim.venues.bands import (
    LOAN_WORDS,
    NONE,
    active_past_empty,
    deposit,
    loan_of,
    withdraw,
)
from sim.venues.constant_product import BOOKS
from sim.venues.lending import RESERVE_WORDS, accrue, set_rates


@kernel
def change(ledger, venues, m, row, tx, more_collateral, more_debt, price, receipt):
    """Place a loan anew with more or less collateral and debt."""
    market = venues.banded[m]
    loan = venues.loans[row]
    debt_reserve = venues.reserves[market.debt_reserve]
    n_bands = loan.last - loan.first + 1
    code, coin, collateral = withdraw(ledger, venues, m, row, 1.0)
    if code != status.OK:
        return code
    if coin >= debt_reserve.unit:  # less than that cannot be paid out
        return status.SOLD_IN_PART
    collateral += more_collateral
    if not collateral > 0.0:
        return status.INSUFFICIENT_BALANCE
    index = debt_reserve.borrow_index
    debt = balance(ledger, debt_reserve.debt_token, tx.sender) * index + more_debt
    code, first = place(venues, m, collateral, debt, n_bands, price, index)
    if code != status.OK:
        return code
    loan.discount_fraction = market.liquidation_discount_fraction
    return deposit(ledger, venues, m, row, collateral, first, first + n_bands - 1)


@kernel
def open_loan(ledger, venues, m, row, tx, amount, price, receipt):
    """The first borrowing: all that was set aside goes into bands."""
    market = venues.banded[m]
    collateral = venues.reserves[market.collateral_reserve]
    reserve = venues.reserves[market.debt_reserve]
    pool = venues.pools[market.pool]
    pledged = balance(ledger, collateral.receipt_token, tx.sender)
    n_bands = int(tx.amount1) if tx.amount1 > 0.0 else market.bands_per_loan
    if not llamma.MIN_BANDS <= n_bands <= llamma.MAX_BANDS:
        return status.BAD_RANGE
    code, first = place(venues, m, pledged, amount, n_bands, price, reserve.borrow_index)
    if code != status.OK:
        return code
    code = burn(ledger, collateral.receipt_token, tx.sender, pledged, causes.SUPPLY)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token0, collateral.account, pool.account, pledged, causes.SUPPLY)
    if code != status.OK:
        return code
    collateral.cash = max(collateral.cash - pledged, 0.0)
    collateral.scaled_supply = max(collateral.scaled_supply - pledged, 0.0)
    pool.reserve0 = pool.reserve0 + pledged
    loan = venues.loans[row]
    remember(ledger.journal, ledger.memory, loan.address, LOAN_WORDS)
    loan.discount_fraction = market.liquidation_discount_fraction
    code = deposit(ledger, venues, m, row, pledged, first, first + n_bands - 1)
    if code != status.OK:
        return code
    return issue(ledger, reserve, tx, amount, receipt)


@kernel
def repay(ledger, venues, m, row, tx, amount, price, receipt):
    """Retire debt. A loan that is not being converted is placed anew; of a repaid one all comes back."""
    market = venues.banded[m]
    reserve = venues.reserves[market.debt_reserve]
    pool = venues.pools[market.pool]
    owed_scaled = balance(ledger, reserve.debt_token, tx.sender)
    owed = owed_scaled * reserve.borrow_index
    if not owed > 0.0:
        return status.NO_LOAN
    is_all = amount >= owed
    paid = owed if is_all else amount
    scaled = owed_scaled if is_all else min(paid / reserve.borrow_index, owed_scaled)
    code = status.OK
    if is_all:
        code, coin, collateral = withdraw(ledger, venues, m, row, 1.0)
        if code == status.OK:
            coin = min(coin, pool.reserve1)
            collateral = min(collateral, pool.reserve0)
            code = pay_out(ledger, pool, tx.sender, coin, collateral, causes.WITHDRAW)
    elif venues.loans[row].first > active_past_empty(market, venues.bands):
        code = change(ledger, venues, m, row, tx, 0.0, -paid, price, receipt)
    if code != status.OK:
        return code
    receipt.amount_in = paid
    receipt.amount_out = scaled
    return retire(ledger, reserve, tx.sender, tx.sender, paid, scaled, causes.REPAY)


@boundary(int)
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Remember and accrue what the transaction touches, then do what it asks."""
    m = venues.markets[venues.reserves[tx.row].market].state
    market = venues.banded[m]
    collateral = venues.reserves[market.collateral_reserve]
    reserve = venues.reserves[market.debt_reserve]
    pool = venues.pools[market.pool]
    borrower = tx.counterparty if tx.kind == LIQUIDATE else tx.sender
    row = loan_of(market, borrower)
    if row == NONE:
        return status.NO_LOAN
    if not has_room(ledger.journal, 2 * RESERVE_WORDS + N_RESERVES + 2 * LOAN_WORDS, 0):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, collateral.address, RESERVE_WORDS)
    remember(ledger.journal, ledger.memory, reserve.address, RESERVE_WORDS)
    remember(ledger.journal, ledger.memory, pool.address + BOOKS, N_RESERVES)
    accrue(reserve, now_seconds)
    set_rates(reserve)
    price, _ = oracle(venues, m, now_seconds)
    receipt.venue = collateral.account
    receipt.oracle_price_usd = venues.feeds[collateral.feed].price_usd
    receipt.token = collateral.token if tx.row == market.collateral_reserve else reserve.token
    is_open = venues.loans[row].is_open == 1
    if tx.kind == LIQUIDATE:
        receipt.token = collateral.token
        return liquidate(ledger, venues, m, row, tx, amount, price, receipt)
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if tx.kind == REPAY:
        return repay(ledger, venues, m, row, tx, amount, price, receipt)
    if tx.kind == BORROW and not is_open:
        return open_loan(ledger, venues, m, row, tx, amount, price, receipt)
    if tx.kind == BORROW:
        code = change(ledger, venues, m, row, tx, 0.0, amount, price, receipt)
        return issue(ledger, reserve, tx, amount, receipt) if code == status.OK else code
    signed = amount
    if tx.kind == WITHDRAW:
        held = balance(ledger, collateral.receipt_token, tx.sender)
        signed = -amount if is_open else -min(amount, held)
    elif tx.kind != SUPPLY:
        return status.NOTHING_TO_DO
    if not is_open:
        return set_aside(ledger, collateral, tx, signed, receipt)
    code = change(ledger, venues, m, row, tx, signed, 0.0, price, receipt)
    if code != status.OK:
        return code
    return move_collateral(ledger, venues, m, tx, signed, receipt)

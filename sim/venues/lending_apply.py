"""Which verb a transaction asks of a lending market, pooled or isolated."""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.journal import has_room, remember
from sim.tables import ISOLATED
from sim.transaction import (
    BORROW,
    FLASH_BORROW,
    FLASH_REPAY,
    LIQUIDATE,
    REPAY,
    SET_EMODE,
    SUPPLY,
    USE_COLLATERAL,
    WITHDRAW,
)
from sim.venues import lending_verbs as verbs
from sim.venues.isolated_liquidation import liquidate_isolated
from sim.venues.lending import RESERVE_WORDS, accrue, set_rates
from sim.venues.lending_flash import flash_borrow, flash_repay
from sim.venues.lending_liquidation import liquidate
from sim.venues.lending_modes import set_emode, use_collateral
from sim.venues.lending_standing import isolated_by, standing_of


@kernel
def apply(ledger, markets, emodes, reserves, feeds, tx, amount, now_seconds, receipt):
    """Remember and accrue the reserves that the transaction touches, then do what it asks."""
    row = tx.row
    reserve = reserves[row]
    if not has_room(ledger.journal, 3 * RESERVE_WORDS, 0):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, reserve.address, RESERVE_WORDS)
    if tx.kind == BORROW or tx.kind == REPAY:
        market = markets[reserve.market]
        pledged = isolated_by(market, reserves, standing_of(ledger, market, tx.sender))
        if pledged >= 0:
            remember(ledger.journal, ledger.memory, reserves[pledged].address, RESERVE_WORDS)
    receipt.venue = reserve.account
    receipt.token = reserve.token
    receipt.oracle_price_usd = feeds[reserve.feed].price_usd
    if tx.kind == FLASH_BORROW:
        return flash_borrow(ledger, markets, reserves, row, tx, amount, receipt)
    # What an account says about itself touches no reserve, and nor does a flash loan that is free.
    if tx.kind == USE_COLLATERAL:
        return use_collateral(
            ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds
        )
    if tx.kind == SET_EMODE:
        return set_emode(ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds)
    if tx.kind == FLASH_REPAY and reserve.kind == ISOLATED:
        return flash_repay(ledger, markets, reserves, row, tx, receipt)
    accrue(reserve, now_seconds)
    if tx.kind == WITHDRAW and reserve.kind == ISOLATED:  # of collateral or of what is lent
        loan = reserves[markets[reserve.market].first_reserve + 1]
        remember(ledger.journal, ledger.memory, loan.address, RESERVE_WORDS)
        accrue(loan, now_seconds)
        set_rates(loan)
    if tx.kind == SUPPLY:
        return verbs.supply(ledger, markets, emodes, reserves, row, tx, amount, receipt)
    if tx.kind == WITHDRAW:
        return verbs.withdraw(
            ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds, receipt
        )
    if tx.kind == BORROW:
        return verbs.borrow(
            ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds, receipt
        )
    if tx.kind == REPAY:
        return verbs.repay(ledger, markets, reserves, row, tx, amount, receipt)
    if tx.kind == LIQUIDATE and reserve.kind == ISOLATED:
        return liquidate_isolated(
            ledger, markets, emodes, reserves, feeds, tx, amount, now_seconds, receipt
        )
    if tx.kind == LIQUIDATE:
        return liquidate(ledger, markets, emodes, reserves, feeds, tx, amount, now_seconds, receipt)
    if tx.kind == FLASH_REPAY:
        return flash_repay(ledger, markets, reserves, row, tx, receipt)
    return status.NOTHING_TO_DO

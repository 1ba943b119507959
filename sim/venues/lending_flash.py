"""Flash loans: capital for the length of one transaction, so that a keeper needs none of its own.

What is borrowed must be back, with the fee, before the transaction ends; the engine asks for it when all
legs are done. The fee is the treasury's. In an isolated market a flash loan is free.
Source: aave-v3-origin, FlashLoanLogic (v3.4: all of the fee to the treasury); Morpho Blue, flashLoan.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas.liquidation import V30
from sim.ledger import transfer
from sim.tables import ISOLATED
from sim.venues.lending import most_asked_for, set_rates
from sim.venues.lending_verbs import ROUNDING


@kernel
def flash_borrow(ledger, markets, reserves, row, tx, amount, receipt):
    """Take cash out of a reserve without collateral."""
    reserve = reserves[row]
    if markets[reserve.market].has_flash_loans == 0:
        return status.NOT_BORROWABLE
    if not amount > 0.0:
        return status.BAD_AMOUNT
    has_most = reserve.kind != ISOLATED and reserve.rules != V30
    if has_most and amount > most_asked_for(reserve) * (1.0 + ROUNDING):
        return status.BAD_AMOUNT
    if amount > reserve.cash:
        return status.NO_LIQUIDITY
    code = transfer(ledger, reserve.token, reserve.account, tx.sender, amount, causes.FLASH_LOAN)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash - amount
    reserve.flash_lent = reserve.flash_lent + amount
    receipt.amount_out = amount
    return status.OK


@kernel
def flash_repay(ledger, markets, reserves, row, tx, receipt):
    """Bring back all that is out, and the fee."""
    reserve = reserves[row]
    lent = reserve.flash_lent
    if not lent > 0.0:
        return status.NOTHING_OWED
    fee = lent * markets[reserve.market].flash_fee_fraction
    code = transfer(
        ledger, reserve.token, tx.sender, reserve.account, lent + fee, causes.FLASH_LOAN
    )
    if code != status.OK:
        return code
    reserve.cash = reserve.cash + (lent + fee)
    reserve.flash_lent = 0.0
    if fee > 0.0:
        reserve.treasury_scaled = reserve.treasury_scaled + fee / reserve.liquidity_index
    set_rates(reserve)
    receipt.amount_in = lent + fee
    return status.OK

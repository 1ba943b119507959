"""What one transaction does to a pooled lending market: supply, withdraw, borrow, repay, liquidate.

Checks come first and writes last; whatever fails is walked back by the journal.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas.liquidation import health_factor
from sim.journal import has_room, remember
from sim.ledger import balance, burn, mint, transfer
from sim.transaction import BORROW, LIQUIDATE, REPAY, SUPPLY, WITHDRAW
from sim.venues.lending import RESERVE_WORDS, accrue, position, set_rates
from sim.venues.lending_liquidation import liquidate


@kernel
def supply(ledger, reserve, tx, amount, receipt):
    """Deposit underlying for receipts."""
    if not amount > 0.0:
        return status.BAD_AMOUNT
    held = (reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index
    if held + amount > reserve.supply_cap:
        return status.CAP_EXCEEDED
    code = transfer(ledger, reserve.token, tx.sender, reserve.account, amount, causes.SUPPLY)
    if code != status.OK:
        return code
    scaled = amount / reserve.liquidity_index
    code = mint(ledger, reserve.receipt_token, tx.sender, scaled, causes.SUPPLY)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash + amount
    reserve.scaled_supply = reserve.scaled_supply + scaled
    set_rates(reserve)
    receipt.amount_in = amount
    receipt.amount_out = scaled
    return status.OK


@kernel
def withdraw(ledger, markets, reserves, feeds, row, tx, amount, now_seconds, receipt):
    """Redeem receipts for underlying, at most what the account has and the reserve holds in cash."""
    reserve = reserves[row]
    held = balance(ledger, reserve.receipt_token, tx.sender)
    scaled = min(amount / reserve.liquidity_index, held)
    paid = min(amount, held * reserve.liquidity_index)
    if not paid > 0.0:
        return status.BAD_AMOUNT
    if paid > reserve.cash:
        return status.NO_LIQUIDITY
    code = burn(ledger, reserve.receipt_token, tx.sender, scaled, causes.WITHDRAW)
    if code != status.OK:
        return code
    code = transfer(ledger, reserve.token, reserve.account, tx.sender, paid, causes.WITHDRAW)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash - paid
    reserve.scaled_supply = max(reserve.scaled_supply - scaled, 0.0)
    set_rates(reserve)
    _, weighted_usd, _, debt_usd = position(
        ledger, markets, reserves, feeds, reserve.market, tx.sender, now_seconds
    )
    if health_factor(weighted_usd, debt_usd) < 1.0:
        return status.HEALTH_TOO_LOW
    receipt.amount_in = scaled
    receipt.amount_out = paid
    return status.OK


@kernel
def borrow(ledger, markets, reserves, feeds, row, tx, amount, now_seconds, receipt):
    """Take ``amount`` of underlying against collateral, up to its loan-to-value."""
    reserve = reserves[row]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if amount > reserve.cash:
        return status.NO_LIQUIDITY
    if reserve.scaled_debt * reserve.borrow_index + amount > reserve.borrow_cap:
        return status.CAP_EXCEEDED
    scaled = amount / reserve.borrow_index
    code = mint(ledger, reserve.debt_token, tx.sender, scaled, causes.BORROW)
    if code != status.OK:
        return code
    code = transfer(ledger, reserve.token, reserve.account, tx.sender, amount, causes.BORROW)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash - amount
    reserve.scaled_debt = reserve.scaled_debt + scaled
    set_rates(reserve)
    _, weighted_usd, borrowable_usd, debt_usd = position(
        ledger, markets, reserves, feeds, reserve.market, tx.sender, now_seconds
    )
    if debt_usd > borrowable_usd or health_factor(weighted_usd, debt_usd) < 1.0:
        return status.HEALTH_TOO_LOW
    receipt.amount_in = scaled
    receipt.amount_out = amount
    return status.OK


@kernel
def repay(ledger, reserve, tx, amount, receipt):
    """Pay back up to ``amount``; never more than is owed."""
    owed_scaled = balance(ledger, reserve.debt_token, tx.sender)
    scaled = min(amount / reserve.borrow_index, owed_scaled)
    paid = min(amount, owed_scaled * reserve.borrow_index)
    if not paid > 0.0:
        return status.BAD_AMOUNT
    code = transfer(ledger, reserve.token, tx.sender, reserve.account, paid, causes.REPAY)
    if code != status.OK:
        return code
    code = burn(ledger, reserve.debt_token, tx.sender, scaled, causes.REPAY)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash + paid
    reserve.scaled_debt = max(reserve.scaled_debt - scaled, 0.0)
    set_rates(reserve)
    receipt.amount_in = paid
    receipt.amount_out = scaled
    return status.OK


@kernel
def apply(ledger, markets, reserves, feeds, tx, amount, now_seconds, receipt):
    """Remember and accrue the reserves that the transaction touches, then do what it asks."""
    row = tx.row
    reserve = reserves[row]
    if not has_room(ledger.journal, 2 * RESERVE_WORDS, 0):
        return status.JOURNAL_FULL
    remember(ledger.journal, ledger.memory, reserve.address, RESERVE_WORDS)
    accrue(reserve, now_seconds)
    receipt.venue = reserve.account
    receipt.token = reserve.token
    receipt.oracle_price_usd = feeds[reserve.feed].price_usd
    if tx.kind == SUPPLY:
        return supply(ledger, reserve, tx, amount, receipt)
    if tx.kind == WITHDRAW:
        return withdraw(ledger, markets, reserves, feeds, row, tx, amount, now_seconds, receipt)
    if tx.kind == BORROW:
        return borrow(ledger, markets, reserves, feeds, row, tx, amount, now_seconds, receipt)
    if tx.kind == REPAY:
        return repay(ledger, reserve, tx, amount, receipt)
    if tx.kind == LIQUIDATE:
        return liquidate(ledger, markets, reserves, feeds, tx, amount, now_seconds, receipt)
    return status.NOTHING_TO_DO

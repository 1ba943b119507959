"""Supply, withdraw, borrow, repay: each checks what its lender demands, and sets the rates anew.

Aave v3.3, SupplyLogic and BorrowLogic. What does not hold is walked back with the whole transaction.
"""

from __future__ import annotations

import math

from sim.formulas.liquidation import whole_bps
from tests.reference.ledger import Account, Revert, transfer
from tests.reference.lending import Reserve
from tests.reference.transaction import Receipt

ROUNDING = 1e-12  # by so much a claim or the cash may seem to fall short


def supply(reserve: Reserve, sender: Account, amount: float, now: float, out: Receipt) -> None:
    """Deposit underlying for receipts."""
    if not amount > 0.0:
        raise Revert("bad amount")
    supplied = (reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index
    if supplied + amount > reserve.supply_cap:
        raise Revert("cap exceeded")
    scaled = amount / reserve.liquidity_index
    transfer(reserve.token, sender, reserve.account, amount, "supply", out.moves)
    reserve.mint(reserve.receipt_token, sender, scaled, "supply", out.moves)
    reserve.cash += amount
    reserve.set_rates()
    out.amount_in, out.amount_out = amount, scaled


def withdraw(reserve: Reserve, sender: Account, amount: float, now: float, out: Receipt) -> None:
    """Redeem receipts, if health stays at one or above."""
    held = sender.holding(reserve.receipt_token)
    claim = held * reserve.liquidity_index
    paid = min(amount, claim)
    if not paid > 0.0:
        raise Revert("bad amount")
    if amount != math.inf and amount > claim * (1.0 + ROUNDING):
        raise Revert("insufficient balance")
    if paid > reserve.cash * (1.0 + ROUNDING):
        raise Revert("no liquidity")
    paid = min(paid, reserve.cash)
    is_all = amount >= claim * (1.0 - ROUNDING)
    scaled = held if is_all else min(amount / reserve.liquidity_index, held)
    reserve.burn(reserve.receipt_token, sender, scaled, "withdraw", out.moves)
    transfer(reserve.token, reserve.account, sender, paid, "withdraw", out.moves)
    reserve.cash -= paid
    reserve.set_rates()
    if reserve.market.position(sender, now).health < 1.0:
        raise Revert("health too low")
    out.amount_in, out.amount_out = scaled, paid


def borrow(reserve: Reserve, sender: Account, amount: float, now: float, out: Receipt) -> None:
    """Take a loan, up to the loan-to-value of the collateral."""
    if not amount > 0.0:
        raise Revert("bad amount")
    if amount > reserve.scaled_supply * reserve.liquidity_index * (1.0 + ROUNDING):
        raise Revert("bad amount")
    if reserve.scaled_debt * reserve.borrow_index + amount > reserve.borrow_cap:
        raise Revert("cap exceeded")
    if amount > reserve.cash:
        raise Revert("no liquidity")
    scaled = amount / reserve.borrow_index
    reserve.mint(reserve.debt_token, sender, scaled, "borrow", out.moves)
    position = reserve.market.position(sender, now)
    share = position.borrowable_usd / position.collateral_usd if position.collateral_usd else 0.0
    mean_ltv = whole_bps(share)
    if mean_ltv == 0.0:
        raise Revert("loan-to-value is zero")
    if position.health < 1.0:
        raise Revert("health too low")
    if position.debt_usd > position.collateral_usd * mean_ltv * (1.0 + ROUNDING):
        raise Revert("loan-to-value exceeded")
    transfer(reserve.token, reserve.account, sender, amount, "borrow", out.moves)
    reserve.cash -= amount
    reserve.set_rates()
    out.amount_in, out.amount_out = scaled, amount


def repay(reserve: Reserve, sender: Account, amount: float, now: float, out: Receipt) -> None:
    """Pay back, never more than is owed."""
    if not amount > 0.0:
        raise Revert("bad amount")
    owed = sender.holding(reserve.debt_token)
    scaled = min(amount / reserve.borrow_index, owed)
    paid = min(amount, owed * reserve.borrow_index)
    if not paid > 0.0:
        raise Revert("nothing owed")
    transfer(reserve.token, sender, reserve.account, paid, "repay", out.moves)
    reserve.burn(reserve.debt_token, sender, scaled, "repay", out.moves)
    reserve.cash += paid
    reserve.set_rates()
    out.amount_in, out.amount_out = paid, scaled


VERBS = {"supply": supply, "withdraw": withdraw, "borrow": borrow, "repay": repay}

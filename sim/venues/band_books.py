"""What moves with a loan in bands: its collateral, the coin that is issued and retired, what is paid out.

Collateral supplied before there is a loan waits aside, for a receipt. The coin is issued as it is lent and
retired as it is repaid.
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.ledger import burn, mint, transfer


@kernel
def move_collateral(ledger, venues, m, tx, amount, receipt):
    """Collateral into the pool from the sender, or (a negative amount) out to him."""
    pool = venues.pools[venues.banded[m].pool]
    if amount >= 0.0:
        code = transfer(ledger, pool.token0, tx.sender, pool.account, amount, causes.SUPPLY)
    else:
        code = transfer(ledger, pool.token0, pool.account, tx.sender, -amount, causes.WITHDRAW)
    if code == status.OK:
        pool.reserve0 = pool.reserve0 + amount
        receipt.amount_in = abs(amount)
        receipt.amount_out = abs(amount)
    return code


@kernel
def set_aside(ledger, collateral, tx, amount, receipt):
    """Collateral before there is a loan, in (or with a negative amount out again), for a receipt each."""
    if amount >= 0.0:
        code = transfer(
            ledger, collateral.token, tx.sender, collateral.account, amount, causes.SUPPLY
        )
        if code == status.OK:
            code = mint(ledger, collateral.receipt_token, tx.sender, amount, causes.SUPPLY)
    else:
        code = burn(ledger, collateral.receipt_token, tx.sender, -amount, causes.WITHDRAW)
        if code == status.OK:
            code = transfer(
                ledger, collateral.token, collateral.account, tx.sender, -amount, causes.WITHDRAW
            )
    collateral.cash = max(collateral.cash + amount, 0.0)
    collateral.scaled_supply = max(collateral.scaled_supply + amount, 0.0)
    receipt.amount_in = abs(amount)
    receipt.amount_out = abs(amount)
    return code


@kernel
def issue(ledger, reserve, tx, amount, receipt):
    """Make coin for the borrower, who owes it."""
    scaled = amount / reserve.borrow_index
    code = mint(ledger, reserve.debt_token, tx.sender, scaled, causes.BORROW)
    if code != status.OK:
        return code
    code = mint(ledger, reserve.token, tx.sender, amount, causes.ISSUE)
    if code != status.OK:
        return code
    reserve.issued = reserve.issued + amount
    reserve.scaled_debt = reserve.scaled_debt + scaled
    receipt.amount_in = scaled
    receipt.amount_out = amount
    return status.OK


@kernel
def retire(ledger, reserve, payer, borrower, amount, scaled, cause):
    """Take coin that the payer has out of the world, and as much debt off the borrower."""
    code = burn(ledger, reserve.token, payer, amount, causes.RETIRE)
    if code != status.OK:
        return code
    code = burn(ledger, reserve.debt_token, borrower, scaled, cause)
    if code != status.OK:
        return code
    reserve.issued = reserve.issued - amount
    reserve.scaled_debt = max(reserve.scaled_debt - scaled, 0.0)
    return status.OK


@kernel
def pay_out(ledger, pool, receiver, coin, collateral, cause):
    """Coin and collateral from the bands to somebody."""
    code = transfer(ledger, pool.token1, pool.account, receiver, coin, cause)
    if code != status.OK:
        return code
    code = transfer(ledger, pool.token0, pool.account, receiver, collateral, cause)
    pool.reserve0 = pool.reserve0 - collateral
    pool.reserve1 = pool.reserve1 - coin
    return code

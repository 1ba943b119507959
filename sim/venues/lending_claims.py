"""Debts and receipts of accounts and the sums of them all, which move together.

A market has to know what all owe, and are owed, without asking everybody. One float forgets, beside a large
loan, what is below its sixteenth digit: when the last loan is repaid a rounding stays behind as a debt of
nobody, and interest is charged on it. The sums are kept in two floats, and move by as much as the balance
really did.
"""

from __future__ import annotations

from sim import status
from sim.compile import formula, kernel
from sim.formulas import two_floats
from sim.ledger import balance, burn, mint

# What is left of a claim when all of it is taken or paid: roundings of a double, which are nobody's.
LAST_BITS = 1e-14


@formula
def _moved(total, rest, before, after):
    """A sum in two floats after one balance of it has changed."""
    change, change_rest = two_floats.exact_sum(after, -before)
    total, rest = two_floats.add(total, rest, change, change_rest)
    if total <= 0.0:  # an opening sum is known to one float only
        return 0.0, 0.0
    return total, rest


@kernel
def _count(reserve, token, before, after):
    """An account's receipts or debts of a reserve were ``before`` and are ``after``."""
    if token == reserve.debt_token:
        reserve.scaled_debt, reserve.scaled_debt_rest = _moved(
            reserve.scaled_debt, reserve.scaled_debt_rest, before, after
        )
    else:
        reserve.scaled_supply, reserve.scaled_supply_rest = _moved(
            reserve.scaled_supply, reserve.scaled_supply_rest, before, after
        )


@kernel
def mint_claim(ledger, reserve, token, account, scaled, cause):
    """Receipts (``token`` is the receipt token) or debts of an account grow."""
    before = balance(ledger, token, account)
    code = mint(ledger, token, account, scaled, cause)
    if code == status.OK:
        _count(reserve, token, before, before + scaled)  # as the ledger rounds it
    return code


@kernel
def burn_claim(ledger, reserve, token, account, scaled, cause):
    """They shrink."""
    before = balance(ledger, token, account)
    code = burn(ledger, token, account, scaled, cause)
    if code == status.OK:
        _count(reserve, token, before, before - scaled)
    return code

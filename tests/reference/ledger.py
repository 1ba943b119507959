"""Who holds what: an account is a dictionary of whole tokens, and tokens move in three ways only."""

from __future__ import annotations

import dataclasses
import math


class Revert(Exception):
    """A transaction cannot go on; the text is the reason."""


@dataclasses.dataclass(eq=False)
class Account:
    """Somebody who can hold tokens: those in ``balances``, and no others."""

    number: int
    name: str
    balances: dict[str, float]  # whole tokens, never negative

    def holding(self, token: str) -> float:
        """Whole tokens held; 0 of what it may not hold."""
        return self.balances.get(token, 0.0)


def transfer(token: str, payer: Account, receiver: Account, amount: float) -> None:
    """The whole amount or nothing."""
    _take(token, payer, amount, receiver)
    receiver.balances[token] += amount


def mint(token: str, receiver: Account, amount: float) -> None:
    """Create ``amount``."""
    _check(amount)
    if token not in receiver.balances:
        raise Revert("insufficient balance")
    receiver.balances[token] += amount


def burn(token: str, payer: Account, amount: float) -> None:
    """Destroy ``amount``."""
    _take(token, payer, amount, payer)


def _check(amount: float) -> None:
    if not 0.0 <= amount < math.inf:
        raise Revert("bad amount")


def _take(token: str, payer: Account, amount: float, receiver: Account) -> None:
    _check(amount)
    both_may_hold_it = token in payer.balances and token in receiver.balances
    if not both_may_hold_it or payer.balances[token] < amount:
        raise Revert("insufficient balance")
    payer.balances[token] -= amount

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
    group: str  # of accounts of the same kind, which are told apart in who paid whom
    balances: dict[str, float]  # whole tokens, never negative

    def holding(self, token: str) -> float:
        """Whole tokens held; 0 of what it may not hold."""
        return self.balances.get(token, 0.0)


@dataclasses.dataclass(frozen=True)
class Move:
    """Tokens that have moved; a mint has no payer, a burn no receiver."""

    token: str
    payer: Account | None
    receiver: Account | None
    amount: float
    cause: str


def transfer(
    token: str, payer: Account, receiver: Account, amount: float, cause: str, moves: list[Move]
) -> None:
    """The whole amount or nothing."""
    _move(Move(token, payer, receiver, amount, cause), moves)


def mint(token: str, receiver: Account, amount: float, cause: str, moves: list[Move]) -> None:
    """Create ``amount``."""
    _move(Move(token, None, receiver, amount, cause), moves)


def burn(token: str, payer: Account, amount: float, cause: str, moves: list[Move]) -> None:
    """Destroy ``amount``."""
    _move(Move(token, payer, None, amount, cause), moves)


def _move(move: Move, moves: list[Move]) -> None:
    token, payer, receiver = move.token, move.payer, move.receiver
    if not 0.0 <= move.amount < math.inf:
        raise Revert("bad amount")
    for side in (payer, receiver):
        if side is not None and token not in side.balances:
            raise Revert("insufficient balance")
    if payer is not None:
        if payer.balances[token] < move.amount:
            raise Revert("insufficient balance")
        payer.balances[token] -= move.amount
    if receiver is not None:
        receiver.balances[token] += move.amount
    moves.append(move)

"""StableSwap the slow way: fifty digits, balances before less balances after, every root by bisection.

The invariant of Egorov (2019) with the contract's A, and the steps of the contract in their order; nothing
of the engine's algebra is used here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, getcontext

DIGITS = 70
getcontext().prec = DIGITS


class ExactPool:
    """Balances, shares and the protocol's part of a pool of coins with rates of one."""

    def __init__(
        self, balances: Sequence[float], amplification: float, fee: float, admin_fee: float
    ) -> None:
        self.balances = [Decimal(x) for x in balances]
        self.n = len(balances)
        self.ann = Decimal(amplification) * self.n
        self.fee, self.admin_fee = Decimal(fee), Decimal(admin_fee)
        self.supply = self.invariant(self.balances)

    def gap(self, levels: Sequence[Decimal], invariant: Decimal) -> Decimal:
        """Left side less right side of the invariant's equation; falls as D rises."""
        product = invariant
        for level in levels:
            product = product * invariant / (self.n * level)
        return self.ann * sum(levels) + invariant - self.ann * invariant - product

    def invariant(self, levels: Sequence[Decimal]) -> Decimal:
        """D between n times the smallest level and the sum of all."""
        return _root(lambda d: -self.gap(levels, d), self.n * min(levels), sum(levels, Decimal(0)))

    def level(self, levels: Sequence[Decimal], i: int, invariant: Decimal) -> Decimal:
        """What level i must be, the others and D being given."""

        def at(level: Decimal) -> Decimal:
            return self.gap([level if k == i else x for k, x in enumerate(levels)], invariant)

        high = invariant
        while at(high) < 0:
            high *= 2
        return _root(at, high * Decimal(10) ** -60, high)

    def swap(self, i: int, j: int, amount: float) -> Decimal:
        """Sell exactly so much of coin i for coin j."""
        invariant = self.invariant(self.balances)
        self.balances[i] += Decimal(amount)
        taken = self.balances[j] - self.level(self.balances, j, invariant)
        fee = taken * self.fee
        self.balances[j] -= taken - fee + fee * self.admin_fee
        return taken - fee

    def change(self, amounts: Sequence[float]) -> Decimal:
        """Deposit (or, negative, take out) so much of each; the shares minted."""
        before = self.invariant(self.balances)
        after = [x + Decimal(a) for x, a in zip(self.balances, amounts, strict=True)]
        grown = self.invariant(after) / before
        part = self.fee * self.n / (4 * (self.n - 1))
        fees = [part * abs(grown * x - y) for x, y in zip(self.balances, after, strict=True)]
        charged = [y - f for y, f in zip(after, fees, strict=True)]
        shares = self.supply * (self.invariant(charged) / before - 1)
        self.balances = [y - f * self.admin_fee for y, f in zip(after, fees, strict=True)]
        self.supply += shares
        return shares

    def remove_one(self, i: int, shares: float) -> Decimal:
        """Burn shares for one coin."""
        before = self.invariant(self.balances)
        after = before * (1 - Decimal(shares) / self.supply)
        part = self.fee * self.n / (4 * (self.n - 1))
        free = self.level(self.balances, i, after)
        reduced = []
        for k, x in enumerate(self.balances):
            expected = x * after / before - free if k == i else x - x * after / before
            reduced.append(x - part * expected)
        taken = reduced[i] - self.level(reduced, i, after)
        self.balances[i] -= taken + (self.balances[i] - free - taken) * self.admin_fee
        self.supply -= Decimal(shares)
        return taken


def _root(rising: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Where a rising function crosses zero, to fifty digits."""
    for _ in range(420):
        middle = (low + high) / 2
        if high - low <= high * Decimal(10) ** (12 - DIGITS):
            break
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2

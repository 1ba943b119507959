"""Concentrated liquidity in whole numbers, as plain as can be: Uniswap v3 (Adams et al. 2021) in base units.

Ticks are a dictionary that is searched; each step takes the next tick that has liquidity to begin or end.
Rounding goes against the trader, as in the contract. Fees of positions are not kept here. A tick's price is
the exact root, rounded up to 96 bits: from the contract's own it differs by less than 1e-18.
"""

from __future__ import annotations

import decimal

Q96 = 1 << 96
BASE = decimal.Context(prec=90).create_decimal("1.0001")


def sqrt_ratio_at(tick: int) -> int:
    """The square root of ``1.0001 ** tick`` with 96 bits after the point."""
    with decimal.localcontext() as context:
        context.prec = 90
        root = (BASE**tick).sqrt() * Q96
        return int(root.to_integral_value(decimal.ROUND_CEILING))


def tick_at(root: int) -> int:
    """The highest tick whose price has been reached."""
    with decimal.localcontext() as context:
        context.prec = 90
        guess = int((2 * (decimal.Decimal(root) / Q96).ln() / BASE.ln()).to_integral_value())
    while sqrt_ratio_at(guess) > root:
        guess -= 1
    while sqrt_ratio_at(guess + 1) <= root:
        guess += 1
    return guess


def up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def amount0(a: int, b: int, liquidity: int, rounds_up: bool) -> int:
    a, b = min(a, b), max(a, b)
    top = (liquidity << 96) * (b - a)
    return up(up(top, b), a) if rounds_up else top // b // a


def amount1(a: int, b: int, liquidity: int, rounds_up: bool) -> int:
    top = liquidity * abs(b - a)
    return up(top, Q96) if rounds_up else top // Q96


class PlainPool:
    """Price, liquidity, and what begins at each tick."""

    def __init__(self, root: int, fee_pips: int, spacing: int) -> None:
        self.root, self.fee, self.spacing = root, fee_pips, spacing
        self.tick, self.liquidity = tick_at(root), 0
        self.net: dict[int, int] = {}

    def _change(self, lower: int, upper: int, liquidity: int, rounds_up: bool) -> tuple[int, int]:
        self.net[lower] = self.net.get(lower, 0) + liquidity
        self.net[upper] = self.net.get(upper, 0) - liquidity
        a, b, size = sqrt_ratio_at(lower), sqrt_ratio_at(upper), abs(liquidity)
        if self.tick < lower:
            return amount0(a, b, size, rounds_up), 0
        if self.tick >= upper:
            return 0, amount1(a, b, size, rounds_up)
        self.liquidity += liquidity
        return (
            amount0(self.root, b, size, rounds_up),
            amount1(a, self.root, size, rounds_up),
        )

    def mint(self, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
        return self._change(lower, upper, liquidity, True)

    def burn(self, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
        return self._change(lower, upper, -liquidity, False)

    def _next(self, is_zero: bool) -> int | None:
        live = [tick for tick, net in self.net.items() if net != 0]
        ahead = [t for t in live if (t <= self.tick if is_zero else t > self.tick)]
        return (max(ahead) if is_zero else min(ahead)) if ahead else None

    def swap(self, is_zero: bool, amount: int, limit: int) -> tuple[int, int]:
        """Tokens in and out; a negative amount is one to receive."""
        left, total_in, total_out = amount, 0, 0
        while left != 0 and self.root != limit:
            tick = self._next(is_zero)
            edge = limit if tick is None else sqrt_ratio_at(tick)
            target = max(edge, limit) if is_zero else min(edge, limit)
            end, paid, got, fee = self._step(target, left, is_zero)
            total_in, total_out = total_in + paid + fee, total_out + got
            left = left - paid - fee if left > 0 else left + got
            moved = end != self.root
            self.root = end
            if tick is not None and end == edge:
                self.liquidity += -self.net[tick] if is_zero else self.net[tick]
                self.tick = tick - 1 if is_zero else tick
            elif moved:
                self.tick = tick_at(end)
        return total_in, total_out

    def _step(self, target: int, left: int, is_zero: bool) -> tuple[int, int, int, int]:
        paid_at, got_at = (amount0, amount1) if is_zero else (amount1, amount0)
        full_in = paid_at(self.root, target, self.liquidity, True)
        full_out = got_at(self.root, target, self.liquidity, False)
        if left > 0:
            usable = left * (1_000_000 - self.fee) // 1_000_000
            end = target if usable >= full_in else self._after_in(usable, is_zero)
        else:
            end = target if -left >= full_out else self._after_out(-left, is_zero)
        reached = end == target
        paid = full_in if reached else paid_at(self.root, end, self.liquidity, True)
        got = full_out if reached else got_at(self.root, end, self.liquidity, False)
        if left < 0:
            got = min(got, -left)
        if left > 0 and not reached:
            return end, paid, got, left - paid
        return end, paid, got, up(paid * self.fee, 1_000_000 - self.fee)

    def _after_in(self, amount: int, is_zero: bool) -> int:
        if is_zero:
            top = self.liquidity << 96
            return up(top * self.root, top + amount * self.root)
        return self.root + (amount << 96) // self.liquidity

    def _after_out(self, amount: int, is_zero: bool) -> int:
        if is_zero:
            return self.root - up(amount << 96, self.liquidity)
        top = self.liquidity << 96
        return up(top * self.root, top - amount * self.root)

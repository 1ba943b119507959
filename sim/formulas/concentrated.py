"""Concentrated liquidity: between two ticks a pool behaves like a deeper one, beyond them it is not there.

With liquidity ``L`` and the square root ``s`` of the price of token0 in token1, a move from ``s`` to ``t``
exchanges ``L (t - s)`` of token1 for ``L (t - s) / (s t)`` of token0. All amounts come from such differences,
never from reserve minus reserve. Prices and amounts are those of whole tokens; ``unit`` is the sqrt price at
tick 0, which is not 1 where the two tokens count different decimals.
Source: Adams, Zinsmeister, Salem, Keefer and Robinson (2021), Uniswap v3 Core; contract ``UniswapV3Pool``.
"""

from __future__ import annotations

import decimal
import math

from sim.compile import formula, kernel
from sim.formulas import two_floats

TICK_BASE = 1.0001  # a tick is a hundredth of a per cent of the price
LOG_TICK = math.log(TICK_BASE)
MIN_TICK, MAX_TICK = -887_272, 887_272  # beyond them prices do not fit the contract's numbers
N_BITS = 20  # of the largest tick
STEP = 2.0**-96  # sqrt prices of the contract are so many of these: a tick's is rounded up
COARSE = 2.0**-43  # below, that is fewer digits than a float has
NEAR_AN_EDGE = 1e-5  # of a tick: closer than that, a logarithm does not say which side of it


def _powers(base: decimal.Decimal) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """``base ** (2 ** k / 2)`` for each bit of a tick, as two floats."""
    with decimal.localcontext() as context:
        context.prec = 60
        numbers, rests = [], []
        power = base.sqrt()
        for _ in range(N_BITS):
            numbers.append(float(power))
            rests.append(float(power - decimal.Decimal(numbers[-1])))
            power = power * power
    return tuple(numbers), tuple(rests)


UP, UP_REST = _powers(decimal.Decimal("1.0001"))
DOWN, DOWN_REST = _powers(1 / decimal.Decimal("1.0001"))


@kernel
def sqrt_price_at(tick, unit, unit_rest):
    """The square root of ``1.0001 ** tick``, times that of tick 0, as two floats."""
    left = abs(tick)
    price = 1.0
    rest = 0.0
    for k in range(N_BITS):
        if left % 2 == 1:
            if tick > 0:
                price, rest = two_floats.multiply(price, rest, UP[k], UP_REST[k])
            else:
                price, rest = two_floats.multiply(price, rest, DOWN[k], DOWN_REST[k])
        left = left // 2
    if price < COARSE:
        whole = price / STEP
        price = math.ceil(whole) * STEP
        if price == whole * STEP and rest > 0.0:
            price += STEP
        rest = 0.0
    return two_floats.multiply(price, rest, unit, unit_rest)


@kernel
def tick_at(price, rest, unit, unit_rest):
    """The tick that a sqrt price has reached; exact where it lies on one."""
    ticks = 2.0 * math.log(price / unit) / LOG_TICK
    tick = math.floor(ticks)
    if ticks - tick > 1.0 - NEAR_AN_EDGE:
        tick += 1
    elif ticks - tick > NEAR_AN_EDGE:
        return int(tick)
    edge, edge_rest = sqrt_price_at(int(tick), unit, unit_rest)
    if two_floats.difference(price, rest, edge, edge_rest) < 0.0:
        tick -= 1
    return int(tick)


@formula
def amount1_of(liquidity, distance):
    """Token1 that a move of the sqrt price by ``distance`` exchanges."""
    return liquidity * distance


@formula
def amount0_of(liquidity, distance, price, target):
    """Token0 that it exchanges, between these two sqrt prices."""
    return liquidity * distance / (price * target)


@formula
def fall_by_sale(amount0, liquidity, price):
    """By how much the sqrt price falls as the pool takes in so much token0."""
    return price * price * amount0 / (liquidity + amount0 * price)


@formula
def rise_by_purchase(amount0, liquidity, price):
    """By how much the sqrt price rises as the pool gives out so much token0."""
    return price * price * amount0 / (liquidity - amount0 * price)


@formula
def move_by_amount1(amount1, liquidity):
    """By how much the sqrt price moves as so much token1 goes in or out."""
    return amount1 / liquidity


@formula
def growth_inside(
    total, total_rest, lower, lower_rest, upper, upper_rest, is_above_lower, is_below_upper
):
    """Fees a unit of liquidity has earned between two ticks; each tick keeps what was earned beyond it."""
    if not is_above_lower:
        lower, lower_rest = two_floats.add(total, total_rest, -lower, -lower_rest)
    if not is_below_upper:
        upper, upper_rest = two_floats.add(total, total_rest, -upper, -upper_rest)
    inside, rest = two_floats.add(total, total_rest, -lower, -lower_rest)
    return two_floats.add(inside, rest, -upper, -upper_rest)


@formula
def amounts_of_range(liquidity, price, rest, lower, lower_rest, upper, upper_rest):
    """Both tokens that stand behind liquidity between two sqrt prices, at a sqrt price."""
    if two_floats.difference(price, rest, lower, lower_rest) < 0.0:
        width = two_floats.difference(upper, upper_rest, lower, lower_rest)
        return amount0_of(liquidity, width, lower, upper), 0.0
    if two_floats.difference(price, rest, upper, upper_rest) >= 0.0:
        width = two_floats.difference(upper, upper_rest, lower, lower_rest)
        return 0.0, amount1_of(liquidity, width)
    above = two_floats.difference(upper, upper_rest, price, rest)
    below = two_floats.difference(price, rest, lower, lower_rest)
    return amount0_of(liquidity, above, price, upper), amount1_of(liquidity, below)

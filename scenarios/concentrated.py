"""A concentrated pool is opened: its price, its units, its empty chain of ticks."""

from __future__ import annotations

import decimal

from sim.formulas.concentrated import MAX_TICK, amounts_of_range, sqrt_price_at, tick_at
from sim.venues.ticks import open_ticks
from sim.world import World

LARGEST_LIQUIDITY = 2**128 - 1  # that the contract can count, over all ticks


def _pair(exact: decimal.Decimal) -> tuple[float, float]:
    """A number as two floats."""
    number = float(exact)
    return number, float(exact - decimal.Decimal(number))


def _root_of_ten(power: int) -> decimal.Decimal:
    """``10 ** (power / 2)``."""
    whole = decimal.Decimal(10) ** abs(power)
    return whole.sqrt() if power >= 0 else 1 / whole.sqrt()


def two_floats_of(sqrt_price_x96: int, decimals_apart: int) -> tuple[float, float]:
    """The contract's sqrt price of base units as one of whole tokens."""
    with decimal.localcontext() as context:
        context.prec = 80
        root = decimal.Decimal(sqrt_price_x96) / decimal.Decimal(2**96)
        return _pair(root * _root_of_ten(decimals_apart))


def open_pool(
    world: World, row: int, sqrt_price: tuple[float, float], decimals: tuple[int, int]
) -> None:
    """Set the price of a pool whose tables have been given room, with no liquidity yet."""
    venues = world.venues
    state = venues.concentrated[row]
    with decimal.localcontext() as context:
        context.prec = 80
        state.unit, state.unit_rest = _pair(_root_of_ten(decimals[0] - decimals[1]))
        state.liquidity_unit = float(1 / _root_of_ten(decimals[0] + decimals[1]))
    n_ticks = 2 * (MAX_TICK // int(state.tick_spacing)) + 1
    state.max_liquidity_per_tick = float(LARGEST_LIQUIDITY // n_ticks) * state.liquidity_unit
    state.sqrt_price, state.sqrt_price_rest = sqrt_price
    state.tick = tick_at(*sqrt_price, state.unit, state.unit_rest)
    open_ticks(venues.ticks, state)
    state.newest = state.first_observation
    first = venues.observations[state.newest]
    first.seconds, first.is_written = world.clock.now[0].seconds, 1


def range_amounts(
    world: World, row: int, lower: int, upper: int, liquidity: float
) -> tuple[float, float]:
    """Both tokens that so much liquidity between two ticks asks for, at the pool's price."""
    state = world.venues.concentrated[row]
    return amounts_of_range(
        liquidity, state.sqrt_price, state.sqrt_price_rest,
        *sqrt_price_at(lower, state.unit, state.unit_rest),
        *sqrt_price_at(upper, state.unit, state.unit_rest),
    )  # fmt: skip

"""A concentrated pool is opened and filled: its price, its empty chain of ticks, a position a cohort.

The providers of a cohort share one range, given relative to the price at birth; several cohorts may leave
a gap between their ranges.
"""

from __future__ import annotations

import decimal
import math
from typing import TYPE_CHECKING

from scenarios.layout import Layout, providers_of
from sim import status
from sim.formulas.concentrated import (
    LOG_TICK,
    MAX_TICK,
    amounts_of_range,
    sqrt_price_at,
    tick_at,
)
from sim.venues.positions import change_liquidity
from sim.venues.ticks import NONE, open_ticks
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort

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


def n_rows_of(scenario: Scenario, layout: Layout) -> dict[str, int]:
    """Rows of each table that the concentrated pools of a scenario ask for."""
    n_pools = sum(pool.kind == "concentrated" for pool in scenario.pools)
    n_positions = len(layout.positions)
    return {
        "concentrated": n_pools,
        "ticks": 2 * n_pools + 2 * n_positions,
        "positions": n_positions,
        "observations": n_pools,
    }


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
    """Open every concentrated pool at the price of birth, with room for the ranges of its providers."""
    exchanges, venues = world.venues.exchanges, world.venues
    first_tick = first_position = n_pools = 0
    for p, pool in enumerate(scenario.pools):
        if pool.kind != "concentrated":
            continue
        row, state = venues.pools[p], venues.concentrated[n_pools]
        row.state = n_pools
        state.tick_spacing = pool.tick_spacing
        state.protocol_fraction0 = state.protocol_fraction1 = pool.protocol_fee_fraction
        state.first_position, state.first_tick = first_position, first_tick
        state.n_positions = len(providers_of(scenario, pool.name))
        state.n_ticks = 2 + 2 * state.n_positions
        state.first_observation, state.n_observations = n_pools, 1
        price = exchanges[row.asset0].market_price_usd / exchanges[row.asset1].market_price_usd
        decimals = [scenario.assets[asset].decimals for asset in (row.asset0, row.asset1)]
        open_pool(world, n_pools, (math.sqrt(price), 0.0), (decimals[0], decimals[1]))
        first_tick += state.n_ticks
        first_position += state.n_positions
        n_pools += 1


def _range(world: World, layout: Layout, cohort: Cohort) -> tuple[int, int, int]:
    """The row of a cohort's pool, and the ticks nearest to the prices of its range."""
    row = int(world.venues.pools[layout.pools.index(str(cohort.pool))].state)
    state = world.venues.concentrated[row]
    spacing = int(state.tick_spacing)
    last = MAX_TICK // spacing * spacing
    now = 2.0 * math.log(state.sqrt_price / state.unit) / LOG_TICK
    ticks = [-last, last]
    for k, multiple in enumerate((cohort.lower_price_multiple, cohort.upper_price_multiple)):
        if multiple is not None:
            tick = math.floor((now + math.log(multiple) / LOG_TICK) / spacing + 0.5) * spacing
            ticks[k] = min(max(tick, -last), last)
    return row, ticks[0], ticks[1]


def liquidity_for(world: World, layout: Layout, cohort: Cohort, tvl_usd: float) -> float:
    """The liquidity that so much money buys in a cohort's range."""
    amounts = range_amounts(world, *_range(world, layout, cohort), 1.0)
    pool = world.venues.pools[layout.pools.index(str(cohort.pool))]
    exchanges = world.venues.exchanges
    unit_usd = amounts[0] * exchanges[pool.asset0].market_price_usd
    unit_usd += amounts[1] * exchanges[pool.asset1].market_price_usd
    return float(tvl_usd / unit_usd)


def endow(world: World, layout: Layout, cohort: Cohort, liquidity: float) -> None:
    """Give the providers' position its range and liquidity, and the pool what stands behind it."""
    venues, number = world.venues, layout.positions.index(cohort.name)
    pool = venues.pools[layout.pools.index(str(cohort.pool))]
    row, lower, upper = _range(world, layout, cohort)
    position = venues.positions[number]
    position.is_open, position.owner, position.token = 1, NONE, layout.position_token(number)
    position.pool, position.lower, position.upper = (
        layout.pools.index(str(cohort.pool)),
        lower,
        upper,
    )
    code, amount0, amount1 = change_liquidity(
        world.ledger, venues, venues.concentrated[row], number, liquidity
    )
    assert code == status.OK, status.REASONS[code]
    world.ledger.journal.n[:] = 0  # what is born is never walked back
    pool.reserve0 += amount0
    pool.reserve1 += amount1

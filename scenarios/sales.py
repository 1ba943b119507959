"""What a sale would bring now, for many sellers at once, each as if he were alone.

The pools' answer is that of the router of ``agents/routes.py`` (equal marginal prices, whole rows of
numbers at a time), at the reserves of this moment and not at those an agent has seen; the outside
exchange's answer is after the seller's own impact. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.formulas import constant_product, routing
from sim.venues.outside import depth_usd
from sim.world import World


class Sale(NamedTuple):
    """What each seller gets, and into how many pools he sells."""

    proceeds_usd: np.ndarray  # (n,) at the market price of what is received, before gas
    n_legs: np.ndarray  # (n,)


class _Side(NamedTuple):
    """One pool as a seller of one token meets it."""

    reserve_in: float
    reserve_out: float
    fee_fraction: float
    value_out_usd: float
    slope: float  # see sim/formulas/routing.py
    intercept: float


def over_pools(world: World, pools: Sequence[int], token: int, amount: np.ndarray) -> Sale:
    """Sell ``amount`` (n,) of a token over these pools, those that do not trade it left out."""
    sides = [side for pool in pools if (side := _side(world, pool, token)) is not None]
    if world.clock.now[0].has_pool_depth == 0:  # the cheapest pool takes all, at the outside price
        kept = max((1.0 - side.fee_fraction for side in sides), default=0.0)
        n_legs = np.where(amount > 0.0, min(len(sides), 1.0), 0.0)  # none where no pool trades it
        return Sale(amount * kept * world.tokens[token].value_usd, n_legs)
    level = _level(sides, amount)
    proceeds_usd, n_legs = np.zeros(len(amount)), np.zeros(len(amount))
    for side in sides:
        part = np.where(amount > 0.0, np.maximum(side.slope * level - side.intercept, 0.0), 0.0)
        bought = constant_product.amount_out(
            part, side.reserve_in, side.reserve_out, side.fee_fraction
        )
        proceeds_usd += bought * side.value_out_usd
        n_legs += part > 0.0
    return Sale(proceeds_usd, n_legs)


def _side(world: World, number: int, token: int) -> _Side | None:
    pool = world.venues.pools[number]
    if token not in (pool.token0, pool.token1) or pool.reserve0 <= 0.0 or pool.reserve1 <= 0.0:
        return None
    is_zero = token == pool.token0
    reserves = (pool.reserve0, pool.reserve1) if is_zero else (pool.reserve1, pool.reserve0)
    out = world.tokens[pool.token1 if is_zero else pool.token0]
    fee_fraction = pool.fee_fraction
    return _Side(
        float(reserves[0]),
        float(reserves[1]),
        fee_fraction,
        out.value_usd,
        float(routing.slope(*reserves, fee_fraction)),
        float(routing.intercept(reserves[0], fee_fraction)),
    )


def _level(sides: list[_Side], amount: np.ndarray) -> np.ndarray:
    """The level at which the parts add up; each round leaves out the pools that would not take part."""
    if not sides:
        return np.zeros(len(amount))
    slopes: float | np.ndarray = sum(side.slope for side in sides)
    intercepts: float | np.ndarray = sum(side.intercept for side in sides)
    found = routing.level(amount, intercepts, slopes)
    for _ in sides[1:]:
        slopes, intercepts = np.zeros(len(amount)), np.zeros(len(amount))
        for side in sides:
            takes = (found == 0.0) | (side.slope * found > side.intercept)
            slopes += takes * side.slope
            intercepts += takes * side.intercept
        found = np.where(slopes > 0.0, (amount + intercepts) / np.maximum(slopes, 1e-300), 0.0)
    return found


def outside(world: World, asset: int, amount: np.ndarray) -> np.ndarray:
    """USD for selling ``amount`` (n,) of an asset on the outside exchange, after own impact."""
    exchange = world.venues.exchanges[asset]
    value_usd = amount * exchange.market_price_usd
    depth = float(depth_usd(exchange))
    return value_usd if np.isinf(depth) else depth * np.log1p(value_usd / depth)

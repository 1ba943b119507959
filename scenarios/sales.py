"""What a sale would bring now, for many sellers at once, each as if he were alone.

The pools' answer is that of the router of ``agents/routes.py`` (equal marginal prices, whole rows of
numbers at a time), at the state of this moment and not at what an agent has seen; the outside exchange's
answer is after the seller's own impact. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from scenarios.moments import each
from scenarios.sides import ConstantProductSide, Side, side_of
from sim.formulas import routing
from sim.venues.outside import depth_usd
from sim.world import World

HALVINGS = 60  # of the search for the common price, on a log scale down to LOWEST
LOWEST = 50.0


class Sale(NamedTuple):
    """What each seller gets, and into how many pools he sells."""

    proceeds_usd: np.ndarray  # (n,) at the market price of what is received, before gas
    n_legs: np.ndarray  # (n,)


def over_pools(world: World, pools: Sequence[int], token: int, amount: np.ndarray) -> Sale:
    """Sell ``amount`` (n,) of a token for cash over these pools, those that do not trade it left out."""
    cash = int(world.venues.exchanges[world.clock.now[0].cash_asset].token)
    sides = [side for pool in pools if (side := side_of(world, pool, token, cash)) is not None]
    if world.clock.now[0].has_pool_depth == 0:  # the cheapest pool takes all, at the outside price
        kept = max((1.0 - side.fee_fraction for side in sides), default=0.0)
        n_legs = np.where(amount > 0.0, min(len(sides), 1.0), 0.0)  # none where no pool trades it
        return Sale(amount * kept * world.tokens[token].value_usd, n_legs)
    proceeds_usd, n_legs = np.zeros(amount.shape), np.zeros(amount.shape)
    for side, part in zip(sides, _parts(sides, amount), strict=True):
        sold = np.where(amount > 0.0, part, 0.0)
        proceeds_usd = proceeds_usd + side.pays(sold) * side.value_out_usd
        n_legs = n_legs + (sold > 0.0)
    return Sale(proceeds_usd, n_legs)


def _parts(sides: list[Side], amount: np.ndarray) -> list[np.ndarray]:
    """What goes into each pool."""
    closed = [side for side in sides if isinstance(side, ConstantProductSide)]
    if len(closed) == len(sides):
        level = _level(closed, amount)
        return [np.maximum(_slope(side) * level - _intercept(side), 0.0) for side in closed]
    if len(sides) == 1:
        return [amount]
    best = max(side.marginal_price for side in sides)
    low, high = np.full(amount.shape, -LOWEST), np.zeros(amount.shape)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        taken = sum(side.sale_to(best * np.exp(middle)) for side in sides)
        is_enough = taken >= amount
        low, high = np.where(is_enough, middle, low), np.where(is_enough, high, middle)
    parts, left = [], amount
    for side in sides:
        parts.append(np.minimum(side.sale_to(best * np.exp(low)), left))
        left = left - parts[-1]
    return parts


def _slope(side: ConstantProductSide) -> Any:
    return each(routing.slope, side.reserve_in, side.reserve_out, side.fee_fraction)


def _intercept(side: ConstantProductSide) -> Any:
    return routing.intercept(side.reserve_in, side.fee_fraction)


def _level(sides: list[ConstantProductSide], amount: np.ndarray) -> np.ndarray:
    """The level at which the parts add up; each round leaves out the pools that would not take part."""
    if not sides:
        return np.zeros(amount.shape)
    lines = [(_slope(side), _intercept(side)) for side in sides]
    slopes: float | np.ndarray = sum(slope for slope, _ in lines)
    intercepts: float | np.ndarray = sum(intercept for _, intercept in lines)
    found = routing.level(amount, intercepts, slopes)
    for _ in sides[1:]:
        slopes, intercepts = np.zeros(amount.shape), np.zeros(amount.shape)
        for slope, intercept in lines:
            takes = (found == 0.0) | (slope * found > intercept)
            slopes = slopes + takes * slope
            intercepts = intercepts + takes * intercept
        found = np.where(slopes > 0.0, (amount + intercepts) / np.maximum(slopes, 1e-300), 0.0)
    return found


def outside(world: World, asset: int, amount: np.ndarray) -> np.ndarray:
    """USD for selling ``amount`` (n,) of an asset on the outside exchange, after own impact."""
    exchange = world.venues.exchanges[asset]
    value_usd = amount * exchange.market_price_usd
    depth = depth_usd(exchange)
    return value_usd if depth == np.inf else depth * np.log1p(value_usd / depth)

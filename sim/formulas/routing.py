"""Splitting a trade over constant-product pools so that their marginal prices end equal.

Selling ``d_i`` into pool i (reserves x_i, y_i; kept share g_i = 1 - fee) leaves the marginal price
``g x y / (x + g d)^2``; setting all of them equal gives ``d_i = s_i t - x_i / g_i`` with
``s_i = sqrt(x_i y_i / g_i)`` and one level ``t`` that makes the parts add up; pools with a negative
part are left out. Source: Angeris, Evans, Chitra and Boyd (2022), Optimal Routing for Constant
Function Market Makers (the two-asset case in closed form).
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def slope(reserve_in, reserve_out, fee_fraction):
    """How fast a pool's part grows with the level."""
    return math.sqrt(reserve_in * reserve_out / (1.0 - fee_fraction))


@formula
def intercept(reserve_in, fee_fraction):
    """The part that the level must exceed before the pool takes anything."""
    return reserve_in / (1.0 - fee_fraction)


@formula
def level(amount, sum_of_intercepts, sum_of_slopes):
    """The level at which the parts add up to ``amount``."""
    return (amount + sum_of_intercepts) / sum_of_slopes


@formula
def part(pool_level, pool_slope, pool_intercept):
    """What a pool takes at a level."""
    return max(pool_slope * pool_level - pool_intercept, 0.0)

"""How a vault's trade reaches the pools: split by equal marginal prices, at most a given slippage.

All amounts are as seen at the cohort's latency; a limit on each leg protects against what has changed
since. Where depth is no friction, marginal prices never meet, and the cheapest pool takes all.
"""

from __future__ import annotations

from agents.quotes import pool_pays, pool_takes, sides
from sim.compile import formula, kernel
from sim.formulas import routing
from sim.orders import add_leg
from sim.transaction import SWAP


@formula
def pool_of(view, cohort, k):
    """Pool number k of a cohort's route."""
    return view.cohorts.route[cohort.index, k]


@kernel
def largest_sale(view, cohort, row, token_in):
    """The sale that uses up the cohort's slippage on every pool of its route."""
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        total += pool_takes(view, row, pool, token_in, cohort.max_slippage_fraction)
    return total


@kernel
def split_level(view, cohort, row, token_in, amount):
    """The common level of all pools that take part (each round leaves out those that do not)."""
    found = 0.0
    for _ in range(cohort.n_pools):
        slopes = 0.0
        intercepts = 0.0
        for k in range(cohort.n_pools):
            pool = pool_of(view, cohort, k)
            reserve_in, reserve_out = sides(view, row, pool, token_in)
            fee = view.pools[pool].fee_fraction
            slope = routing.slope(reserve_in, reserve_out, fee)
            intercept = routing.intercept(reserve_in, fee)
            if reserve_in > 0.0 and (found == 0.0 or slope * found > intercept):
                slopes += slope
                intercepts += intercept
        if slopes <= 0.0:
            return 0.0
        found = routing.level(amount, intercepts, slopes)
    return found


@kernel
def _cheapest(view, cohort):
    """The pool of a route with the lowest fee, the first of them if there are several."""
    found = pool_of(view, cohort, 0)
    for k in range(1, cohort.n_pools):
        pool = pool_of(view, cohort, k)
        if view.pools[pool].fee_fraction < view.pools[found].fee_fraction:
            found = pool
    return found


@kernel
def _part(view, cohort, row, pool, token_in, amount, level):
    """What one pool takes of ``amount`` at a level."""
    if view.now[0].has_pool_depth == 0:
        return amount if pool == _cheapest(view, cohort) else 0.0
    reserve_in, reserve_out = sides(view, row, pool, token_in)
    fee = view.pools[pool].fee_fraction
    slope = routing.slope(reserve_in, reserve_out, fee)
    return routing.part(level, slope, routing.intercept(reserve_in, fee))


@kernel
def quote(view, cohort, row, token_in, amount):
    """What the whole route would pay for ``amount``, as seen."""
    level = split_level(view, cohort, row, token_in, amount)
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        part = _part(view, cohort, row, pool, token_in, amount, level)
        if part > 0.0:
            total += pool_pays(view, row, pool, token_in, part)
    return total


@kernel
def add_swaps(view, cohort, row, chain, sender, token_in, amount):
    """Append one swap leg a pool; returns how many legs. ``amount`` is what goes in altogether."""
    level = split_level(view, cohort, row, token_in, amount)
    n_legs = 0
    left = amount
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        part = min(_part(view, cohort, row, pool, token_in, amount, level), left)
        if part > 0.0:
            expected = pool_pays(view, row, pool, token_in, part)
            limit = expected * (1.0 - cohort.max_slippage_fraction)
            add_leg(view.chains, chain, SWAP, sender, pool, token_in, part, limit)
            left -= part
            n_legs += 1
    return n_legs

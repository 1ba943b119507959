"""How a vault's trade reaches the pools: split by equal marginal prices, at most a given slippage.

All amounts are as seen at the cohort's latency; a limit on each leg protects against what has changed
since.
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import constant_product, routing
from sim.orders import add_leg
from sim.transaction import SWAP
from sim.view import pool_reserves


@formula
def pool_of(view, cohort, k):
    """Pool number k of a cohort's route."""
    return view.cohorts.route[cohort.index, k]


@formula
def _sides(view, row, pool, token_in):
    """Reserves of a pool as seen, the side that takes ``token_in`` first."""
    reserve0, reserve1 = pool_reserves(view, row, pool)
    if view.pools[pool].token0 == token_in:
        return reserve0, reserve1
    return reserve1, reserve0


@kernel
def largest_sale(view, cohort, row, token_in):
    """The sale that uses up the cohort's slippage on every pool of its route."""
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        reserve_in, _ = _sides(view, row, pool, token_in)
        total += constant_product.amount_in_to_slippage(
            reserve_in, view.pools[pool].fee_fraction, cohort.max_slippage_fraction
        )
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
            reserve_in, reserve_out = _sides(view, row, pool, token_in)
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
def quote(view, cohort, row, token_in, amount):
    """What the whole route would pay for ``amount``, as seen."""
    level = split_level(view, cohort, row, token_in, amount)
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        reserve_in, reserve_out = _sides(view, row, pool, token_in)
        fee = view.pools[pool].fee_fraction
        slope = routing.slope(reserve_in, reserve_out, fee)
        part = routing.part(level, slope, routing.intercept(reserve_in, fee))
        if part > 0.0:
            total += constant_product.amount_out(part, reserve_in, reserve_out, fee)
    return total


@kernel
def add_swaps(view, cohort, row, chain, sender, token_in, amount):
    """Append one swap leg a pool; returns how many legs. ``amount`` is what goes in altogether."""
    level = split_level(view, cohort, row, token_in, amount)
    n_legs = 0
    left = amount
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        reserve_in, reserve_out = _sides(view, row, pool, token_in)
        fee = view.pools[pool].fee_fraction
        slope = routing.slope(reserve_in, reserve_out, fee)
        part = min(routing.part(level, slope, routing.intercept(reserve_in, fee)), left)
        if part > 0.0:
            expected = constant_product.amount_out(part, reserve_in, reserve_out, fee)
            limit = expected * (1.0 - cohort.max_slippage_fraction)
            add_leg(view.chains, chain, SWAP, sender, pool, token_in, part, limit)
            left -= part
            n_legs += 1
    return n_legs

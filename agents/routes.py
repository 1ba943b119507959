"""How a vault's trade reaches the pools: split by equal marginal prices, at most a given slippage.

All amounts are as seen at the cohort's latency; a limit on each leg protects against what has changed
since. A single pool takes all. Where depth is no friction, marginal prices never meet, and the cheapest does.
Over pools of constant product the split is a closed form; with any other kind on the route, the price at
which the parts add up is searched for.
"""

from __future__ import annotations

import math

from agents.quotes import marginal_price, pool_pays, pool_takes, sale_to, sides
from sim.compile import formula, kernel
from sim.formulas import routing
from sim.orders import add_swap
from sim.tables import CONSTANT_PRODUCT

EXACT = 1e-9  # of the amount: so well do the parts add up that are searched for
MOST_ROUNDS = 60
FIRST_STEP = 0.01  # by so much the log price falls at first, twice as much in each round
LOWEST = 50.0  # by so much in the end: whoever is left has sold all that anybody takes


@formula
def pool_of(view, cohort, k):
    """Pool number k of a cohort's route."""
    return view.cohorts.route[cohort.index, k]


@formula
def other_side(cohort, token_in):
    """What a vault buys with one of its two tokens."""
    return cohort.cash_token if token_in == cohort.token else cohort.token


@kernel
def largest_sale(view, cohort, row, token_in):
    """The sale that uses up the cohort's slippage on every pool of its route."""
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        total += pool_takes(
            view, row, pool, token_in, other_side(cohort, token_in), cohort.max_slippage_fraction
        )
    return total


@kernel
def _has_closed_form(view, cohort):
    """Whether all pools of a route are of constant product."""
    for k in range(cohort.n_pools):
        if view.pools[pool_of(view, cohort, k)].kind != CONSTANT_PRODUCT:
            return False
    return True


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
def _taken_at(view, cohort, row, token_in, price):
    """What all pools of a route take until the next token brings ``price``."""
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        total += sale_to(view, row, pool, token_in, other_side(cohort, token_in), price)
    return total


@kernel
def common_price(view, cohort, row, token_in, amount):
    """The price that the next token brings in every pool that takes part, once ``amount`` is sold.

    At the price returned the pools take ``amount`` or a little more; less only if nobody takes more.
    """
    best = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        best = max(best, marginal_price(view, row, pool, token_in, other_side(cohort, token_in)))
    if best <= 0.0:
        return 0.0
    high = 0.0  # log of the price over the best; too little is taken there
    missing = -amount
    low = -FIRST_STEP
    over = _taken_at(view, cohort, row, token_in, best * math.exp(low)) - amount
    while over < 0.0 and low > -LOWEST:
        high = low
        missing = over
        low = 2.0 * low
        over = _taken_at(view, cohort, row, token_in, best * math.exp(low)) - amount
    # The Illinois method: a secant whose end that stays counts half.
    rounds = 0
    while over > EXACT * amount and rounds < MOST_ROUNDS:
        middle = low - over * (high - low) / (missing - over)
        taken = _taken_at(view, cohort, row, token_in, best * math.exp(middle)) - amount
        if taken >= 0.0:
            low = middle
            over = taken
            missing = 0.5 * missing
        else:
            high = middle
            missing = taken
            over = 0.5 * over
        rounds += 1
    return best * math.exp(low)


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
def meeting_point(view, cohort, row, token_in, amount):
    """What :func:`part` needs to know of the whole: the level of the closed form, or the common price."""
    if cohort.n_pools == 1 or view.now[0].has_pool_depth == 0:
        return 0.0
    if _has_closed_form(view, cohort):
        return split_level(view, cohort, row, token_in, amount)
    return common_price(view, cohort, row, token_in, amount)


@kernel
def part(view, cohort, row, pool, token_in, amount, level):
    """What one pool takes of ``amount`` at a :func:`meeting_point`."""
    if cohort.n_pools == 1:
        return amount
    if view.now[0].has_pool_depth == 0:
        return amount if pool == _cheapest(view, cohort) else 0.0
    if not _has_closed_form(view, cohort):
        if level <= 0.0:
            return 0.0
        return sale_to(view, row, pool, token_in, other_side(cohort, token_in), level)
    reserve_in, reserve_out = sides(view, row, pool, token_in)
    fee = view.pools[pool].fee_fraction
    slope = routing.slope(reserve_in, reserve_out, fee)
    return routing.part(level, slope, routing.intercept(reserve_in, fee))


@kernel
def quote(view, cohort, row, token_in, amount):
    """What the whole route would pay for ``amount``, as seen."""
    level = meeting_point(view, cohort, row, token_in, amount)
    token_out = other_side(cohort, token_in)
    total = 0.0
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        sold = part(view, cohort, row, pool, token_in, amount, level)
        if sold > 0.0:
            total += pool_pays(view, row, pool, token_in, token_out, sold)
    return total


@kernel
def add_swaps(view, cohort, row, chain, sender, token_in, amount):
    """Append one swap leg a pool; returns how many legs. ``amount`` is what goes in altogether."""
    level = meeting_point(view, cohort, row, token_in, amount)
    token_out = other_side(cohort, token_in)
    n_legs = 0
    left = amount
    for k in range(cohort.n_pools):
        pool = pool_of(view, cohort, k)
        sold = min(part(view, cohort, row, pool, token_in, amount, level), left)
        if sold > 0.0:
            expected = pool_pays(view, row, pool, token_in, token_out, sold)
            limit = expected * (1.0 - cohort.max_slippage_fraction)
            add_swap(view.chains, chain, sender, pool, token_in, token_out, sold, limit)
            left -= sold
            n_legs += 1
    return n_legs

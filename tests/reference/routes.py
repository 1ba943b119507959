"""How a trade reaches the pools: split so that their marginal prices end equal, as seen by its cohort."""

from __future__ import annotations

from collections.abc import Iterator

from sim.formulas import routing
from tests.reference.observation import Observation
from tests.reference.participant import Cohort
from tests.reference.pool import Pool
from tests.reference.quotes import pool_pays, pool_takes
from tests.reference.transaction import Leg


def largest_sale(cohort: Cohort, seen: Observation, token_in: str) -> float:
    """The sale that uses up the cohort's slippage in every pool of its route."""
    total = 0.0
    for pool in cohort.route:
        total += pool_takes(seen, pool, token_in, cohort.max_slippage_fraction)
    return total


def parts(
    cohort: Cohort, seen: Observation, token_in: str, amount: float
) -> Iterator[tuple[Pool, float]]:
    """How much each pool takes, those that take nothing left out."""
    if len(cohort.route) == 1 or not seen.has_pool_depth:  # the cheapest takes all
        cheapest = min(cohort.route, key=lambda pool: pool.fee_fraction)
        yield cheapest, amount
        return
    level = 0.0
    for _ in cohort.route:  # each round leaves out the pools that would take a negative part
        slopes = intercepts = 0.0
        for pool in cohort.route:
            reserve_in, reserve_out = seen.sides(pool, token_in)
            slope = routing.slope(reserve_in, reserve_out, pool.fee_fraction)
            intercept = routing.intercept(reserve_in, pool.fee_fraction)
            if reserve_in > 0.0 and (level == 0.0 or slope * level > intercept):
                slopes += slope
                intercepts += intercept
        if slopes <= 0.0:
            return
        level = routing.level(amount, intercepts, slopes)
    for pool in cohort.route:
        reserve_in, reserve_out = seen.sides(pool, token_in)
        slope = routing.slope(reserve_in, reserve_out, pool.fee_fraction)
        part = routing.part(level, slope, routing.intercept(reserve_in, pool.fee_fraction))
        if part > 0.0:
            yield pool, part


def quote(cohort: Cohort, seen: Observation, token_in: str, amount: float) -> float:
    """What the whole route would pay."""
    total = 0.0
    for pool, part in parts(cohort, seen, token_in, amount):
        total += pool_pays(seen, pool, token_in, part)
    return total


def swaps(cohort: Cohort, seen: Observation, token_in: str, amount: float) -> list[Leg]:
    """One leg a pool, each with the least it must bring."""
    legs = []
    left = amount
    for pool, part in parts(cohort, seen, token_in, amount):
        sold = min(part, left)
        if sold > 0.0:
            expected = pool_pays(seen, pool, token_in, sold)
            limit = expected * (1.0 - cohort.max_slippage_fraction)
            legs.append(Leg("swap", pool, token_in, sold, limit))
            left -= sold
    return legs

"""Rates and liquidation of an isolated lending market: one collateral, one loan, nothing shared with others.

What goes wrong stays there: lenders of this market alone bear its bad debt, and at once. The rate has no
governor: it looks for the level at which ``TARGET`` of the loans is lent out, twice as fast as money leaves.
Source: Morpho Blue (2023), white paper; the contracts Morpho and AdaptiveCurveIrm.
"""

from __future__ import annotations

import math

from sim.compile import formula, kernel
from sim.formulas.interest import series_growth_less_one
from sim.units import SECONDS_PER_YEAR

TARGET = 0.9  # utilisation that the rate looks for
STEEPNESS = 4.0  # the rate is this much above its target rate at 100 %, this much below at 0 %
# Constants of the contract are whole numbers of 1e-18 a second.
PER_SECOND = 1e-18 * SECONDS_PER_YEAR
SPEED_PER_YEAR = 1_585_489_599_188 * PER_SECOND  # 50 a year
INITIAL_RATE_PER_YEAR = 1_268_391_679 * PER_SECOND  # 4 %
MIN_RATE_PER_YEAR = 31_709_791 * PER_SECOND  # 0.1 %
MAX_RATE_PER_YEAR = 63_419_583_967 * PER_SECOND  # 200 %
LN_2 = 0.693147180559945309

CURSOR = 0.3  # beta of the incentive factor
MAX_INCENTIVE = 1.15


@formula
def liquidation_incentive_factor(lltv):
    """Collateral seized for a loan repaid, at oracle prices: ``1 / (1 - beta (1 - LLTV))``, at most 1.15."""
    return min(MAX_INCENTIVE, 1.0 / (1.0 - CURSOR * (1.0 - lltv)))


@formula
def distance_from_target(utilisation):
    """How far utilisation is from its target: -1 with no loan, 0 at the target, 1 with nothing left."""
    if utilisation > TARGET:
        return (utilisation - TARGET) / (1.0 - TARGET)
    return (utilisation - TARGET) / TARGET


@formula
def curve(rate_at_target, distance):
    """The rate at this distance from the target."""
    steepness = STEEPNESS - 1.0 if distance >= 0.0 else 1.0 - 1.0 / STEEPNESS
    return rate_at_target * (1.0 + steepness * distance)


@kernel
def contract_exp(x):
    """``e^x`` as the contract expands it: to second order around multiples of ln 2, up to 0.8 % off."""
    if x < -41.446531673892822312:
        return 0.0
    half = -0.5 * LN_2 if x < 0.0 else 0.5 * LN_2
    powers = int((x + half) / LN_2)
    rest = x - powers * LN_2
    return math.ldexp(1.0 + rest + 0.5 * rest * rest, powers)


@kernel
def moved_rate(rate_at_target, adaptation):
    """The rate at target after it has moved by ``adaptation`` in its logarithm, within its bounds."""
    moved = rate_at_target * contract_exp(adaptation)
    return min(max(moved, MIN_RATE_PER_YEAR), MAX_RATE_PER_YEAR)


@kernel
def adapted(rate_at_target, utilisation, elapsed_seconds):
    """Average borrow rate over a time at one utilisation, and the rate at target at its end, per year."""
    distance = distance_from_target(utilisation)
    adaptation = SPEED_PER_YEAR * distance * elapsed_seconds / SECONDS_PER_YEAR
    if adaptation == 0.0:
        return curve(rate_at_target, distance), rate_at_target
    end = moved_rate(rate_at_target, adaptation)
    middle = moved_rate(rate_at_target, 0.5 * adaptation)
    average = 0.25 * (rate_at_target + end + 2.0 * middle)
    return curve(average, distance), end


@kernel
def interest_earned(borrowed, rate_at_target, utilisation, elapsed_seconds):
    """Interest on all loans over a time, and the rate at target at its end."""
    rate, end = adapted(rate_at_target, utilisation, elapsed_seconds)
    return borrowed * series_growth_less_one(rate, elapsed_seconds), end

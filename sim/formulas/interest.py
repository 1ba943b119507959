"""Interest of a pooled lending market: two-slope rates and indices that accrue at interactions.

Source: Aave v3 technical paper (2022) and the contracts' MathUtils and DefaultReserveInterestRateStrategy.
"""

from __future__ import annotations

import math

from sim.compile import formula
from sim.units import SECONDS_PER_YEAR

RAY = 1e27


@formula
def borrow_rate_per_year(utilisation, base, slope1, slope2, optimal):
    """Two-slope rate: gentle up to the optimal utilisation, steep beyond it."""
    if utilisation <= optimal:
        return base + slope1 * utilisation / optimal
    return base + slope1 + slope2 * (utilisation - optimal) / (1.0 - optimal)


@formula
def supply_rate_per_year(borrow_rate, utilisation, reserve_factor_fraction):
    """What lenders earn: the borrowers' interest less the protocol's share, over all that is supplied."""
    return borrow_rate * utilisation * (1.0 - reserve_factor_fraction)


@formula
def linear_growth(rate_per_year, elapsed_seconds):
    """Growth of the liquidity index."""
    return 1.0 + rate_per_year * elapsed_seconds / SECONDS_PER_YEAR


@formula
def compound_growth_less_one(rate_per_year, elapsed_seconds):
    """Interest on one unit, not as a difference of two numbers near one."""
    if elapsed_seconds <= 0.0:
        return 0.0
    rate = rate_per_year / SECONDS_PER_YEAR
    less_one = elapsed_seconds - 1.0
    less_two = max(elapsed_seconds - 2.0, 0.0)
    cube = (
        math.floor(rate * rate * rate * RAY) / RAY
    )  # a small number for the contract's 27 decimals
    second = elapsed_seconds * less_one * rate * rate / 2.0
    third = elapsed_seconds * less_one * less_two * cube / 6.0
    return rate * elapsed_seconds + second + third


@formula
def compound_growth(rate_per_year, elapsed_seconds):
    """Growth of the borrow index: ``(1 + r/s)^t`` to the third order, as core-v3 computes it."""
    if elapsed_seconds <= 0.0:
        return 1.0
    return 1.0 + compound_growth_less_one(rate_per_year, elapsed_seconds)


@formula
def series_growth_less_one(rate_per_year, elapsed_seconds):
    """The same for ``series_growth``."""
    x = rate_per_year * elapsed_seconds / SECONDS_PER_YEAR
    return x + x * x / 2.0 + x * x * x / 6.0


@formula
def series_growth(rate_per_year, elapsed_seconds):
    """The same since v3.4, and in Morpho Blue: ``e^x`` to the third order, ``x = r t``."""
    x = rate_per_year * elapsed_seconds / SECONDS_PER_YEAR
    return 1.0 + x + x * x / 2.0 + x * x * x / 6.0

"""The sum of a row of numbers is the exact one, rounded once: that of fractions, and of ``math.fsum``."""

from __future__ import annotations

import fractions
import math

import numpy as np
import pytest

from scenarios.sums import FEW, exact_sum

RNG = np.random.default_rng(3)
N = 4 * FEW
POSITIVE = np.exp(RNG.uniform(-30.0, 30.0, N))
ROWS = {
    "alike": RNG.uniform(1e6, 2e6, N),
    "of all sizes": POSITIVE,
    "almost nothing left": np.concatenate([POSITIVE, -POSITIVE[::-1], [1e-30]]),
    "subnormal": POSITIVE * 5e-320,
    "as large as they get": np.array([1e307] * N) / N,
    "nought": np.zeros(N),
    "few": POSITIVE[: FEW - 1],
    "none": np.zeros(0),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_exact_sum_rounded_once(name):
    numbers = ROWS[name]
    exact = sum(map(fractions.Fraction, numbers.tolist()), fractions.Fraction())
    assert exact_sum(numbers) == float(exact) == math.fsum(numbers.tolist())


def test_what_is_no_number_stays_none():
    assert math.isnan(exact_sum(np.array([math.nan, *POSITIVE])))
    assert exact_sum(np.array([math.inf, *POSITIVE])) == math.inf

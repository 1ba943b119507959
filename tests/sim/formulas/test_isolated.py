"""The adaptive-curve rate by hand, and its expansion of e^x against the exact one."""

from __future__ import annotations

import math

import pytest

from sim.formulas import isolated

YEAR = 365.0 * 86_400.0


@pytest.mark.parametrize(
    ("lltv", "factor"), [(0.965, 1.0 / 0.9895), (0.86, 1.0 / 0.958), (0.5, 1.15), (0.98, 1 / 0.994)]
)
def test_incentive_factors_of_the_white_paper(lltv, factor):
    assert isolated.liquidation_incentive_factor(lltv) == pytest.approx(factor, rel=1e-14)


@pytest.mark.parametrize(("used", "multiple"), [(0.0, 0.25), (0.45, 0.625), (0.9, 1.0), (1.0, 4.0)])
def test_the_curve_is_four_times_steeper_above_than_below(used, multiple):
    rate = isolated.curve(0.04, isolated.distance_from_target(used))
    assert rate == pytest.approx(0.04 * multiple, rel=1e-12)


def test_the_expansion_is_exact_at_powers_of_two_and_near_in_between():
    for power in (-8, -1, 0, 1, 5):
        assert isolated.contract_exp(power * isolated.LN_2) == 2.0**power
    for x in (-3.3, -0.4, -1e-6, 0.2, 0.34, 0.36, 2.0):
        assert isolated.contract_exp(x) == pytest.approx(math.exp(x), rel=0.008)


def test_the_target_rate_moves_by_its_speed_and_stays_within_bounds():
    assert isolated.adapted(0.04, 0.9, YEAR) == (0.04, 0.04)
    average, end = isolated.adapted(0.04, 1.0, YEAR * 2.0 * math.log(2.0) / 50.0)
    assert end == pytest.approx(0.16, rel=1e-9)
    mean = (0.04 + 0.16 + 2.0 * 0.08) / 4.0  # twice at half time, four times at the end
    assert average == pytest.approx(4.0 * mean, rel=1e-9)
    assert isolated.adapted(0.04, 1.0, YEAR)[1] == isolated.MAX_RATE_PER_YEAR
    assert isolated.adapted(0.04, 0.0, YEAR)[1] == isolated.MIN_RATE_PER_YEAR

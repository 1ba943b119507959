"""Rates by hand, and growth against exact compounding by the second in rational arithmetic."""

from __future__ import annotations

from decimal import Decimal, getcontext

import pytest

from sim.formulas import interest

getcontext().prec = 50
SECONDS = 31_536_000  # of a year of 365 days
CURVE = (0.01, 0.04, 0.6, 0.9)  # base, slopes, optimal utilisation


@pytest.mark.parametrize(
    ("utilisation", "rate"),
    [
        (0.0, 0.01),
        (0.45, 0.03),  # half way to the kink
        (0.9, 0.05),
        (0.95, 0.35),  # half way from the kink to 1
        (1.0, 0.65),
    ],
)
def test_two_slopes(utilisation, rate):
    assert interest.borrow_rate_per_year(utilisation, *CURVE) == pytest.approx(rate, rel=1e-15)


def test_lenders_earn_what_borrowers_pay_less_the_reserve_factor():
    # 5 % on 90 of 100, less a tenth: 4.05 % on all 100.
    assert interest.supply_rate_per_year(0.05, 0.9, 0.1) == pytest.approx(0.0405, rel=1e-15)


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.8, 3.0])
@pytest.mark.parametrize("seconds", [1, 2, 12, 3600, 86_400])
def test_growth_of_debt_is_compounded_by_the_second(rate, seconds):
    """Within a day the third order leaves out less than r^4 / 24: 3e-9 at 300 % a year.

    The contract keeps the cube of the rate in 27 decimals.
    """
    exact = (1 + Decimal(rate) / SECONDS) ** seconds
    left_out = (rate * seconds / SECONDS) ** 4 / 24.0
    kept = seconds**3 / 6.0 * 1e-27
    growth = interest.compound_growth(rate, float(seconds))
    assert growth == pytest.approx(float(exact), abs=left_out * 1.01 + 4e-16 + kept)


def test_no_time_no_growth():
    assert interest.compound_growth(0.05, 0.0) == 1.0
    assert interest.linear_growth(0.05, 0.0) == 1.0


def test_slots_of_12_and_60_seconds_agree():
    """Interest over a day written every slot: the same to a billionth whatever the slot."""
    index = {}
    for slot in (12.0, 60.0):
        index[slot] = 1.0
        for _ in range(int(86_400 / slot)):
            index[slot] *= interest.compound_growth(0.05, slot)
    assert index[12.0] == pytest.approx(index[60.0], rel=1e-9)


def test_linear_growth_by_hand():
    assert interest.linear_growth(0.05, SECONDS / 2) == pytest.approx(1.025, rel=1e-15)

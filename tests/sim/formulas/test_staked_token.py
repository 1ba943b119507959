"""The staked token: growth against its closed form, a line against a plain day-by-day queue."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from sim.formulas import staked_token as staked
from sim.units import SECONDS_PER_DAY, SECONDS_PER_YEAR

DAY = SECONDS_PER_DAY


def test_the_rate_grows_by_the_reward_less_the_fee():
    year = staked.grown(1.1, 0.04, 0.1, SECONDS_PER_YEAR)
    assert year == pytest.approx(1.1 * math.exp(0.036), rel=1e-15)
    # Whoever looks every hour finds the same as whoever looks once.
    rate = 1.1
    for _ in range(24 * 30):
        rate = staked.grown(rate, 0.04, 0.1, 3600.0)
    assert rate == pytest.approx(staked.grown(1.1, 0.04, 0.1, 30 * DAY), rel=1e-12)
    assert staked.grown(1.0, 0.0, 0.0, 1e9) == 1.0


def plain_line(requests, per_day, delay):
    """The line told by hand in exact fractions: ``requests`` are (second, ether), in order."""
    free, ready = Fraction(0), []
    for second, ether in requests:
        free = max(free, Fraction(second)) + Fraction(ether) * int(DAY) / per_day
        ready.append(max(free, Fraction(second) + delay))
    return ready


def test_a_line_is_served_in_order_so_many_a_day_and_not_before_the_delay():
    requests = [(0, 100), (10, 900), (10, 50), (5 * 86_400, 1), (5 * 86_400 + 1, 4_000)]
    until, found = 0.0, []
    for second, ether in requests:
        until_before = until
        found.append(staked.ready_seconds(second, until, ether, 500 / DAY, 3_600.0))
        until = max(second, until_before) + ether / (500 / DAY)
    expected = plain_line(requests, 500, 3_600)
    assert found == pytest.approx([float(at) for at in expected], rel=1e-12)
    assert found[0] == pytest.approx(0.2 * DAY)  # a hundred at five hundred a day
    assert found[3] == 5 * DAY + 3_600.0  # an empty line, and yet the delay
    assert found == sorted(found)


@pytest.mark.parametrize(("rate", "ether"), [(1.2, 110.0), (1.1, 110.0), (1.05, 105.0)])
def test_who_waits_earns_nothing_more_but_bears_the_slashing(rate, ether):
    assert staked.paid(110.0, 100.0, rate) == pytest.approx(ether, rel=1e-15)


def test_the_patient_price_earns_what_is_required():
    price = staked.patient_price(1.05, 0.08, 30 * DAY)
    earned = (1.05 / price) ** (365.0 / 30.0) - 1.0
    assert earned == pytest.approx(0.08, rel=1e-12)
    assert staked.patient_price(1.05, 0.08, 0.0) == 1.05
    assert price > staked.patient_price(1.05, 0.08, 300 * DAY)

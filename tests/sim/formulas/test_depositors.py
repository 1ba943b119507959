"""Depositors by economics: each thing that is feared speeds leaving and slows coming, by hand and by sign."""

from __future__ import annotations

import math

import pytest

from sim.formulas.depositors import (
    chance_within,
    coming_per_day,
    fear,
    first_mover_gain,
    leaving_per_day,
)

CALM = {"gain": 0.0, "rumour": 0.0, "in_line": 0.0, "liquid": 1.0}
FEARED = {"gain": 0.02, "rumour": 0.02, "in_line": 0.3, "liquid": 0.4}


def rates(gain: float, rumour: float, in_line: float, liquid: float) -> tuple[float, float]:
    """Hazards of leaving and of coming, at a yield of 12 %."""
    believed = first_mover_gain(100.0, 100.0 * gain) + rumour
    multiple = fear(in_line, liquid, 2.0, 3.0)
    leaving = leaving_per_day(200.0, believed, multiple)
    return leaving, coming_per_day(50.0, 0.12, 0.04, believed, multiple)


def test_by_hand():
    # Believed lost: 5 of 100, and 1 % by hearsay; 20 % in line, half liquid: 1 + 2 x 0.2 + 3 x 0.5 = 2.9.
    leaving, coming = rates(0.05, 0.01, 0.2, 0.5)
    assert leaving == pytest.approx(200.0 * 0.06 * 2.9, rel=1e-14)
    assert coming == pytest.approx(50.0 * (0.12 - 0.04 - 0.06) / 2.9, rel=1e-14)


@pytest.mark.parametrize("feared", sorted(FEARED))
def test_each_of_four_fears_speeds_leaving_and_slows_coming(feared):
    # A line, and what is not liquid, frighten nobody who believes in no loss: so one is believed in here.
    base = {**CALM, "rumour": 0.01}
    worse = {**base, feared: FEARED[feared]}
    assert rates(**worse)[0] > rates(**base)[0] > 0.0
    assert 0.0 < rates(**worse)[1] < rates(**base)[1]


def test_with_no_gap_and_no_rumour_nobody_runs_whatever_the_line_and_however_little_is_liquid():
    for in_line in (0.0, 0.5, 1.0):
        for liquid in (0.0, 0.5, 1.0):
            assert rates(0.0, 0.0, in_line, liquid)[0] == 0.0


def test_money_comes_for_yield_and_not_where_more_is_believed_lost():
    assert coming_per_day(50.0, 0.10, 0.04, 0.0, 1.0) > coming_per_day(50.0, 0.08, 0.04, 0.0, 1.0)
    assert coming_per_day(50.0, 0.04, 0.04, 0.0, 1.0) == 0.0
    assert coming_per_day(50.0, 0.10, 0.04, 0.07, 1.0) == 0.0


def test_a_gain_is_what_the_books_do_not_know_and_never_negative():
    assert first_mover_gain(200.0, 30.0) == 0.15
    assert first_mover_gain(200.0, -1.0) == first_mover_gain(0.0, 5.0) == 0.0


def test_chances_of_two_halves_make_that_of_the_whole():
    half, whole = chance_within(30.0, 600.0), chance_within(30.0, 1200.0)
    assert 1.0 - (1.0 - half) ** 2 == pytest.approx(whole, rel=1e-13)
    assert whole == pytest.approx(1.0 - math.exp(-30.0 * 1200.0 / 86_400.0), rel=1e-14)

"""Tolls against the contract's whole numbers, hours against the calendar."""

from __future__ import annotations

import datetime
import random

import pytest

from sim.formulas import redemption as par

WAD = 10**18
TO_18 = 10**12  # from a gem of six decimals
MON_TO_FRI, EVERY_DAY = 0b0011111, 0b1111111


@pytest.mark.parametrize("case", range(20))
def test_tolls_are_those_of_the_contract_to_a_unit_of_its_coin(case):
    """DssPsm: fee = gemAmt18 * tin / WAD, rounded down; daiAmt = gemAmt18 - fee, or + fee on the way out."""
    draw = random.Random(case)
    gem = draw.randrange(1, 10 ** draw.randrange(2, 15))
    toll = draw.randrange(0, WAD // 10 ** draw.randrange(1, 5))
    fee = gem * TO_18 * toll // WAD
    amount, fraction = gem / 10**6, toll / WAD
    issued = amount - par.toll_in(amount, fraction)
    assert issued == pytest.approx((gem * TO_18 - fee) / WAD, rel=1e-15, abs=1e-18)
    asked = (gem * TO_18 + fee) / WAD
    assert par.after_toll_out(asked, fraction) == pytest.approx(amount, rel=1e-15, abs=1e-18)


def test_a_hand_calculation():
    assert par.toll_in(2000.0, 0.001) == 2.0
    assert par.after_toll_out(1001.0, 0.001) == pytest.approx(1000.0, rel=1e-15)
    assert par.after_fee(2000.0, 0.25) == 1500.0
    assert par.payable(40.0, 3.3) == 36.7
    assert par.payable(2.0, 3.3) == 0.0


@pytest.mark.parametrize("case", range(50))
def test_a_counter_keeps_the_hours_of_the_calendar(case):
    draw = random.Random(case)
    moment = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    moment += datetime.timedelta(seconds=draw.uniform(-1e9, 1e9))
    hour = moment.hour + moment.minute / 60.0 + (moment.second + moment.microsecond / 1e6) / 3600.0
    seconds = moment.timestamp()
    assert par.day_of(seconds) == (moment.date() - datetime.date(1970, 1, 1)).days
    for weekdays in (MON_TO_FRI, 0b1000000, EVERY_DAY):
        is_day = bool(weekdays >> moment.weekday() & 1)
        expected = is_day and 9.0 <= hour < 17.0
        assert bool(par.is_open(seconds, 9 * 3600.0, 17 * 3600.0, weekdays)) == expected


def test_opening_counts_and_closing_does_not():
    friday = datetime.datetime(2023, 3, 10, tzinfo=datetime.UTC).timestamp()
    hours = 9 * 3600.0, 17 * 3600.0
    assert par.is_open(friday + hours[0], *hours, MON_TO_FRI)
    assert not par.is_open(friday + hours[0] - 1.0, *hours, MON_TO_FRI)
    assert not par.is_open(friday + hours[1], *hours, MON_TO_FRI)
    assert not par.is_open(friday + 86_400.0 + hours[0], *hours, MON_TO_FRI)

"""Prices of ticks, against the ends that the contract's library has as constants."""

from __future__ import annotations

import pytest

from sim.formulas.concentrated import MAX_TICK, MIN_TICK, sqrt_price_at, tick_at

# TickMath.MIN_SQRT_RATIO and MAX_SQRT_RATIO of Uniswap v3, in units of 2^-96.
LOWEST, HIGHEST = 4295128739, 1461446703485210103287273052203988822378723970342


def test_the_first_and_the_last_price_of_the_contract():
    assert sqrt_price_at(MIN_TICK, 1.0, 0.0) == (LOWEST / 2**96, 0.0)
    highest, rest = sqrt_price_at(MAX_TICK, 1.0, 0.0)
    assert highest + rest == pytest.approx(HIGHEST / 2**96, rel=1e-15)


def test_a_low_price_is_rounded_up_to_what_the_contract_can_write():
    price, _ = sqrt_price_at(-880_000, 1.0, 0.0)
    exact = 1.0001**-440_000
    assert price * 2.0**96 == int(price * 2.0**96)
    assert exact < price < exact + 2.0**-96 * 1.001


@pytest.mark.parametrize("unit", [1.0, 1e-6])
def test_a_price_on_a_tick_has_reached_it_and_a_little_less_has_not(unit):
    for tick in (MIN_TICK, -880_001, -600_000, -60, -1, 0, 1, 137, 500_000, MAX_TICK):
        price, rest = sqrt_price_at(tick, unit, 0.0)
        assert tick_at(price, rest, unit, 0.0) == tick
        assert tick_at(price * (1.0 - 1e-8), rest, unit, 0.0) == tick - 1

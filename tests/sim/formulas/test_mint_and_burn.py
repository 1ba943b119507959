"""The virtual pools of mint and burn against the arithmetic of the module itself, in exact fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

from sim.formulas import mint_and_burn as module

BASE = 50_000_000
MIN_SPREAD = Fraction(1, 200)


def plain_spread(offered: int, delta: Fraction, is_burn: bool) -> Fraction:
    """Both pools, the constant product, what it pays, and the share that is missing; in this order."""
    coin_pool = BASE + delta
    product = Fraction(BASE) ** 2
    pools = (coin_pool, product / coin_pool)
    offer_pool, ask_pool = pools if is_burn else pools[::-1]
    asked = ask_pool - product / (offer_pool + offered)
    return max((offered - asked) / offered, MIN_SPREAD)


OFFERS = (1, 10_000, 300_000, 5_000_000, 80_000_000)
DELTAS = tuple(map(Fraction, (0, 1_000, 20_000_000, 400_000_000, -1_000, -20_000_000, -45_000_000)))


@pytest.mark.parametrize(("offered", "delta"), list(itertools.product(OFFERS, DELTAS)))
def test_spreads_are_those_of_the_module(offered, delta):
    arguments = (float(offered), float(BASE), float(delta), float(MIN_SPREAD))
    for spread, is_burn in ((module.burn_spread, True), (module.mint_spread, False)):
        expected = float(plain_spread(offered, delta, is_burn))
        assert spread(*arguments) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_by_hand():
    """Burning as much as a pool holds, at rest: it pays half of the other one."""
    assert module.burn_spread(50.0, 50.0, 0.0, 0.005) == 0.5
    assert module.mint_spread(50.0, 50.0, 0.0, 0.005) == 0.5
    assert module.burn_spread(1e-6, 50.0, 0.0, 0.005) == 0.005
    # After that the coin's pool holds 100, the other 25: the next coin gets a quarter.
    assert module.burn_spread(1e-9, 50.0, 50.0, 0.005) == pytest.approx(0.75, rel=1e-9)
    assert module.mint_spread(1e-9, 50.0, 50.0, 0.005) == 0.005  # the way back costs the least


def test_pools_recover_block_by_block():
    delta = Fraction(1_000)
    for _ in range(36):
        delta -= delta / 36
    assert module.recovered(1_000.0, 36.0, 36.0) == pytest.approx(float(delta), rel=1e-13)
    assert module.recovered(1_000.0, 36.0, 36.0) == pytest.approx(1_000.0 / math.e, rel=0.02)
    assert module.recovered(-7.0, 0.0, 36.0) == -7.0
    assert module.recovered(1_000.0, 1.0, 1.0) == 0.0  # what was proposed in May 2022
    assert module.recovered(1_000.0, 0.0, 1.0) == 1_000.0


@pytest.mark.parametrize("delta", [0.0, 20e6, -20e6])
@pytest.mark.parametrize("spread", [0.006, 0.05, 0.6])
def test_the_largest_trade_at_a_spread_has_that_spread(delta, spread):
    for most, at in (
        (module.most_burned, module.burn_spread),
        (module.most_minted, module.mint_spread),
    ):
        offered = most(float(BASE), delta, spread)
        if offered > 0.0:
            assert at(offered, float(BASE), delta, 0.0) == pytest.approx(spread, rel=1e-9)
        else:
            assert at(1.0, float(BASE), delta, 0.0) >= spread - 1e-6


def test_there_and_back_never_profits():
    """Coin into volatile tokens and back at one price: the pools keep the spread both ways."""
    for offered, delta in itertools.product((1.0, 1e6, 40e6), (0.0, 30e6, -30e6)):
        value = offered * (1.0 - module.burn_spread(offered, BASE, delta, 0.005))
        back = value * (1.0 - module.mint_spread(value, BASE, delta + offered, 0.005))
        assert back < offered

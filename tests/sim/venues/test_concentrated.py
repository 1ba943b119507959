"""Concentrated pools in the engine: multi-tick swaps walk back, shares of a position, marks of a gap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim import status
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY, SWAP
from sim.venues import any_pool
from sim.world import restore, snapshot
from tests.sim.range_world import RANGES, range_world
from tests.sim.stories import concentrated as story
from tests.sim.worlds import Leg, SmallWorld

ETH, USDC = 0, 1


@pytest.fixture(scope="module")
def made_once() -> SmallWorld:
    whole = range_world()
    whole.give("arbitrageurs.0", "ETH", 1e5)
    whole.give("near.0", "ETH", 1e4)
    whole.give("near.0", "USDC", 1e7)
    return whole


@pytest.fixture
def small(made_once: SmallWorld) -> Iterator[SmallWorld]:
    before = snapshot(made_once.world)
    yield made_once
    restore(made_once.world, before)


def holdings(small: SmallWorld, name: str) -> tuple[float, ...]:
    world, token = small.world, small.token(name)
    return tuple(float(any_pool.behind(world.tokens, world.venues, token, k)) for k in (0, 1))


def test_a_swap_over_several_ticks_is_walked_back_to_the_bit(small):
    """It crosses a gap and another range, then fails its limit: ``attempt`` compares the whole world."""
    sale = Leg(SWAP, RANGES, 2500.0, token_in=ETH, token_out=USDC, limit=5e6)
    assert small.attempt("arbitrageurs.0", sale) == status.SLIPPAGE


def test_ranges_are_born_with_the_value_that_the_scenario_says(small):
    for name, share0 in (("LP.ranges.near", 0.5), ("LP.ranges.far", 0.0)):
        amount0, amount1 = holdings(small, name)
        assert amount0 * 2000.0 + amount1 == pytest.approx(4e6, rel=1e-12)
        assert amount0 * 2000.0 / 4e6 == pytest.approx(share0, abs=0.03)


def test_who_joins_later_pays_for_the_fees_that_wait(small):
    sale = Leg(SWAP, RANGES, 100.0, token_in=ETH, token_out=USDC)
    assert small.attempt("arbitrageurs.0", sale) == status.OK
    token = small.token("LP.ranges.near")
    before = holdings(small, "LP.ranges.near")
    supply = any_pool.supply(small.world.tokens, small.world.venues, token)
    had = small.held("near.0", "ETH"), small.held("near.0", "USDC")
    joins = Leg(ADD_LIQUIDITY, RANGES, 0.1 * supply, token_in=token)
    assert small.attempt("near.0", joins) == status.OK
    paid = had[0] - small.held("near.0", "ETH"), had[1] - small.held("near.0", "USDC")
    assert paid == pytest.approx((0.1 * before[0], 0.1 * before[1]), rel=1e-12)
    leaves = Leg(REMOVE_LIQUIDITY, RANGES, 0.1 * supply, token_in=token)
    assert small.attempt("near.0", leaves) == status.OK
    assert small.held("near.0", "ETH") == pytest.approx(had[0], rel=1e-12)
    assert holdings(small, "LP.ranges.near") == pytest.approx(before, rel=1e-9)


def test_in_the_gap_the_next_token_brings_the_price_of_the_next_range(small):
    world = small.world
    _, near1 = holdings(small, "LP.ranges.near")
    all_of_it = Leg(SWAP, RANGES, 2.0 * near1 / 1800.0, token_in=ETH, token_out=USDC)
    assert small.attempt("arbitrageurs.0", all_of_it) == status.OK
    state = world.venues.concentrated[0]
    lower, upper = world.venues.positions[1].lower, world.venues.positions[1].upper
    assert lower < state.tick < upper  # it fell through the gap into the lower range
    asked = (world.ledger, world.venues, RANGES, 0.0, 0.0, 0.0, 0.0)
    price = any_pool.marginal_price(*asked, ETH, USDC)
    assert price == pytest.approx(0.997 * state.sqrt_price * state.sqrt_price, rel=1e-12)
    back = any_pool.marginal_price(*asked, USDC, ETH)
    assert price * back == pytest.approx(0.997 * 0.997, rel=1e-12)


def test_a_quote_is_what_the_swap_then_pays(small):
    world = small.world
    asked = (world.ledger, world.venues, RANGES, 0.0, 0.0, 0.0, 0.0)
    for amount, token_in, token_out in ((50.0, ETH, USDC), (900.0, ETH, USDC), (1e6, USDC, ETH)):
        expected = any_pool.pays(*asked, token_in, token_out, amount)
        name = small.names.tokens[token_out].partition("@")[0]
        had = small.held("arbitrageurs.0", name)
        leg = Leg(SWAP, RANGES, amount, token_in=token_in, token_out=token_out)
        assert small.attempt("arbitrageurs.0", leg) == status.OK
        assert small.held("arbitrageurs.0", name) - had == pytest.approx(expected, rel=1e-9)


def test_the_sale_to_a_price_leaves_the_pool_at_that_price(small):
    world = small.world
    asked = (world.ledger, world.venues, RANGES, 0.0, 0.0, 0.0, 0.0)
    amount = any_pool.sale_to(*asked, ETH, USDC, 1500.0)
    leg = Leg(SWAP, RANGES, amount, token_in=ETH, token_out=USDC)
    assert small.attempt("arbitrageurs.0", leg) == status.OK
    assert any_pool.marginal_price(*asked, ETH, USDC) == pytest.approx(1500.0, rel=1e-9)
    assert any_pool.sale_to(*asked, ETH, USDC, 1600.0) == 0.0


def test_the_story_of_the_audit_is_told_without_a_revert():
    told, as_made = story._made_once()
    restore(told.world, as_made)
    assert [told.attempt(sender, leg) for sender, leg in story.acts(told)] == [status.OK] * 6

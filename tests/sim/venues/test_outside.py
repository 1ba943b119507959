"""The outside exchange by hand: depth 1 bn USD, 10,000 ETH and 20 M USDC in stock."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import status
from sim.block.draw import outside_depth_dial
from sim.transaction import OUTSIDE_TRADE
from tests.sim.plain_market import PlainMarket
from tests.sim.worlds import Leg, SmallWorld

ETH, USDC = 0, 1


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


def sell(amount, limit=0.0):
    return Leg(OUTSIDE_TRADE, ETH, amount, limit=limit, token_out=USDC)


def buy(usdc):
    return Leg(OUTSIDE_TRADE, USDC, usdc, token_out=ETH)


def test_a_sale_fills_at_the_average_along_its_move(small):
    exchange = small.world.venues.exchanges[ETH]
    assert small.attempt("arbitrageurs.0", sell(100.0)) == status.OK
    proceeds = 1e9 * math.log1p(100 * 2000 / 1e9)  # 199,980.00 USD
    assert small.held("arbitrageurs.0", "USDC") == pytest.approx(1e6 + proceeds, rel=1e-15)
    # q USD of sales move the log price by -q / depth; half of it stays.
    assert math.log(exchange.market_price_usd / 2000) == pytest.approx(-proceeds / 1e9, rel=1e-10)
    assert exchange.permanent_impact == exchange.transient_impact == -0.5 * proceeds / 1e9
    assert small.receipt().impact == pytest.approx(-proceeds / 1e9, rel=1e-12)
    assert exchange.inventory == small.held("outside", "ETH") == 10_100.0


def test_selling_and_buying_back_at_once_gains_and_loses_nothing(small):
    """Without decay in between, a round trip comes back along the same path: no fee outside."""
    assert small.attempt("arbitrageurs.0", sell(100.0)) == status.OK
    proceeds = small.held("arbitrageurs.0", "USDC") - 1e6
    assert small.attempt("arbitrageurs.0", buy(proceeds)) == status.OK
    assert small.held("arbitrageurs.0", "ETH") == pytest.approx(550.0, rel=1e-12)
    assert small.world.venues.exchanges[ETH].market_price_usd == pytest.approx(2000.0, rel=1e-12)


def test_a_recorded_market_has_no_impact(small):
    exchange = small.world.venues.exchanges[ETH]
    exchange.has_impact = 0
    assert small.attempt("arbitrageurs.0", sell(100.0)) == status.OK
    assert small.held("arbitrageurs.0", "USDC") == 1e6 + 200_000.0
    assert (exchange.market_price_usd, exchange.sold_usd) == (2000.0, 200_000.0)


def test_keepers_are_paid_after_their_settlement_delay(small):
    """36 seconds are three slots; until then the proceeds lie in custody and are no capital."""
    small.send("keepers.0", sell(10.0))
    small.block()
    assert small.held("keepers.0", "USDC") == 1e6
    waiting = small.held("keepers.custody.0", "USDC")
    assert waiting == pytest.approx(20_000.0, rel=1e-4)
    small.block(2)
    assert small.held("keepers.0", "USDC") == 1e6
    small.block()
    assert small.held("keepers.0", "USDC") == 1e6 + waiting
    assert small.held("keepers.custody.0", "USDC") == 0.0


@pytest.mark.parametrize(
    ("leg", "reason"),
    [
        (sell(0.0), status.BAD_AMOUNT),
        (sell(math.nan), status.BAD_AMOUNT),
        (sell(-1.0), status.BAD_AMOUNT),
        (sell(551.0), status.INSUFFICIENT_BALANCE),
        (sell(100.0, limit=199_981.0), status.SLIPPAGE),
    ],
)
def test_what_reverts_leaves_the_world_as_it_was(small, leg, reason):
    assert small.attempt("arbitrageurs.0", leg) == reason


def test_the_outside_world_has_a_finite_inventory(small):
    small.give("arbitrageurs.0", "ETH", 20_000.0)
    assert small.attempt("arbitrageurs.0", sell(15_000.0)) == status.INSUFFICIENT_BALANCE


def test_a_cut_in_depth_scales_the_transient_part_only(small):
    exchange = small.world.venues.exchanges[ETH]
    exchange.depth_multiple = 0.1
    assert small.attempt("arbitrageurs.0", sell(10.0)) == status.OK
    assert exchange.transient_impact == pytest.approx(10 * exchange.permanent_impact, rel=1e-12)
    depth = 1e9 / (0.5 + 0.5 / 0.1)
    assert small.receipt().usd == pytest.approx(depth * math.log1p(20_000 / depth), rel=1e-12)


def ask_for_depth(small, multiple):
    """The share of ETH's depth that shocks leave, from the next slot on."""
    world = small.world
    column = outside_depth_dial(world, ETH)
    world.clock.dials[int(world.clock.now[0].slot) + 1 :, column] = multiple


def test_a_cut_leaves_the_price_where_it_is_and_depth_comes_back_as_slowly_as_impact_decays(small):
    exchange = small.world.venues.exchanges[ETH]
    assert small.attempt("arbitrageurs.0", sell(100.0)) == status.OK
    impact, half = exchange.transient_impact, math.exp(-math.log(2.0) * 12 / 600)
    ask_for_depth(small, 0.25)
    small.block()
    assert exchange.depth_multiple == 0.25
    assert exchange.transient_impact == pytest.approx(impact * half, rel=1e-12)
    ask_for_depth(small, 1.0)
    small.block(50)  # a half-life
    assert exchange.depth_multiple == pytest.approx(0.5, rel=1e-12)
    small.block(50)
    assert exchange.depth_multiple == pytest.approx(1.0, rel=1e-12)


THIN = {"assets.ETH.depth_usd": 2e7, "assets.ETH.outside_inventory_usd": 1e9,
        "assets.USDC.outside_inventory_usd": 1e9}  # fmt: skip
visits = st.lists(
    st.tuples(st.floats(-5e5, 5e5), st.integers(0, 60), st.floats(0.05, 1.0)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(visits=visits, permanent_fraction=st.floats(0.0, 1.0))
def test_no_round_trip_profits_from_depth_that_changes(visits, permanent_fraction):
    """Bought and sold at any depth, then closed: no gain; and the fills are those of the plain market."""
    small = SmallWorld({**THIN, "assets.ETH.permanent_fraction": permanent_fraction})
    small.give("arbitrageurs.0", "ETH", 100_000.0)
    small.give("arbitrageurs.0", "USDC", 100e6)
    plain = PlainMarket(2000.0, 2e7, permanent_fraction, 600.0)
    exchange = small.world.venues.exchanges[ETH]

    def trade(usd):
        bought = plain.buy(usd)
        leg = buy(usd) if usd > 0.0 else sell(-bought)
        before = small.held("arbitrageurs.0", "ETH"), small.held("arbitrageurs.0", "USDC")
        assert small.attempt("arbitrageurs.0", leg) == status.OK
        assert small.held("arbitrageurs.0", "ETH") - before[0] == pytest.approx(bought, rel=1e-5)
        assert small.held("arbitrageurs.0", "USDC") - before[1] == pytest.approx(-usd, rel=1e-5)

    for usd, blocks, multiple in visits:
        if abs(usd) > 1.0:
            trade(usd)
        ask_for_depth(small, multiple)
        for _ in range(blocks):
            small.block()
            plain.wait(12.0, multiple)
        assert exchange.depth_multiple == pytest.approx(plain.multiple, rel=1e-9)
    for _ in range(
        60
    ):  # bought is sold and sold is bought back; what is left shrinks with each turn
        left = plain.tokens * plain.price_usd()
        if abs(left) > 0.01:
            trade(-left)
    turnover = sum(abs(usd) for usd, _, _ in visits)
    assert abs(plain.tokens) * plain.price_usd() < 0.02
    gained = small.held("arbitrageurs.0", "USDC") - 100e6
    assert gained <= 1e-7 * turnover + 0.1


def test_sales_are_paid_in_batches(small):
    """What is sold while a payment is due is paid with it, so that selling on and on locks nothing up."""
    for _ in range(30):
        small.send("keepers.0", sell(0.5))
        small.block()
    sold = small.world.venues.exchanges[ETH].sold_usd
    assert sold == pytest.approx(30_000.0, rel=1e-3)
    assert small.held("keepers.custody.0", "USDC") < 0.15 * sold
    small.block(4)
    assert small.held("keepers.custody.0", "USDC") == 0.0
    assert small.held("keepers.0", "USDC") == pytest.approx(1e6 + sold, rel=1e-12)

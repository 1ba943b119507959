"""Push oracles by hand: what is published at once, what waits, and what is refused."""

from __future__ import annotations

import math

import pytest

from sim import status
from sim.transaction import PUBLISH_PRICE
from sim.venues.oracle import NOTHING_WAITS, release, wants_update
from tests.sim.worlds import Leg, SmallWorld

OPERATOR = "eth_usd.operator"


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


@pytest.fixture
def delayed() -> SmallWorld:
    return SmallWorld({"feeds.eth_usd.delay_seconds": 60})


def test_a_price_is_taken_at_once_without_a_delay(small):
    feed = small.world.venues.feeds[0]
    assert small.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, 1900.0)) == status.OK
    assert (feed.price_usd, feed.updated_seconds) == (1900.0, 12.0)
    assert small.receipt().impact == pytest.approx(math.log(0.95), rel=1e-14)
    assert small.receipt().oracle_price_usd == 2000.0  # what was believed before


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_price_reverts(small, price):
    assert small.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, price)) == status.BAD_AMOUNT


def test_a_delayed_price_waits_and_meanwhile_none_other_is_taken(delayed):
    """Maker's security module: one value at a time, an hour there, a minute here."""
    feeds = delayed.world.venues.feeds
    assert delayed.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, 1500.0)) == status.OK
    assert (feeds[0].price_usd, feeds[0].waiting_price_usd) == (2000.0, 1500.0)
    assert delayed.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, 1400.0)) == status.TOO_SOON
    release(feeds, 71.9)
    assert feeds[0].price_usd == 2000.0
    release(feeds, 72.0)
    assert (feeds[0].price_usd, feeds[0].waiting_until_seconds) == (1500.0, NOTHING_WAITS)
    assert delayed.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, 1400.0)) == status.OK


def test_a_delay_works_before_the_recorded_time_too():
    """The burn-in lies at negative times: what is published there must come out all the same."""
    small = SmallWorld({"feeds.eth_usd.delay_seconds": 60, "time.burn_in_blocks": 100})
    assert small.world.clock.now[0].seconds < -1000.0
    feeds = small.world.venues.feeds
    small.world.clock.now[0].first_recorded_slot = 0  # so that the attempt is logged
    assert small.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, 1500.0)) == status.OK
    assert small.attempt(OPERATOR, Leg(PUBLISH_PRICE, 0, 1400.0)) == status.TOO_SOON
    release(feeds, small.world.clock.now[0].seconds + 60.0)
    assert feeds[0].price_usd == 1500.0


@pytest.mark.parametrize(
    ("market_price", "seconds", "wanted"),
    [
        (2000.0, 0.0, False),
        (2009.9, 0.0, False),  # the deviation is 0.5 %: 10 USD
        (2010.0, 0.0, True),
        (1990.0, 0.0, True),
        (2000.0, 3599.0, False),
        (2000.0, 3600.0, True),  # the heart beats
    ],
)
def test_an_update_is_wanted_by_deviation_or_heartbeat(small, market_price, seconds, wanted):
    feed = small.world.venues.feeds[0]
    feed.heartbeat_seconds, feed.updated_seconds = 3600.0, 0.0
    assert wants_update(feed, market_price, seconds) == wanted
    feed.in_flight = 1.0
    assert not wants_update(feed, market_price, seconds)


def test_a_fixed_price_wants_no_update():
    """Valued at 1 whatever the market says: that happens only through an oracle of mode fixed."""
    small = SmallWorld({"feeds.usdc_usd.mode": "fixed", "feeds.usdc_usd.fixed_price_usd": 1.0})
    assert not wants_update(small.world.venues.feeds[1], 0.5, 1e9)

"""Prices of a block: impact decays, operators send updates, and an update is a transaction like any other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.block.draw import feed_dial
from sim.transaction import PUBLISH_PRICE, SWAP
from tests.sim.worlds import Leg, SmallWorld

ETH = 0


def move_market(world: SmallWorld, price_usd: float) -> None:
    """The fundamental price from the next slot on."""
    slot = int(world.world.clock.now[0].slot)
    world.world.clock.fundamental_price_usd[slot + 1 :, ETH] = price_usd


def feed(world: SmallWorld) -> np.record:
    return world.world.venues.feeds[0]


@pytest.fixture
def world() -> SmallWorld:
    return SmallWorld()


def test_a_small_move_is_not_published(world):
    move_market(world, 2009.0)  # 0.45 %
    world.block(3)
    assert feed(world).price_usd == 2000.0


def test_a_large_move_is_published_in_the_same_block_and_pays_gas(world):
    move_market(world, 1900.0)
    held = world.held("eth_usd.operator", "ETH")
    world.block()
    assert feed(world).price_usd == pytest.approx(1900.0, rel=1e-12)
    assert world.held("eth_usd.operator", "ETH") < held - 150_000 * 20e-9 * 0.9
    assert [int(event.kind) for event in world.events()] == [PUBLISH_PRICE]


def test_a_crowded_chain_keeps_the_oracle_waiting(world):
    """Its update bids for space: with a hundred times the demand it waits, and no second one is sent."""
    world.world.clock.dials[:, 0] = 100.0
    world.world.chains.table[0].base_fee_gwei = 1000.0
    world.world.cohorts.seen[:] = 0.0
    feed(world).max_fee_multiple = 0.5
    move_market(world, 1900.0)
    world.block()
    assert feed(world).price_usd == 2000.0
    assert feed(world).in_flight == 1.0
    world.block()
    assert world.world.chains.table[0].pending == 1


def test_a_stalled_operator_publishes_nothing(world):
    world.world.clock.dials[:, feed_dial(world.world, 0)] = 0.0
    move_market(world, 1000.0)
    world.block(5)
    assert feed(world).price_usd == 2000.0


def test_a_delay_of_a_minute_is_five_blocks_behind():
    world = SmallWorld({"feeds.eth_usd.delay_seconds": 60})
    move_market(world, 1900.0)
    prices = []
    for _ in range(8):
        world.block()
        prices.append(float(feed(world).price_usd))
    # Sent and executed in the first block, released at the beginning of the sixth.
    assert prices == pytest.approx([2000.0] * 5 + [1900.0] * 3)


@pytest.mark.parametrize("burn_in", [0, 50])
def test_a_delayed_oracle_follows_the_market_in_the_burn_in_too(burn_in):
    world = SmallWorld({"feeds.eth_usd.delay_seconds": 60, "time.burn_in_blocks": burn_in})
    move_market(world, 1900.0)
    world.block(10)
    assert feed(world).price_usd == pytest.approx(1900.0)


def test_transient_impact_decays_by_half_in_a_half_life(world):
    exchange = world.world.venues.exchanges[ETH]
    exchange.permanent_impact, exchange.transient_impact = -0.01, -0.04
    world.block(50)  # 600 seconds: the half-life
    assert exchange.transient_impact == pytest.approx(-0.02, rel=1e-12)
    assert exchange.permanent_impact == -0.01
    assert exchange.market_price_usd == pytest.approx(2000.0 * math.exp(-0.03), rel=1e-12)


def test_what_agents_see_is_written_before_they_decide(world):
    move_market(world, 1950.0)
    world.send("holders.0", Leg(SWAP, 0, 10.0, token_in=ETH))
    world.block()
    seen = world.world.cohorts.seen
    row = int(world.world.clock.now[0].slot) % len(seen)
    # Market prices, oracle prices, both reserves, base fee: as they were before this block's trades.
    assert seen[row, :6].tolist() == pytest.approx([1950.0, 1.0, 2000.0, 1.0, 1000.0, 2e6])

"""Prices of a block: impact decays, operators send updates, and an update is a transaction like any other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.block.draw import feed_dial
from sim.transaction import PUBLISH_PRICE, SWAP
from tests.sim.worlds import Leg, SmallWorld

ETH = 0


def move_market(small: SmallWorld, price_usd: float) -> None:
    """The fundamental price from the next slot on."""
    slot = int(small.world.clock.now[0].slot)
    small.world.clock.fundamental_price_usd[slot + 1 :, ETH] = price_usd


def feed(small: SmallWorld) -> np.record:
    return small.world.venues.feeds[0]


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


def test_a_small_move_is_not_published(small):
    move_market(small, 2009.0)  # 0.45 %
    small.block(3)
    assert feed(small).price_usd == 2000.0


def test_a_large_move_is_published_in_the_same_block_and_pays_gas(small):
    move_market(small, 1900.0)
    held = small.held("eth_usd.operator", "ETH")
    small.block()
    assert feed(small).price_usd == pytest.approx(1900.0, rel=1e-12)
    assert small.held("eth_usd.operator", "ETH") < held - 150_000 * 20e-9 * 0.9
    assert [int(event.kind) for event in small.events()] == [PUBLISH_PRICE]


def test_a_crowded_chain_keeps_the_oracle_waiting(small):
    """Its update bids for space: with a hundred times the demand it waits, and no second one is sent."""
    small.world.clock.dials[:, 0] = 100.0
    small.world.chains.table[0].base_fee_gwei = 1000.0
    small.world.cohorts.seen[:] = 0.0
    feed(small).max_fee_multiple = 0.5
    move_market(small, 1900.0)
    small.block()
    assert feed(small).price_usd == 2000.0
    assert feed(small).in_flight == 1.0
    small.block()
    assert small.world.chains.table[0].pending == 1


@pytest.mark.parametrize("patience", [1, 3, 6])
def test_an_update_that_waits_too_long_is_sent_anew_and_dearer(patience):
    """A gas spike: the price is published within its patience and a block of being affordable.

    Affordable is what the fee market says of an update sent now: background demand at its bid leaves room.
    """
    small = SmallWorld({"feeds.eth_usd.patience_blocks": patience})
    small.world.clock.dials[:, 0] = 100.0
    chain = small.world.chains.table[0]
    move_market(small, 1900.0)
    affordable = None
    for block in range(80):
        bid = float(chain.base_fee_gwei) + 2.0
        wanted = 15e6 * 100.0 * (20.0 / bid)  # half the limit is the target; elasticity 1
        if affordable is None and 30e6 - min(wanted, 30e6) >= 150_000:
            affordable = block
        small.block()
        if feed(small).price_usd != 2000.0:
            break
    assert affordable is not None
    assert (
        affordable >= 20
    )  # the first bid, three times the price before the spike, is long too low
    assert affordable <= block <= affordable + patience + 1
    assert feed(small).price_usd == pytest.approx(1900.0)


def test_a_new_update_carries_the_price_of_its_own_moment():
    small = SmallWorld({"feeds.eth_usd.patience_blocks": 2})
    small.world.clock.dials[:, 0] = 100.0
    feed(small).max_fee_multiple = 0.5
    move_market(small, 1900.0)
    small.block()
    assert float(small.world.chains.mempool[0, 0].amount) == pytest.approx(1900.0)
    move_market(small, 1700.0)
    small.block(2)
    assert feed(small).in_flight == 1.0  # the block it was sent in, and two more
    small.block()
    assert feed(small).in_flight == 0.0
    small.block()
    assert float(small.world.chains.mempool[0, 0].amount) == pytest.approx(1700.0)


def test_a_stalled_operator_publishes_nothing(small):
    small.world.clock.dials[:, feed_dial(small.world, 0)] = 0.0
    move_market(small, 1000.0)
    small.block(5)
    assert feed(small).price_usd == 2000.0


def test_a_delay_of_a_minute_is_five_blocks_behind():
    small = SmallWorld({"feeds.eth_usd.delay_seconds": 60})
    move_market(small, 1900.0)
    prices = []
    for _ in range(8):
        small.block()
        prices.append(float(feed(small).price_usd))
    # Sent and executed in the first block, released at the beginning of the sixth.
    assert prices == pytest.approx([2000.0] * 5 + [1900.0] * 3)


@pytest.mark.parametrize("burn_in", [0, 50])
def test_a_delayed_oracle_follows_the_market_in_the_burn_in_too(burn_in):
    small = SmallWorld({"feeds.eth_usd.delay_seconds": 60, "time.burn_in_blocks": burn_in})
    move_market(small, 1900.0)
    small.block(10)
    assert feed(small).price_usd == pytest.approx(1900.0)


def test_transient_impact_decays_by_half_in_a_half_life(small):
    exchange = small.world.venues.exchanges[ETH]
    exchange.permanent_impact, exchange.transient_impact = -0.01, -0.04
    small.block(50)  # 600 seconds: the half-life
    assert exchange.transient_impact == pytest.approx(-0.02, rel=1e-12)
    assert exchange.permanent_impact == -0.01
    assert exchange.market_price_usd == pytest.approx(2000.0 * math.exp(-0.03), rel=1e-12)


def test_what_agents_see_is_written_before_they_decide(small):
    move_market(small, 1950.0)
    small.send("holders.0", Leg(SWAP, 0, 10.0, token_in=ETH))
    small.block()
    seen = small.world.cohorts.seen
    row = int(small.world.clock.now[0].slot) % len(seen)
    # Market prices, oracle prices, both reserves, base fee: as they were before this block's trades.
    assert seen[row, :6].tolist() == pytest.approx([1950.0, 1.0, 2000.0, 1.0, 1000.0, 2e6])

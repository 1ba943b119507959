"""Publish: the outside exchange quotes, delayed oracle values fall due, operators send updates."""

from __future__ import annotations

from sim.block.book import book
from sim.block.draw import feed_dial
from sim.compile import kernel
from sim.formulas.outside import decay
from sim.orders import add_leg, open_transaction, seal, set_trigger
from sim.transaction import PUBLISH_PRICE, UNKNOWN
from sim.venues import bottomless_pool, oracle, outside, pool_feeds, rate_feeds


@kernel
def publish(world, view):
    """Quote every asset, release what waited, and put updates into the mempool."""
    now = world.clock.now[0]
    for asset in range(world.venues.exchanges.shape[0]):
        exchange = world.venues.exchanges[asset]
        if exchange.transient_impact != 0.0:
            left = decay(now.slot_seconds, exchange.half_life_seconds)
            exchange.transient_impact = exchange.transient_impact * left
        outside.reprice(exchange)
    if now.has_pool_depth == 0:
        for row in range(world.venues.pools.shape[0]):
            bottomless_pool.move_to_market(world.ledger, world.venues, row, now.seconds)
            book(world)
    oracle.release(world.venues.feeds, now.seconds)
    going_gwei = world.chains.table[0].base_fee_gwei
    for row in range(world.venues.feeds.shape[0]):
        feed = world.venues.feeds[row]
        exchange = world.venues.exchanges[feed.asset]
        price_usd = exchange.market_price_usd
        impact = outside.impact_of(exchange)
        if now.has_oracle_lag == 0:
            oracle.follow(feed, price_usd, impact, now.slot, now.seconds)
            continue
        is_alive = world.clock.dials[now.slot, feed_dial(world, row)] > 0.5
        if is_alive and oracle.wants_update(feed, price_usd, now.seconds):
            first = open_transaction(world.chains, 0)
            add_leg(world.chains, 0, PUBLISH_PRICE, feed.operator, row, -1, price_usd, 0.0)
            set_trigger(world.chains, 0, first, now.slot, price_usd, impact, UNKNOWN)
            if seal(
                view, 0, first, 1, -1, 1.0,
                feed.tip_gwei, going_gwei, feed.max_fee_multiple, feed.patience_blocks,
            ):  # fmt: skip
                feed.in_flight = 1.0
    rate_feeds.tell_rates(world.venues, now.seconds)
    oracle.read_rates(world.venues.feeds)
    pool_feeds.read_all(world.ledger, world.venues, now.seconds)

"""Revalue: what the move of the fundamental prices does to all that the inside has come to hold.

``timing_usd`` is the loss on what was bought or sold since the recorded start, as prices moved on; what was
held from the start is the frozen loss and needs no sum.
"""

from __future__ import annotations

from sim.compile import kernel


@kernel
def revalue(world):
    """Take the new fundamental prices; the recorded part begins with empty tables."""
    now = world.clock.now[0]
    is_start = now.slot == now.first_recorded_slot
    if is_start:
        paid_usd = world.log.paid_usd
        for cause in range(paid_usd.shape[0]):
            for payer in range(paid_usd.shape[1]):
                for receiver in range(paid_usd.shape[2]):
                    paid_usd[cause, payer, receiver] = 0.0
    for asset in range(world.venues.exchanges.shape[0]):
        exchange = world.venues.exchanges[asset]
        wealth = world.log.wealth[asset]
        if is_start:
            wealth.inside_at_start = wealth.inside
            wealth.price_at_start_usd = wealth.last_price_usd
            wealth.market_price_at_start_usd = exchange.market_price_usd
            wealth.timing_usd = 0.0
        moved_usd = exchange.fundamental_price_usd - wealth.last_price_usd
        wealth.timing_usd = wealth.timing_usd - (wealth.inside - wealth.inside_at_start) * moved_usd
        wealth.last_price_usd = exchange.fundamental_price_usd

"""Observe: write down what can be seen now, for every agent to read at its own latency."""

from __future__ import annotations

from sim.compile import kernel
from sim.venues.any_pool import seen_sqrt_price
from sim.venues.outside import impact_of


@kernel
def observe(world):
    """One row of the ring: market prices, oracle prices, pools, gas prices, and impacts in them."""
    seen = world.cohorts.seen
    row = world.clock.now[0].slot % seen.shape[0]
    k = 0
    for asset in range(world.venues.exchanges.shape[0]):
        seen[row, k] = world.venues.exchanges[asset].market_price_usd
        k += 1
    for feed in range(world.venues.feeds.shape[0]):
        seen[row, k] = world.venues.feeds[feed].price_usd
        k += 1
    for pool in range(world.venues.pools.shape[0]):
        seen[row, k] = world.venues.pools[pool].reserve0
        seen[row, k + 1] = world.venues.pools[pool].reserve1
        seen[row, k + 2] = seen_sqrt_price(world.venues, pool)
        k += 3
    for chain in range(world.chains.table.shape[0]):
        seen[row, k] = world.chains.table[chain].base_fee_gwei
        k += 1
    for asset in range(world.venues.exchanges.shape[0]):
        seen[row, k] = impact_of(world.venues.exchanges[asset])
        k += 1
    for feed in range(world.venues.feeds.shape[0]):
        seen[row, k] = world.venues.feeds[feed].impact
        seen[row, k + 1] = world.venues.feeds[feed].observed_slot
        k += 2
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        cohort.triggers = 0
        cohort.submitted = 0
        cohort.executed = 0
        cohort.reverted = 0
        cohort.expired = 0
        cohort.liquidated = 0
        cohort.volume_usd = 0.0
        cohort.debt_repaid_usd = 0.0
        cohort.deficit_usd = 0.0
        cohort.bids = 0
        cohort.wins = 0
        cohort.losses = 0
        cohort.no_profit = 0
        cohort.no_cash = 0
        cohort.no_gas_money = 0

"""Draw: what the outside imposes on this slot, fundamental prices and dials.

A dial is a number per slot with a neutral value; columns of the dial array, in this order:
gas demand of each chain, whether each feed is alive, the share of each cohort that is alive, the share
of each pool's liquidity that its providers want to keep there, the share of each asset's depth on the
outside exchange that is left, the loss that the depositors of each share vault believe in, and of each
redemption module the share of its first reserve that it cannot reach, whether it pays nothing out, and the
loss that its holders believe in.
"""

from __future__ import annotations

import math

from sim.block.book import book
from sim.compile import formula, kernel
from sim.formulas import outside
from sim.formulas.random import normal_quantile, uniform
from sim.tables import UNDERLYING
from sim.venues import redemptions


@formula
def gas_demand_dial(chain):
    """Column of a chain's demand multiple (neutral 1)."""
    return chain


@formula
def feed_dial(world, feed):
    """Column that says whether a feed is alive (neutral 1)."""
    return world.chains.table.shape[0] + feed


@formula
def cohort_dial(world, cohort):
    """Column of the share of a cohort that is alive (neutral 1)."""
    return world.chains.table.shape[0] + world.venues.feeds.shape[0] + cohort


@formula
def depth_dial(world, pool):
    """Column of the share of a pool's liquidity that stays (neutral 1)."""
    return cohort_dial(world, world.cohorts.table.shape[0]) + pool


@formula
def outside_depth_dial(world, asset):
    """Column of the share of an asset's outside depth that is left (neutral 1)."""
    return depth_dial(world, world.venues.pools.shape[0]) + asset


@formula
def rumour_dial(world, vault):
    """Column of the loss that the depositors of a share vault believe in (neutral 0)."""
    return outside_depth_dial(world, world.venues.exchanges.shape[0]) + vault


@formula
def module_dial(world, k, module):
    """Column of a module: what it cannot reach (k = 0), whether it is halted (1), what is believed (2)."""
    first = rumour_dial(world, world.venues.share_vaults.shape[0])
    return first + k * world.venues.redemptions.shape[0] + module


@kernel
def draw(world):
    """Set this slot's fundamental prices, outside depth, block-space demand, and who is alive."""
    now = world.clock.now[0]
    dials = world.clock.dials
    for asset in range(world.venues.exchanges.shape[0]):
        exchange = world.venues.exchanges[asset]
        if (
            world.tokens[exchange.token].kind == UNDERLYING
        ):  # a share is worth what stands behind it
            exchange.fundamental_price_usd = world.clock.fundamental_price_usd[now.slot, asset]
        exchange.depth_multiple = outside.next_depth_multiple(
            exchange.depth_multiple,
            dials[now.slot, outside_depth_dial(world, asset)],
            now.slot_seconds,
            exchange.half_life_seconds,
        )
    for c in range(world.chains.table.shape[0]):
        chain = world.chains.table[c]
        noise = 0.0
        if chain.demand_noise > 0.0:
            shock = normal_quantile(uniform(now.seed, chain.demand_stream, c, now.slot))
            noise = chain.demand_noise * (shock - 0.5 * chain.demand_noise)
        chain.demand_multiple = dials[now.slot, gas_demand_dial(c)] * math.exp(noise)
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        cohort.alive_fraction = dials[now.slot, cohort_dial(world, c)]
        if cohort.n_pools > 0:
            cohort.stay_fraction = dials[now.slot, depth_dial(world, world.cohorts.route[c, 0])]
    for v in range(world.venues.share_vaults.shape[0]):
        world.venues.share_vaults[v].rumour = dials[now.slot, rumour_dial(world, v)]
    for m in range(world.venues.redemptions.shape[0]):
        module = world.venues.redemptions[m]
        module.locked_fraction = dials[now.slot, module_dial(world, 0, m)]
        module.is_halted = dials[now.slot, module_dial(world, 1, m)]
        module.rumour = dials[now.slot, module_dial(world, 2, m)]
    if world.venues.redemptions.shape[0] > 0:
        redemptions.pass_time(world.ledger, world.venues, now.seconds, now.slot_seconds)
        book(world)

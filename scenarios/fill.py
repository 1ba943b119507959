"""Scenario tables become rows of the world's tables: the same numbers under the engine's names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from scenarios import concentrated
from scenarios.layout import (
    Layout,
)
from scenarios.streams import generator, stream
from sim.ledger import column
from sim.tables import (
    BAND_POOL,
    CONCENTRATED,
    CONSTANT_PRODUCT,
    DEBT_TOKEN,
    EIP1559,
    FIRST_PRICE,
    LP_TOKEN,
    POSITION_TOKEN,
    RECEIPT_TOKEN,
    STABLE_SWAP,
    UNDERLYING,
    WEIGHTED,
)
from sim.venues.oracle import DELAYED, FAIR, FIXED, PUSH, RATE
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario

POOL_KINDS = {
    "constant_product": CONSTANT_PRODUCT,
    "concentrated": CONCENTRATED,
    "stable_swap": STABLE_SWAP,
    "weighted": WEIGHTED,
    "bands": BAND_POOL,
}
FEED_MODES = {"push": PUSH, "delayed": DELAYED, "fixed": FIXED, "rate": RATE, "fair": FAIR}


def fill_clock(world: World, scenario: Scenario, seed: int) -> None:
    """Time, the seed, and how many there are of everything."""
    now = world.clock.now[0]
    now.slot = 0
    now.slot_seconds = scenario.time.slot_seconds
    now.seconds = -scenario.time.burn_in_blocks * scenario.time.slot_seconds
    now.seed = seed
    now.first_recorded_slot = scenario.time.burn_in_blocks + 1
    now.audit_every_blocks = scenario.record.audit_every_blocks
    now.records_vault_events = int(scenario.record.vault_events)
    now.n_assets = len(scenario.assets)
    now.n_feeds = len(scenario.feeds)
    now.n_pools = len(scenario.pools)
    now.n_chains = len(scenario.chains)
    now.cash_asset = [asset.is_cash for asset in scenario.assets].index(True)
    channels = scenario.channels
    now.is_trading = channels.trading
    now.has_pool_depth = channels.pool_depth
    now.has_oracle_lag = channels.oracle_lag
    now.has_keeper_friction = channels.keeper_friction


def fill_tokens(world: World, scenario: Scenario, layout: Layout) -> None:
    """What each token is, and whose claim."""
    for a, asset in enumerate(scenario.assets):
        world.tokens[a].kind = UNDERLYING
        world.tokens[a].asset = a
        world.tokens[a].decimals = asset.decimals
    for name in layout.shared:
        p = layout.pools.index(name)
        token = world.tokens[layout.lp_token(p)]
        token.kind = LP_TOKEN
        token.asset = -1
        token.issuer = layout.first[2] + p
        token.venue_row = p
        token.decimals = 18
    for k, name in enumerate(layout.positions):
        pool = next(cohort.pool for cohort in scenario.cohorts if cohort.name == name)
        token = world.tokens[layout.position_token(k)]
        token.kind = POSITION_TOKEN
        token.asset = -1
        token.issuer = layout.first[2] + layout.pools.index(str(pool))
        token.venue_row = k
        token.decimals = 18
    for r, reserve in enumerate(scenario.reserves):
        underlying = layout.assets.index(reserve.asset)
        for number, kind in (
            (layout.receipt_token(r), RECEIPT_TOKEN),
            (layout.debt_token(r), DEBT_TOKEN),
        ):
            token = world.tokens[number]
            token.kind = kind
            token.asset = underlying
            token.issuer = layout.first[3] + layout.markets.index(reserve.market)
            token.venue_row = r
            token.decimals = scenario.assets[underlying].decimals


def fill_chains(world: World, scenario: Scenario, layout: Layout) -> None:
    """Fee market and block space."""
    for k, chain in enumerate(scenario.chains):
        row = world.chains.table[k]
        row.builder = layout.first[1] + k
        row.native_token = row.native_asset = layout.assets.index(chain.native_asset)
        row.fee_market = EIP1559 if chain.fee_market == "eip1559" else FIRST_PRICE
        row.has_gas = scenario.channels.gas
        row.gas_limit = chain.gas_limit
        row.gas_target = chain.gas_target or chain.gas_limit  # has a say under EIP-1559 only
        row.base_fee_gwei = row.reference_fee_gwei = row.paid_base_fee_gwei = chain.base_fee_gwei
        row.demand_elasticity = chain.demand_elasticity
        row.demand_noise = chain.demand_noise
        row.demand_multiple = 1.0
        row.demand_stream = stream(f"chain.{chain.name}")


def fill_exchanges(
    world: World, scenario: Scenario, layout: Layout, has_impact: np.ndarray
) -> None:
    """The outside exchange, a row an asset, at its price of birth."""
    for a, asset in enumerate(scenario.assets):
        row = world.venues.exchanges[a]
        row.token = a
        row.account = layout.first[0]
        row.has_impact = has_impact[a] and scenario.channels.outside_impact
        row.fundamental_price_usd = row.market_price_usd = world.clock.fundamental_price_usd[0, a]
        row.volatility_per_year = asset.volatility_per_year
        row.depth_usd = asset.depth_usd or 1.0  # of the cash, which has no impact
        row.depth_multiple = 1.0
        row.permanent_fraction = asset.permanent_fraction
        row.half_life_seconds = asset.half_life_seconds


def fill_feeds(world: World, scenario: Scenario, layout: Layout, seed: int) -> None:
    """Oracles at the market price, with heartbeats in random phase."""
    for k, feed in enumerate(scenario.feeds):
        row = world.venues.feeds[k]
        row.asset = layout.assets.index(feed.asset)
        row.mode = FEED_MODES[feed.mode]
        row.operator = layout.first[4] + k
        row.price_usd = world.venues.exchanges[row.asset].market_price_usd
        if feed.fixed_price_usd is not None:
            row.price_usd = feed.fixed_price_usd
        if feed.base_feed is not None:
            row.base_feed = layout.feeds.index(feed.base_feed)
        row.waiting_until_seconds = -math.inf
        row.observed_slot = -1.0
        phase = generator(seed, f"feed.{feed.name}.phase").random()
        row.updated_seconds = world.clock.now[0].seconds - phase * feed.heartbeat_seconds
        row.deviation_fraction = feed.deviation_fraction
        row.heartbeat_seconds = feed.heartbeat_seconds
        row.delay_seconds = feed.delay_seconds
        if feed.mode == "delayed":
            row.waiting_price_usd = row.price_usd
            row.waiting_observed_slot = -1.0
            now = world.clock.now[0].seconds
            row.updated_seconds = math.floor(now / feed.delay_seconds) * feed.delay_seconds
        row.tip_gwei = feed.tip_gwei
        row.max_fee_multiple = feed.max_fee_multiple
        row.patience_blocks = feed.patience_blocks


def fill_pools(world: World, scenario: Scenario, layout: Layout) -> None:
    """Pools without liquidity; it comes with their providers."""
    for p, pool in enumerate(scenario.pools):
        row = world.venues.pools[p]
        row.account = layout.first[2] + p
        row.asset0, row.asset1 = (layout.assets.index(side) for side in pool.tokens[:2])
        row.token0, row.token1 = row.asset0, row.asset1
        row.kind = POOL_KINDS[pool.kind]
        row.lp_token = layout.lp_token(p) if pool.name in layout.shared else -1
        row.fee_fraction = pool.fee_fraction
        row.protocol_fee_fraction = pool.protocol_fee_fraction
        row.updated_seconds = world.clock.now[0].seconds
    concentrated.fill(world, scenario, layout)


def fill_wealth(world: World) -> None:
    """What the inside holds at birth."""
    for a, exchange in enumerate(world.venues.exchanges):
        world.log.wealth[a].last_price_usd = exchange.fundamental_price_usd
        if world.tokens[exchange.token].kind != UNDERLYING:
            continue  # a claim on what the inside holds is no wealth of its own
        world.log.wealth[a].inside = math.fsum(
            amount
            for group in np.flatnonzero(world.log.is_inside)
            for amount in column(world.ledger, exchange.token, group)
        ) - math.fsum(r.issued for r in world.venues.reserves if r.token == exchange.token)

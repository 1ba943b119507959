"""Scenario tables become rows of the world's tables: the same numbers under the engine's names."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from agents.parameters import Distribution
from agents.strategies import STRATEGIES
from scenarios import concentrated
from scenarios.layout import (
    KIND_OF_ROLE,
    Layout,
    borrowed_asset,
    collateral_and_debt,
    settlement_seconds,
)
from scenarios.lending import fill_borrower
from scenarios.population import mixed_latency_seconds
from scenarios.streams import generator, stream
from sim import purposes
from sim.fields import BIRTH, BUSY, DUTY, MAX_FIELDS, N_COMMON, NAV_USD, RETRIES_AT
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
    from scenarios.schema.cohorts import Cohort

PURPOSE_OF_ROLE = {
    "vault": purposes.REBALANCE,
    "keeper": purposes.INVENTORY,
    "trader": purposes.ARBITRAGE,
    "depositor": purposes.LIQUIDITY,
}
PURPOSES = {"noise_trader": purposes.NOISE}
POOL_KINDS = {
    "constant_product": CONSTANT_PRODUCT,
    "concentrated": CONCENTRATED,
    "stable_swap": STABLE_SWAP,
    "weighted": WEIGHTED,
    "bands": BAND_POOL,
}
FEED_MODES = {"push": PUSH, "delayed": DELAYED, "fixed": FIXED, "rate": RATE, "fair": FAIR}
PRIOR_DUTY = {"repair": purposes.REPAIR, "performance": purposes.LEVERAGE_UP}

VAULT_COLUMNS = (NAV_USD, BIRTH, BUSY)
OTHER_COLUMNS = tuple(k for k in range(N_COMMON) if k not in (DUTY, RETRIES_AT))


@dataclasses.dataclass(frozen=True)
class ColumnPlan:
    """Where the columns of each cohort start, and how long they are."""

    n_numbers: int
    start: np.ndarray  # (n_cohorts, MAX_FIELDS) int64
    length: np.ndarray  # (n_cohorts, MAX_FIELDS) int64


def is_per_row(cohort: Cohort) -> list[bool]:
    """For each column of a cohort beyond the common ones: one number a row, or one for all?"""
    strategy = STRATEGIES[cohort.strategy]
    kinds = [isinstance(law, Distribution) for law in cohort.parameters.values()]
    return kinds + list(strategy.memory.values())


def plan_columns(scenario: Scenario, layout: Layout) -> ColumnPlan:
    """Lay the columns of all cohorts one behind the other."""
    start = np.zeros((len(layout.cohorts), MAX_FIELDS), np.int64)
    length = np.ones((len(layout.cohorts), MAX_FIELDS), np.int64)
    place = 1  # number 0 is nobody's: unused columns point at it
    for c, cohort in enumerate(scenario.cohorts):
        common = VAULT_COLUMNS if cohort.role == "vault" else OTHER_COLUMNS
        if cohort.market is not None and cohort.role == "vault":
            common = (*common, DUTY)
        if cohort.role == "vault" and cohort.attention_fraction < 1.0:
            common = (*common, RETRIES_AT)
        sizes = dict.fromkeys(common, cohort.n_rows)
        for k, per_row in enumerate(is_per_row(cohort)):
            sizes[N_COMMON + k] = cohort.n_rows if per_row else 1
        for k, size in sizes.items():
            start[c, k] = place
            length[c, k] = size
            place += size
    return ColumnPlan(place, start, length)


def slots(seconds: float, scenario: Scenario) -> int:
    """Seconds as whole slots, rounded up."""
    return math.ceil(seconds / scenario.time.slot_seconds - 1e-9)


def ring_length(scenario: Scenario) -> int:
    """Rows of the observation ring: the longest latency and the present."""
    mixed = mixed_latency_seconds(scenario).values()
    return 1 + max((slots(latency, scenario) for latency in mixed), default=0)


def n_seen(layout: Layout) -> int:
    """Numbers in one row of the ring."""
    return (
        2 * len(layout.assets) + 3 * len(layout.feeds) + 3 * len(layout.pools) + len(layout.chains)
    )


def n_levered_rows(scenario: Scenario) -> int:
    """Rows that can become at risk."""
    return sum(c.n_rows for c in scenario.cohorts if c.role == "vault" and c.market is not None)


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


def fill_cohorts(world: World, scenario: Scenario, layout: Layout) -> None:
    """How each cohort decides, and where its accounts and routes are."""
    latency = mixed_latency_seconds(scenario)
    cash = world.clock.now[0].cash_asset
    for c, cohort in enumerate(scenario.cohorts):
        strategy = STRATEGIES[cohort.strategy]
        group = layout.cohort_group[c]
        row = world.cohorts.table[c]
        world.cohorts.of_group[group] = c
        row.index = c
        row.role = KIND_OF_ROLE[strategy.role]
        row.strategy = strategy.code
        row.prior_duty = PRIOR_DUTY[cohort.prior_duty]
        row.purpose = PURPOSES.get(cohort.strategy, PURPOSE_OF_ROLE[strategy.role])
        row.is_python = int(strategy.rule is not None)
        row.group = group
        row.first_account = layout.first[group]
        row.n_rows = cohort.n_rows
        row.asset = row.token = cash if cohort.asset is None else layout.assets.index(cohort.asset)
        row.cash_token = row.cash_asset = cash
        row.native_token = world.chains.table[0].native_token
        row.native_is_token = int(row.native_token == row.token)
        row.market = -1 if cohort.market is None else layout.markets.index(cohort.market)
        row.collateral_reserve, row.debt_reserve = collateral_and_debt(scenario, cohort)
        fill_borrower(world, scenario, layout, c, cohort)
        row.share_token = -1
        if cohort.strategy == "liquidity_provider":
            pool = layout.pools.index(str(cohort.pool))
            row.share_token = layout.share_token(cohort.name, pool)
        route = [layout.pools.index(pool) for pool in route_of(scenario, cohort)]
        row.n_pools = len(route)
        world.cohorts.route[c, : len(route)] = route
        row.latency_slots = slots(latency[cohort.name], scenario)
        row.interval_slots = slots(cohort.decision_interval_seconds, scenario)
        row.phase_fraction = 1.0 - scenario.homogeneity.timing_fraction
        row.patience_blocks = cohort.patience_blocks
        row.settlement_slots = slots(settlement_seconds(cohort), scenario)
        if cohort.role == "keeper" and not scenario.channels.keeper_friction:
            row.latency_slots = row.settlement_slots = 0
        row.share_vault = -1
        if cohort.share_vault is not None:
            names = [vault.name for vault in scenario.share_vaults]
            row.share_vault = names.index(cohort.share_vault)
        row.redemption = -1
        if cohort.redemption is not None:
            row.redemption = layout.redemptions.index(cohort.redemption)
        row.first_custody = -1
        if layout.custody_group[c] >= 0:
            row.first_custody = layout.first[layout.custody_group[c]]
        row.stream = stream(f"cohort.{cohort.name}.decisions")
        row.positions_per_row = cohort.positions_per_row
        row.attention_fraction = cohort.attention_fraction
        row.max_slippage_fraction = cohort.max_slippage_fraction
        row.max_fee_multiple = cohort.max_fee_multiple
        row.tip_gwei = cohort.tip_gwei
        row.min_trade_usd = cohort.min_trade_usd
        row.alive_fraction = row.stay_fraction = 1.0


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


def route_of(scenario: Scenario, cohort: Cohort) -> tuple[str, ...]:
    """Pools a cohort trades on: those it names, or all that trade what it holds against what it pays with.

    Bands are left out: only an arbitrageur trades with them, and the schema has named them for him.
    """
    if cohort.strategy == "liquidity_provider":
        return (str(cohort.pool),)
    if cohort.pools:
        return cohort.pools
    of_many = [pool for pool in scenario.pools if pool.kind != "bands"]
    if cohort.role in ("keeper", "trader"):
        return tuple(pool.name for pool in of_many)
    pair = {cohort.asset, borrowed_asset(scenario, cohort)}
    return tuple(pool.name for pool in of_many if pair <= set(pool.tokens))

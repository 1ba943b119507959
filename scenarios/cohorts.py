"""Cohorts become rows: how each decides, and where its accounts, columns and routes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.strategies import STRATEGIES
from scenarios.columns import slots
from scenarios.layout import (
    KIND_OF_ROLE,
    Layout,
    borrowed_asset,
    collateral_and_debt,
    settlement_seconds,
)
from scenarios.lending import fill_borrower
from scenarios.population import mixed_latency_seconds
from scenarios.streams import stream
from sim import purposes
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
PRIOR_DUTY = {"repair": purposes.REPAIR, "performance": purposes.LEVERAGE_UP}


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
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

"""Record: append this block's rows to the log. The recorder never feeds back into the model."""

from __future__ import annotations

from sim.block.mark_shares import uncovered
from sim.block.record_vaults import record_vaults
from sim.columns import BLOCK_COLUMNS, PRICE_COLUMNS
from sim.compile import kernel
from sim.formulas.depositors import first_mover_gain
from sim.formulas.vault_shares import assets_for
from sim.tables import BANDS
from sim.venues.any_pool import in_pool, n_coins
from sim.venues.lending import (
    borrow_index_now,
    left_to_treasury,
    liquidity_index_now,
    residual,
)
from sim.venues.redemptions import pays_now, rate, wait_seconds
from sim.world import N_RISK_BINS

N_BLOCK = len(BLOCK_COLUMNS)
N_PRICE = len(PRICE_COLUMNS)


@kernel
def _risk_quantile(bins, c, share):
    """Where a share of the levered rows lies below, read off the bins (resolution 0.02)."""
    total = 0
    for k in range(N_RISK_BINS):
        total += bins[c, k]
    if total == 0:
        return 0.0
    below = 0
    for k in range(N_RISK_BINS):
        inside = bins[c, k]
        if below + inside >= share * total and inside > 0:
            return (k + (share * total - below) / inside) * 0.02
        below += inside
    return 1.28


@kernel
def _record_cohorts(world, n):
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        row = world.log.cohorts[n, c]
        row[0] = cohort.nav_usd
        row[1] = cohort.nav_protocol_usd
        row[2] = cohort.debt_usd
        row[3] = cohort.collateral_usd
        row[4] = cohort.volume_usd
        row[5] = cohort.debt_repaid_usd
        row[6] = cohort.deficit_usd
        row[7] = cohort.min_health
        row[8] = cohort.triggers
        row[9] = cohort.submitted
        row[10] = cohort.executed
        row[11] = cohort.reverted
        row[12] = cohort.expired
        row[13] = cohort.liquidated
        row[14] = cohort.at_risk
        row[15] = cohort.bids
        row[16] = cohort.wins
        row[17] = cohort.losses
        row[18] = cohort.no_profit
        row[19] = cohort.no_cash
        row[20] = cohort.alive_fraction
        row[21] = _risk_quantile(world.cohorts.risk_bins, c, 0.05)
        row[22] = _risk_quantile(world.cohorts.risk_bins, c, 0.5)
        row[23] = _risk_quantile(world.cohorts.risk_bins, c, 0.95)
        row[24] = cohort.no_gas_money


@kernel
def _record_venues(world, n):
    seconds = world.clock.now[0].seconds
    for p in range(world.venues.pools.shape[0]):
        pool = world.venues.pools[p]
        for k in range(n_coins(world.venues, p)):
            world.log.pools[n, p, k if k < 2 else k + 1] = in_pool(world.venues, p, k)
        world.log.pools[n, p, 2] = pool.lp_supply
    for r in range(world.venues.reserves.shape[0]):
        reserve = world.venues.reserves[r]
        liquidity_index = liquidity_index_now(reserve, seconds)
        row = world.log.reserves[n, r]
        row[0] = reserve.scaled_supply * liquidity_index
        row[1] = reserve.scaled_debt * borrow_index_now(reserve, seconds)
        row[2] = reserve.cash
        row[3] = reserve.deficit
        if (
            reserve.kind == BANDS
        ):  # nobody ends such a loan: what it does not cover stays with the market
            row[3] = uncovered(world, r)
        row[4] = reserve.treasury_scaled * liquidity_index
        row[5] = residual(reserve, seconds)
        left = left_to_treasury(reserve, seconds)
        row[6] = left * world.venues.exchanges[reserve.asset].market_price_usd
        row[7] = left * world.venues.feeds[reserve.feed].price_usd
        row[8] = reserve.supply_rate_per_year
        row[9] = reserve.borrow_rate_per_year
    for m in range(world.venues.redemptions.shape[0]):
        module = world.venues.redemptions[m]
        row = world.log.redemptions[n, m]
        row[0] = module.reserve
        row[1] = module.issued
        row[2] = module.fees
        row[3] = pays_now(world.venues, m, seconds)
        row[4] = rate(world.venues, m)
        row[5] = wait_seconds(world.venues, m, seconds)


@kernel
def _record_share_vaults(world, n):
    for v in range(world.venues.share_vaults.shape[0]):
        vault = world.venues.share_vaults[v]
        share_price = assets_for(1.0, vault.total_assets, vault.supply)
        asset_usd = world.venues.exchanges[vault.asset].market_price_usd
        row = world.log.share_vaults[n, v]
        row[0] = share_price
        row[1] = vault.total_assets
        row[2] = vault.idle
        row[3] = min(vault.liquid, vault.total_assets)
        row[4] = vault.deposited
        row[5] = vault.withdrawn
        row[6] = vault.socialised_loss
        row[7] = vault.unbooked_loss
        row[8] = vault.deficit_behind
        row[9] = first_mover_gain(vault.total_assets, vault.unbooked_loss + vault.deficit_behind)
        row[10] = vault.rumour
        row[11] = vault.yield_per_year
        row[12] = vault.n_tickets
        row[13] = vault.waiting_shares
        row[14] = vault.waiting_shares * share_price * asset_usd


@kernel
def record(world):
    """One row of every table that has a row a slot; the burn-in is not recorded."""
    now = world.clock.now[0]
    chain = world.chains.table[0]
    if now.slot >= now.first_recorded_slot:
        n = world.log.n[0]
        row = world.log.blocks[n]
        row[0] = now.slot - now.first_recorded_slot
        row[1] = now.seconds
        row[2] = chain.paid_base_fee_gwei
        row[3] = chain.demand_multiple
        row[4] = chain.gas_used
        row[5] = chain.background_gas
        row[6] = chain.submitted
        row[7] = chain.executed
        row[8] = chain.reverted
        row[9] = chain.expired
        row[10] = chain.waiting
        row[11] = chain.refused
        row[12] = chain.fees_burned
        row[13] = chain.tips_paid
        k = N_BLOCK
        for asset in range(world.venues.exchanges.shape[0]):
            exchange = world.venues.exchanges[asset]
            row[k] = exchange.fundamental_price_usd
            row[k + 1] = exchange.market_price_usd
            row[k + 2] = exchange.permanent_impact
            row[k + 3] = exchange.transient_impact
            row[k + 4] = exchange.depth_multiple
            k += N_PRICE
        for feed in range(world.venues.feeds.shape[0]):
            row[k] = world.venues.feeds[feed].price_usd
            k += 1
        _record_cohorts(world, n)
        _record_venues(world, n)
        _record_share_vaults(world, n)
        if now.records_vault_events == 1:
            record_vaults(world)
        world.log.n[0] = n + 1
    world.log.n[4] = 0
    chain.submitted = 0
    chain.executed = 0
    chain.reverted = 0
    chain.expired = 0
    chain.refused = 0

"""Mark: what every vault is worth at the outside market price, and whose health has fallen below one."""

from __future__ import annotations

from sim import accounts
from sim.compile import kernel
from sim.fields import NAV_USD, field
from sim.ledger import column
from sim.venues.lending import borrow_index_now, liquidity_index_now
from sim.world import MAX_RISK, N_RISK_BINS


@kernel
def mark_unlevered(world, c):
    """NAV of vaults that hold tokens and owe nothing."""
    cohort = world.cohorts.table[c]
    exchanges = world.venues.exchanges
    price_usd = exchanges[cohort.asset].market_price_usd
    cash_price_usd = exchanges[world.clock.now[0].cash_asset].market_price_usd
    native_price_usd = exchanges[world.chains.table[0].native_asset].market_price_usd
    held = column(world.ledger, cohort.token, cohort.group)
    cash = column(world.ledger, cohort.cash_token, cohort.group)
    tank = column(world.ledger, cohort.native_token, cohort.group)
    if cohort.native_is_token == 1:
        native_price_usd = 0.0  # the gas tank is part of the risky holding
    nav_usd = field(world.cohorts, c, NAV_USD)
    total_usd = 0.0
    exposure_usd = 0.0
    for row in range(cohort.n_rows):
        risky_usd = held[row] * price_usd
        value_usd = risky_usd + cash[row] * cash_price_usd + tank[row] * native_price_usd
        nav_usd[row] = value_usd
        total_usd += value_usd
        exposure_usd += risky_usd
    cohort.nav_usd = total_usd
    cohort.collateral_usd = exposure_usd


@kernel
def mark_levered(world, c, n_at_risk):
    """NAV of vaults with a loan; health at the oracle price; returns how many are at risk so far."""
    cohort = world.cohorts.table[c]
    exchanges = world.venues.exchanges
    now = world.clock.now[0]
    collateral_reserve = world.venues.reserves[cohort.collateral_reserve]
    debt_reserve = world.venues.reserves[cohort.debt_reserve]
    price_usd = exchanges[cohort.asset].market_price_usd
    cash_price_usd = exchanges[now.cash_asset].market_price_usd
    native_price_usd = exchanges[world.chains.table[0].native_asset].market_price_usd
    if cohort.native_is_token == 1:
        native_price_usd = 0.0
    receipt_index = liquidity_index_now(collateral_reserve, now.seconds)
    debt_index = borrow_index_now(debt_reserve, now.seconds)
    weight_usd = (
        receipt_index
        * world.venues.feeds[collateral_reserve.feed].price_usd
        * collateral_reserve.threshold_fraction
    )
    owed_usd = debt_index * world.venues.feeds[debt_reserve.feed].price_usd
    held = column(world.ledger, cohort.token, cohort.group)
    cash = column(world.ledger, cohort.cash_token, cohort.group)
    tank = column(world.ledger, cohort.native_token, cohort.group)
    receipts = column(world.ledger, collateral_reserve.receipt_token, cohort.group)
    debts = column(world.ledger, debt_reserve.debt_token, cohort.group)
    nav_usd = field(world.cohorts, c, NAV_USD)
    bins = world.cohorts.risk_bins
    for k in range(N_RISK_BINS):
        bins[c, k] = 0
    total_usd = 0.0
    total_debt_usd = 0.0
    total_collateral_usd = 0.0
    worst = 0.0
    capacity = world.cohorts.at_risk.shape[0]
    first_at_risk = n_at_risk
    for row in range(cohort.n_rows):
        collateral_usd = receipts[row] * receipt_index * price_usd
        debt_usd = debts[row] * debt_index * cash_price_usd
        idle_usd = held[row] * price_usd + cash[row] * cash_price_usd + tank[row] * native_price_usd
        value_usd = collateral_usd + idle_usd - debt_usd
        nav_usd[row] = value_usd
        total_usd += value_usd
        total_debt_usd += debt_usd
        total_collateral_usd += collateral_usd
        owed = debts[row] * owed_usd
        if owed > 0.0:
            weighted = receipts[row] * weight_usd
            risk = owed / weighted if weighted > 0.0 else MAX_RISK
            worst = max(worst, risk)
            place = min(int(risk * (N_RISK_BINS / MAX_RISK)), N_RISK_BINS - 1)
            bins[c, place] += 1
            if risk > 1.0 and weighted > 0.0 and n_at_risk < capacity:
                world.cohorts.at_risk[n_at_risk] = cohort.first_account + row
                n_at_risk += 1
    cohort.nav_usd = total_usd
    cohort.debt_usd = total_debt_usd
    cohort.collateral_usd = total_collateral_usd
    cohort.min_health = 1.0 / worst if worst > 0.0 else 0.0
    cohort.at_risk = n_at_risk - first_at_risk
    return n_at_risk


@kernel
def mark(world):
    """Mark every vault cohort; the end of the at-risk list is marked by -1."""
    n_at_risk = 0
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        if cohort.role == accounts.VAULT:
            if cohort.market >= 0:
                n_at_risk = mark_levered(world, c, n_at_risk)
            else:
                mark_unlevered(world, c)
    if n_at_risk < world.cohorts.at_risk.shape[0]:
        world.cohorts.at_risk[n_at_risk] = -1

"""Mark: what everybody is worth, and whose health has fallen below one.

Two marks in one pass: at the outside market price, on which losses are reported, and at the price that
protocols believe. Wealth is linear in tokens, so a cohort's holdings are added up once and valued twice.
The third mark, what a holder would get who left now, is worked out between blocks (scenarios/exits.py).
"""

from __future__ import annotations

from sim import accounts
from sim.block.mark_bands import mark_banded
from sim.block.mark_shares import mark_shares
from sim.block.value import value
from sim.compile import kernel
from sim.fields import NAV_USD, field
from sim.ledger import column
from sim.tables import BANDS
from sim.venues.lending import borrow_index_now, liquidity_index_now
from sim.world import MAX_RISK, N_RISK_BINS


@kernel
def mark_unlevered(world, c):
    """NAV of vaults that hold tokens and owe nothing."""
    cohort = world.cohorts.table[c]
    risky_token = world.tokens[cohort.token]
    cash_token = world.tokens[cohort.cash_token]
    native_token = world.tokens[cohort.native_token]
    price_usd = risky_token.value_usd
    cash_price_usd = cash_token.value_usd
    # Where the gas tank is part of the risky holding it counts once.
    apart = 0.0 if cohort.native_is_token == 1 else 1.0
    native_price_usd = apart * native_token.value_usd
    held = column(world.ledger, cohort.token, cohort.group)
    cash = column(world.ledger, cohort.cash_token, cohort.group)
    tank = column(world.ledger, cohort.native_token, cohort.group)
    nav_usd = field(world.cohorts, c, NAV_USD)
    all_held = 0.0
    all_cash = 0.0
    all_tank = 0.0
    for row in range(cohort.n_rows):
        nav_usd[row] = (
            held[row] * price_usd + cash[row] * cash_price_usd + tank[row] * native_price_usd
        )
        all_held += held[row]
        all_cash += cash[row]
        all_tank += tank[row]
    all_tank = apart * all_tank
    cohort.nav_usd = (
        all_held * price_usd + all_cash * cash_price_usd + all_tank * native_token.value_usd
    )
    cohort.nav_protocol_usd = (
        all_held * risky_token.protocol_value_usd
        + all_cash * cash_token.protocol_value_usd
        + all_tank * native_token.protocol_value_usd
    )
    cohort.collateral_usd = all_held * price_usd


@kernel
def mark_levered(world, c, n_at_risk):
    """NAV of vaults with a loan; health at the oracle price; returns how many are at risk so far."""
    cohort = world.cohorts.table[c]
    now = world.clock.now[0]
    collateral_reserve = world.venues.reserves[cohort.collateral_reserve]
    debt_reserve = world.venues.reserves[cohort.debt_reserve]
    risky_token = world.tokens[cohort.token]
    cash_token = world.tokens[cohort.cash_token]
    native_token = world.tokens[cohort.native_token]
    receipt_token = world.tokens[collateral_reserve.receipt_token]
    debt_token = world.tokens[debt_reserve.debt_token]
    apart = 0.0 if cohort.native_is_token == 1 else 1.0
    price_usd = risky_token.value_usd
    cash_price_usd = cash_token.value_usd
    native_price_usd = apart * native_token.value_usd
    receipt_usd = receipt_token.value_usd
    debt_usd = debt_token.value_usd  # negative: it counts against the holder
    # A lender judges health by the whole claim, whatever stands behind it.
    receipt_index = liquidity_index_now(collateral_reserve, now.seconds)
    debt_index = borrow_index_now(debt_reserve, now.seconds)
    weight_usd = (
        receipt_index
        * world.venues.feeds[collateral_reserve.feed].price_usd
        * cohort.threshold_fraction
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
    all_held = 0.0
    all_cash = 0.0
    all_tank = 0.0
    all_receipts = 0.0
    all_debts = 0.0
    uncovered_usd = 0.0
    worst = 0.0
    capacity = world.cohorts.at_risk.shape[0]
    first_at_risk = n_at_risk
    for row in range(cohort.n_rows):
        idle_usd = held[row] * price_usd + cash[row] * cash_price_usd + tank[row] * native_price_usd
        nav_usd[row] = receipts[row] * receipt_usd + idle_usd + debts[row] * debt_usd
        all_held += held[row]
        all_cash += cash[row]
        all_tank += tank[row]
        all_receipts += receipts[row]
        all_debts += debts[row]
        uncovered_usd -= min(receipts[row] * receipt_usd + debts[row] * debt_usd, 0.0)
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
    all_tank = apart * all_tank
    cohort.nav_usd = (
        all_receipts * receipt_usd
        + all_held * price_usd
        + all_cash * cash_price_usd
        + all_tank * native_token.value_usd
        + all_debts * debt_usd
    )
    cohort.nav_protocol_usd = (
        all_receipts * receipt_token.protocol_value_usd
        + all_held * risky_token.protocol_value_usd
        + all_cash * cash_token.protocol_value_usd
        + all_tank * native_token.protocol_value_usd
        + all_debts * debt_token.protocol_value_usd
    )
    cohort.debt_usd = -all_debts * debt_usd
    cohort.uncovered_usd = uncovered_usd
    cohort.collateral_usd = all_receipts * receipt_index * price_usd
    cohort.min_health = 1.0 / worst if worst > 0.0 else 0.0
    cohort.at_risk = n_at_risk - first_at_risk
    return n_at_risk


@kernel
def mark_others(world, c):
    """NAV of depositors, keepers and traders: all they hold, with what waits in custody."""
    cohort = world.cohorts.table[c]
    ledger = world.ledger
    market_usd = 0.0
    protocol_usd = 0.0
    for number in range(world.tokens.shape[0]):
        total = 0.0
        held = column(ledger, number, cohort.group)
        for row in range(held.shape[0]):
            total += held[row]
        if cohort.first_custody >= 0:
            waiting = column(ledger, number, ledger.group[cohort.first_custody])
            for row in range(waiting.shape[0]):
                total += waiting[row]
        market_usd += total * world.tokens[number].value_usd
        protocol_usd += total * world.tokens[number].protocol_value_usd
    cohort.nav_usd = market_usd
    cohort.nav_protocol_usd = protocol_usd


@kernel
def mark(world):
    """Value the tokens, mark every cohort; the end of the at-risk list is marked by -1."""
    value(world)
    n_at_risk = 0
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        if cohort.role != accounts.VAULT:
            mark_others(world, c)
        elif cohort.market >= 0 and world.venues.markets[cohort.market].kind == BANDS:
            n_at_risk = mark_banded(world, c, n_at_risk)
        elif cohort.market >= 0:
            n_at_risk = mark_levered(world, c, n_at_risk)
        else:
            mark_unlevered(world, c)
    if n_at_risk < world.cohorts.at_risk.shape[0]:
        world.cohorts.at_risk[n_at_risk] = -1
    if world.venues.share_vaults.shape[0] > 0:
        mark_shares(world)

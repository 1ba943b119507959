"""A vault's row after each transaction of its own and each liquidation, as of the end of the block.

Bounded by the table of events: at most one row an event, written only for what was executed.
"""

from __future__ import annotations

import math

from sim import accounts
from sim.compile import boundary, kernel
from sim.fields import BIRTH, field
from sim.ledger import ask_for, ask_whose, balance
from sim.status import OK
from sim.tables import BANDS
from sim.transaction import LIQUIDATE
from sim.venues.band_standing import standing
from sim.venues.lending import borrow_index_now, liquidity_index_now

FETCHED_AT_ONCE = 16


@kernel
def _vault_of(world, event):
    """The account of the vault that an event happened to, or -1."""
    if event.status != OK:
        return -1
    account = event.counterparty if event.kind == LIQUIDATE else event.account
    c = world.cohorts.of_group[world.ledger.group[account]]
    if c < 0 or world.cohorts.table[c].role != accounts.VAULT:
        return -1
    return account


@kernel
def _write(world, row, block, account):
    c = world.cohorts.of_group[world.ledger.group[account]]
    cohort = world.cohorts.table[c]
    now = world.clock.now[0]
    venues = world.venues
    market_usd = 0.0
    protocol_usd = 0.0
    for number in range(world.tokens.shape[0]):
        held = balance(world.ledger, number, account)
        market_usd += held * world.tokens[number].value_usd
        protocol_usd += held * world.tokens[number].protocol_value_usd
    risky = balance(world.ledger, cohort.token, account)
    debt = 0.0
    sold = 0.0  # coin in its bands
    health = math.nan
    if cohort.market >= 0 and venues.markets[cohort.market].kind == BANDS:
        coin, collateral, debt, risk = standing(
            world.ledger, venues, cohort.market, account, now.seconds
        )
        cash = world.tokens[cohort.cash_token]
        risky_token = world.tokens[cohort.token]
        market_usd += coin * cash.value_usd + collateral * risky_token.value_usd
        protocol_usd += coin * cash.protocol_value_usd
        protocol_usd += collateral * risky_token.protocol_value_usd
        risky += collateral
        sold = coin
        if risk > 0.0:
            health = 1.0 / risk
    elif cohort.market >= 0:
        collateral_reserve = venues.reserves[cohort.collateral_reserve]
        debt_reserve = venues.reserves[cohort.debt_reserve]
        receipts = balance(world.ledger, collateral_reserve.receipt_token, account)
        collateral = receipts * liquidity_index_now(collateral_reserve, now.seconds)
        debts = balance(world.ledger, debt_reserve.debt_token, account)
        debt = debts * borrow_index_now(debt_reserve, now.seconds)
        weighted_usd = collateral * cohort.threshold_fraction
        weighted_usd = weighted_usd * venues.feeds[collateral_reserve.feed].price_usd
        owed_usd = debt * venues.feeds[debt_reserve.feed].price_usd
        if owed_usd > 0.0:
            health = weighted_usd / owed_usd
        risky += collateral
    row[0] = block
    row[1] = account
    row[2] = market_usd
    row[3] = protocol_usd
    row[4] = risky * world.tokens[cohort.token].value_usd
    row[4] += sold * world.tokens[cohort.cash_token].value_usd
    row[5] = debt * world.tokens[cohort.cash_token].value_usd
    row[6] = health
    row[7] = risky
    row[8] = balance(world.ledger, cohort.cash_token, account) + sold
    row[9] = field(world.cohorts, c, BIRTH)[account - cohort.first_account]


@kernel
def _fetch(world, first, stop):
    """Ask for what the vaults of some events hold; they stand all over the memory."""
    for n in range(first, stop):
        event = world.log.events[n]
        ask_whose(world.ledger, event.account)
        if event.cohort >= 0:
            group = world.cohorts.table[event.cohort].group
            for number in range(world.tokens.shape[0]):
                ask_for(world.ledger, number, group, event.account)


@boundary(None)
def record_vaults(world):
    """One row for each vault that something happened to in this block; legs of one transaction count once."""
    log = world.log
    now = world.clock.now[0]
    last = -1
    first = log.n[1] - log.n[4]
    for n in range(first, log.n[1]):
        if (n - first) % FETCHED_AT_ONCE == 0:
            soon = min(n + FETCHED_AT_ONCE, log.n[1])
            _fetch(world, soon, min(soon + FETCHED_AT_ONCE, log.n[1]))
        account = _vault_of(world, log.events[n])
        if account >= 0 and account != last and log.n[5] < log.vaults.shape[0]:
            # The state after so many recorded blocks, as in a snapshot.
            _write(world, log.vaults[log.n[5]], now.slot - now.first_recorded_slot + 1, account)
            log.n[5] = log.n[5] + 1
            last = account

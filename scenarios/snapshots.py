"""Snapshots of single rows, taken between blocks: every vault, every keeper."""

from __future__ import annotations

import numpy as np

from scenarios.marks import marks_of
from sim import accounts
from sim.fields import BIDS_SENT, BIRTH, LOSSES, NO_CASH, NO_GAS_MONEY, NO_PROFIT, WINS, field
from sim.ledger import column
from sim.venues.lending import borrow_index_now, liquidity_index_now
from sim.world import World

COUNTED_SINCE_BIRTH = {
    "bids": BIDS_SENT,
    "wins": WINS,
    "losses": LOSSES,
    "no_profit": NO_PROFIT,
    "no_cash": NO_CASH,
    "no_gas_money": NO_GAS_MONEY,
}


def vault_rows(world: World, block: int) -> dict[str, np.ndarray]:
    """One row a vault; health is at the oracle price, null (NaN) without debt."""
    parts: list[dict[str, np.ndarray]] = []
    now = world.clock.now[0]
    exchanges = world.venues.exchanges
    cash_price = exchanges[now.cash_asset].market_price_usd
    for c, cohort in enumerate(world.cohorts.table):
        if cohort.role != accounts.VAULT:
            continue
        n = int(cohort.n_rows)
        marks = marks_of(world, c)
        price = exchanges[cohort.asset].market_price_usd
        held = column(world.ledger, cohort.token, cohort.group).copy()
        cash = column(world.ledger, cohort.cash_token, cohort.group).copy()
        collateral = np.zeros(n)
        debt = np.zeros(n)
        health = np.full(n, np.nan)
        if cohort.market >= 0:
            reserve = world.venues.reserves[cohort.collateral_reserve]
            owed = world.venues.reserves[cohort.debt_reserve]
            collateral = column(world.ledger, reserve.receipt_token, cohort.group) * (
                liquidity_index_now(reserve, now.seconds)
            )
            debt = column(world.ledger, owed.debt_token, cohort.group) * (
                borrow_index_now(owed, now.seconds)
            )
            weighted = collateral * reserve.threshold_fraction
            weighted = weighted * world.venues.feeds[reserve.feed].price_usd
            owed_usd = debt * world.venues.feeds[owed.feed].price_usd
            np.divide(weighted, owed_usd, out=health, where=owed_usd > 0.0)
        parts.append(
            {
                "block": np.full(n, block, np.int64),
                "account": np.arange(cohort.first_account, cohort.first_account + n),
                "cohort": np.full(n, c, np.int64),
                **marks._asdict(),
                "birth_nav_usd": field(world.cohorts, c, BIRTH).copy(),
                "collateral_usd": (held + collateral) * price,
                "debt_usd": debt * cash_price,
                "health": health,
                "risky_amount": held + collateral,
                "cash_amount": cash,
            }
        )
    return _stack(parts)


def keeper_rows(world: World, block: int) -> dict[str, np.ndarray]:
    """One row a keeper: cash that is free, inventory and custody that are not; bids, what
    became of them, and why others were not sent."""
    parts: list[dict[str, np.ndarray]] = []
    exchanges = world.venues.exchanges
    for c, cohort in enumerate(world.cohorts.table):
        if cohort.role != accounts.KEEPER:
            continue
        n = int(cohort.n_rows)
        free = np.zeros(n)
        locked = np.zeros(n)
        for exchange in exchanges:
            here = column(world.ledger, exchange.token, cohort.group) * exchange.market_price_usd
            if exchange.token == cohort.cash_token:
                free += here
            else:
                locked += here
            if cohort.first_custody >= 0:
                group = world.ledger.group[cohort.first_custody]
                waiting = column(world.ledger, exchange.token, group)
                locked += waiting * exchange.market_price_usd
        parts.append(
            {
                "block": np.full(n, block, np.int64),
                "account": np.arange(cohort.first_account, cohort.first_account + n),
                "cohort": np.full(n, c, np.int64),
                "capital_free_usd": free,
                "capital_locked_usd": locked,
                **{
                    name: field(world.cohorts, c, k).copy()
                    for name, k in COUNTED_SINCE_BIRTH.items()
                },
            }
        )
    return _stack(parts)


def _stack(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Columns of all cohorts one behind the other."""
    if not parts:
        return {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

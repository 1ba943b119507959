"""Snapshots of single rows, taken between blocks: every vault, and the marks of every cohort."""

from __future__ import annotations

import functools

import numpy as np

from scenarios.exits import in_bands
from scenarios.marks import Marks, mark_rows, marks_of_all
from scenarios.still import still
from sim import accounts
from sim.fields import BIRTH, field
from sim.ledger import column
from sim.tables import BANDS
from sim.venues.lending import borrow_index_now, liquidity_index_now
from sim.world import World


class Snapshot:
    """What can be said of single rows after ``block`` recorded blocks; valid until the next one."""

    def __init__(self, world: World, block: int) -> None:
        self.world, self.block = world, block

    @functools.cached_property
    def _still(self) -> World:
        return still(self.world)

    @functools.cached_property
    def _marks(self) -> list[Marks]:
        return marks_of_all(self._still)

    def vault_rows(self) -> dict[str, np.ndarray]:
        """One row a vault."""
        return _vault_rows(self._still, self.block, self._marks)

    def mark_rows(self) -> dict[str, np.ndarray]:
        """One row a cohort, then one a reserve for its treasury."""
        return mark_rows(self._still, self.block, self._marks)


def _vault_rows(world: World, block: int, marks: list[Marks]) -> dict[str, np.ndarray]:
    """Marks as they are; health is at the oracle price, null (NaN) without debt."""
    parts: list[dict[str, np.ndarray]] = []
    now = world.clock.now[0]
    exchanges = world.venues.exchanges
    for c, cohort in enumerate(world.cohorts.table):
        if cohort.role != accounts.VAULT:
            continue
        n = int(cohort.n_rows)
        price = exchanges[cohort.asset].market_price_usd
        cash_price = exchanges[cohort.cash_asset].market_price_usd
        held = column(world.ledger, cohort.token, cohort.group).copy()
        cash = column(world.ledger, cohort.cash_token, cohort.group).copy()
        collateral, sold = np.zeros(n), np.zeros(n)  # sold: coin in its bands
        debt = np.zeros(n)
        health = np.full(n, np.nan)
        if cohort.market >= 0 and world.venues.markets[cohort.market].kind == BANDS:
            sold, collateral, debt, risk = in_bands(world, c)
            np.divide(1.0, risk, out=health, where=risk > 0.0)
        elif cohort.market >= 0:
            reserve = world.venues.reserves[cohort.collateral_reserve]
            owed = world.venues.reserves[cohort.debt_reserve]
            collateral = column(world.ledger, reserve.receipt_token, cohort.group) * (
                liquidity_index_now(reserve, now.seconds)
            )
            debt = column(world.ledger, owed.debt_token, cohort.group) * (
                borrow_index_now(owed, now.seconds)
            )
            weighted = collateral * cohort.threshold_fraction
            weighted = weighted * world.venues.feeds[reserve.feed].price_usd
            owed_usd = debt * world.venues.feeds[owed.feed].price_usd
            np.divide(weighted, owed_usd, out=health, where=owed_usd > 0.0)
        parts.append(
            {
                "block": np.full(n, block, np.int64),
                "account": np.arange(cohort.first_account, cohort.first_account + n),
                "cohort": np.full(n, c, np.int64),
                **marks[c]._asdict(),
                "birth_nav_usd": field(world.cohorts, c, BIRTH).copy(),
                "collateral_usd": (held + collateral) * price + sold * cash_price,
                "debt_usd": debt * cash_price,
                "health": health,
                "risky_amount": held + collateral,
                "cash_amount": cash + sold,
            }
        )
    return _stack(parts)


def _stack(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Columns of all cohorts one behind the other."""
    if len(parts) < 2:
        return parts[0] if parts else {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

"""Snapshots of single rows, taken between blocks: every vault, and the marks of every cohort.

One that is taken for itself is worked out at once; those of a run are copied, and worked out many at a
time (``scenarios/moments.py``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from scenarios.exits import in_bands
from scenarios.marks import Marks, marks_of, sums_of, treasury_marks
from scenarios.moments import Differ, Moments, each
from sim import accounts
from sim.fields import BIRTH, field
from sim.ledger import column
from sim.tables import BANDS
from sim.venues.lending import borrow_index_now, liquidity_index_now
from sim.world import World

Rows = dict[str, np.ndarray]
TOGETHER = 100_000  # rows of vaults that are worked out at a time


class Both(NamedTuple):
    """Rows of vaults, cohort by cohort, and rows of marks."""

    vaults: list[Rows]
    marks: Rows


class Snapshot:
    """What can be said of single rows after ``block`` recorded blocks; valid until the next one."""

    def __init__(self, world: World, block: int) -> None:
        self._moments, self.block = Moments(world, 1), block
        self._moments.take()

    @functools.cached_property
    def _rows(self) -> Both:
        (rows,) = rows_of(self._moments, [self.block])
        return rows

    def vault_rows(self) -> Rows:
        """One row a vault."""
        return stacked(self._rows.vaults)

    def mark_rows(self) -> Rows:
        """One row a cohort, then one a reserve for its treasury."""
        return self._rows.marks


class Snapshots:
    """Snapshots that wait to be worked out."""

    def __init__(self, world: World) -> None:
        table = world.cohorts.table
        n_rows = int(table["n_rows"][table["role"] == accounts.VAULT].sum())
        self._moments = Moments(world, max(TOGETHER // max(n_rows, 1), 1))
        self._blocks: list[int] = []

    @property
    def is_full(self) -> bool:
        """Whether they have to be worked out before there is room for another."""
        return self._moments.n == self._moments.n_most

    def take(self, block: int) -> None:
        """The world as it stands after ``block`` recorded blocks."""
        self._moments.take()
        self._blocks.append(block)

    def work_out(self) -> list[Both]:
        """Rows of vaults and of marks of each, in the order in which they were taken; none is kept."""
        if not self._blocks:
            return []
        found = rows_of(self._moments, self._blocks)
        self._moments.n, self._blocks = 0, []
        return found


def rows_of(moments: Moments, blocks: list[int]) -> list[Both]:
    """Rows of vaults and of marks at each of the moments, which are those after so many blocks."""
    together = moments.all()

    def found(work: Callable[..., Rows], k: int) -> Rows:
        """What is found of a cohort or a reserve (n_moments, n_rows)."""
        try:
            return work(together, k, len(blocks))
        except Differ:
            parts = [work(moments.one(moment), k, 1) for moment in range(len(blocks))]
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    table = together.cohorts.table
    cohorts = [found(_of_cohort, c) for c in range(len(table))]
    reserves = range(len(together.venues.reserves))
    treasuries = [found(_of_treasury, r) for r in reserves]
    sums = [sums_of(marks) for marks in cohorts]
    sums += [{**sums_of(marks), "n_insolvent": np.zeros(len(blocks), int)} for marks in treasuries]
    of_marks = {name: np.array([one[name] for one in sums]) for name in sums[0]}
    vaults = [cohorts[c] for c, row in enumerate(table) if _is_vault(row)]
    numbers = {
        "cohort": np.array([*range(len(table)), *(-1 for _ in reserves)], np.int64),
        "reserve": np.array([*(-1 for _ in table), *reserves], np.int64),
    }
    rows: list[Both] = []
    for moment, block in enumerate(blocks):
        of_moment = [_at(columns, moment, block) for columns in vaults]
        marks = {"block": np.full(len(sums), block, np.int64)} | numbers
        marks |= {name: told[:, moment] for name, told in of_marks.items()}
        rows.append(Both(of_moment, marks))
    return rows


def _at(columns: Rows, moment: int, block: int) -> Rows:
    """The rows of one moment, with its block in front."""
    rows = {name: column[moment] for name, column in columns.items()}
    return {"block": np.full(len(rows["account"]), block, np.int64)} | rows


def _of_cohort(world: Any, c: int, n_moments: int) -> Rows:
    row = world.cohorts.table[c]
    marks = marks_of(world, c)
    columns = _of_vaults(world, c, marks) if _is_vault(row) else marks._asdict()
    shape = (n_moments, row.n_rows)
    return {name: np.broadcast_to(values, shape) for name, values in columns.items()}


def _of_treasury(world: Any, r: int, n_moments: int) -> Rows:
    marks = treasury_marks(world, r)._asdict()
    return {name: np.broadcast_to(value, (n_moments, 1)) for name, value in marks.items()}


def _is_vault(row: Any) -> bool:
    return bool(row.role == accounts.VAULT)


def _of_vaults(world: Any, c: int, marks: Marks) -> dict[str, Any]:
    """Marks as they are; health is at the oracle price, null (NaN) without debt."""
    cohort = world.cohorts.table[c]
    seconds = world.clock.now[0].seconds
    price_usd = world.venues.exchanges[cohort.asset].market_price_usd
    cash_price_usd = world.venues.exchanges[cohort.cash_asset].market_price_usd
    held = column(world.ledger, cohort.token, cohort.group)
    cash = column(world.ledger, cohort.cash_token, cohort.group)
    collateral: Any = 0.0
    sold: Any = 0.0  # coin in its bands
    debt: Any = 0.0
    health = np.full(held.shape, np.nan)
    if cohort.market >= 0 and world.venues.markets[cohort.market].kind == BANDS:
        sold, collateral, debt, risk = in_bands(world, c)
        np.divide(1.0, risk, out=health, where=risk > 0.0)
    elif cohort.market >= 0:
        reserve = world.venues.reserves[cohort.collateral_reserve]
        owed = world.venues.reserves[cohort.debt_reserve]
        collateral = column(world.ledger, reserve.receipt_token, cohort.group) * (
            each(liquidity_index_now, reserve, seconds)
        )
        debt = column(world.ledger, owed.debt_token, cohort.group) * (
            each(borrow_index_now, owed, seconds)
        )
        weighted = collateral * cohort.threshold_fraction
        weighted = weighted * world.venues.feeds[reserve.feed].price_usd
        owed_usd = debt * world.venues.feeds[owed.feed].price_usd
        np.divide(weighted, owed_usd, out=health, where=owed_usd > 0.0)
    return {
        "account": cohort.first_account + np.arange(cohort.n_rows),
        "cohort": c,
        **marks._asdict(),
        "birth_nav_usd": field(world.cohorts, c, BIRTH),
        "collateral_usd": (held + collateral) * price_usd + sold * cash_price_usd,
        "debt_usd": debt * cash_price_usd,
        "health": health,
        "risky_amount": held + collateral,
        "cash_amount": cash + sold,
    }


def stacked(parts: Sequence[Mapping[str, np.ndarray]]) -> Rows:
    """All parts that are not empty, one behind the other."""
    told = [part for part in parts if part]
    return {name: np.concatenate([part[name] for part in told]) for name in told[0]} if told else {}

"""Snapshots taken between blocks -> the tables ``vaults``, ``keepers`` and ``marks``.

A snapshot of block b is the state behind which b recorded blocks lie: the end of block b - 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.classes import CLASSES, holders
from analysis.columns import accounts, named, number
from scenarios.snapshots import stacked
from sim.columns import VAULT_COLUMNS as RECORDED_COLUMNS

VAULT_COLUMNS = (
    "block account cohort occasion nav_usd nav_protocol_usd nav_exit_usd exit_locked_usd birth_nav_usd "
    "collateral_usd debt_usd health risky_amount cash_amount"
).split()
KEEPER_COLUMNS = (
    "block account cohort capital_free_usd capital_locked_usd bids wins losses no_profit no_cash no_gas_money"
).split()
VAULT_OCCASIONS = ["snapshot", "event"]
OCCASIONS = ["start", "interval", "horizon", "worst", "end"]

if TYPE_CHECKING:
    import polars as pl

    from scenarios.keeper_rows import Look
    from scenarios.simulation import Simulation
    from scenarios.snapshots import Snapshot


Rows = Mapping[str, np.ndarray]


def vaults(sim: Simulation, now: Snapshot) -> pl.DataFrame:
    """Every vault now: its three marks, and its health at oracle prices (null without debt)."""
    return vault_table(sim, rows_of_vaults([now.vault_rows()]))


def marks(sim: Simulation, now: Snapshot, occasions: list[str]) -> pl.DataFrame:
    """The three marks of every cohort and every treasury now, once for each reason to ask."""
    return mark_table(sim, rows_of_marks(now.mark_rows(), occasions))


def keepers(sim: Simulation) -> pl.DataFrame:
    """Every keeper now: capital free and locked, and races won and lost since birth."""
    return keeper_table(sim, [sim.keepers.look(sim.block)])


def rows_of_vaults(parts: Sequence[Rows]) -> list[Rows]:
    """Rows of a snapshot."""
    return [{**rows, "occasion": np.zeros(len(rows["block"]))} for rows in parts if rows]


def rows_at_events(sim: Simulation, recorded: np.ndarray) -> Rows:
    """Vaults that traded or were liquidated, as of the end of that block; their exit value is not known."""
    rows = dict(zip(RECORDED_COLUMNS, _once_a_block(recorded).T, strict=True))
    account = rows["account"].astype(np.int64)
    of_group = sim.world.cohorts.of_group[sim.world.ledger.group[account]]
    unknown = np.full(len(account), np.nan)
    told = {"cohort": of_group, "nav_exit_usd": unknown, "exit_locked_usd": unknown}
    return {**rows, **told, "occasion": np.ones(len(account))}


def rows_of_marks(rows: Rows, occasions: list[str]) -> list[Rows]:
    """Marks of a snapshot, once for each occasion."""
    codes = (np.full(len(rows["block"]), OCCASIONS.index(occasion)) for occasion in occasions)
    return [{**rows, "occasion": code} for code in codes]


def vault_table(sim: Simulation, parts: Sequence[Rows]) -> pl.DataFrame:
    """Rows of snapshots and of events, in the order of ``parts``."""
    return _table(sim, stacked(parts), VAULT_COLUMNS)


def _once_a_block(recorded: np.ndarray) -> np.ndarray:
    """Two keepers may have come for one vault in one block: the state at its end is the same.

    Column after column in memory, as a table wants it; of what was recorded between two drains, which
    never fall into a block.
    """
    import polars as pl

    block, account = (recorded[:, RECORDED_COLUMNS.index(name)] for name in ("block", "account"))
    key = block.astype(np.int64) * (1 + int(account.max(initial=0.0))) + account.astype(np.int64)
    in_order = np.sort(key)
    if (in_order[1:] == in_order[:-1]).any():
        recorded = recorded[pl.Series(key).is_first_distinct().to_numpy()]
    return recorded.copy(order="F")


def mark_table(sim: Simulation, parts: Sequence[Rows]) -> pl.DataFrame:
    """Rows of cohorts and treasuries, one part an occasion."""
    import polars as pl

    rows, of_class = stacked(parts), holders(sim.scenario)
    numbers = ("nav_usd", "nav_protocol_usd", "nav_exit_usd", "exit_locked_usd", "n_insolvent")
    return pl.DataFrame(
        {
            "block": number(rows["block"], "block"),
            "occasion": named(rows["occasion"], OCCASIONS),
            "class": pl.Series([*of_class.values()] * len(parts), dtype=pl.Enum(CLASSES)),
            "holder": pl.Series([*of_class] * len(parts), dtype=pl.String),
            **{name: number(rows[name], name) for name in numbers},
        }
    )


def keeper_table(sim: Simulation, looks: Sequence[Look]) -> pl.DataFrame:
    """Rows of keepers."""
    return _table(sim, sim.keepers.rows(looks), KEEPER_COLUMNS)


def _table(sim: Simulation, rows: Rows, names: list[str]) -> pl.DataFrame:
    import polars as pl

    # With nobody of that role in the scenario there are no rows, but still columns.
    columns = {name: number(rows.get(name, np.zeros(0)), name) for name in names}
    columns["account"] = accounts(rows.get("account", np.zeros(0)), sim.names)
    columns["cohort"] = named(rows.get("cohort", np.zeros(0)), sim.names.cohorts)
    if "occasion" in names:
        columns["occasion"] = named(rows.get("occasion", np.zeros(0)), VAULT_OCCASIONS)
    return pl.DataFrame(columns)

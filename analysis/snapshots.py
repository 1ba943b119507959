"""Snapshots taken between blocks -> the tables ``vaults``, ``keepers`` and ``marks``.

A snapshot of block b is the state behind which b recorded blocks lie: the end of block b - 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.classes import CLASSES, holders
from analysis.columns import accounts, named, number
from sim.columns import VAULT_COLUMNS as RECORDED_COLUMNS

VAULT_COLUMNS = (
    "block account cohort occasion nav_usd nav_protocol_usd nav_exit_usd exit_locked_usd birth_nav_usd "
    "collateral_usd debt_usd health risky_amount cash_amount"
).split()
KEEPER_COLUMNS = (
    "block account cohort capital_free_usd capital_locked_usd bids wins losses no_profit no_capital"
).split()
VAULT_OCCASIONS = ["snapshot", "event"]
OCCASIONS = ["start", "interval", "horizon", "worst", "end"]

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.simulation import Simulation


def vaults(sim: Simulation) -> pl.DataFrame:
    """Every vault now: its three marks, and its health at oracle prices (null without debt)."""
    rows = sim.vault_rows()
    return _table(sim, {**rows, "occasion": np.zeros(len(rows.get("block", ())))}, VAULT_COLUMNS)


def vaults_at_events(sim: Simulation, recorded: np.ndarray) -> pl.DataFrame:
    """Vaults that traded or were liquidated, as of the end of that block; their exit value is not known."""
    rows = {name: recorded[:, k] for k, name in enumerate(RECORDED_COLUMNS)}
    account = rows["account"].astype(np.int64)
    of_group = sim.world.cohorts.of_group[sim.world.ledger.group[account]]
    unknown = np.full(len(recorded), np.nan)
    told = {"cohort": of_group, "nav_exit_usd": unknown, "exit_locked_usd": unknown}
    occasion = np.ones(len(recorded))
    table = _table(sim, {**rows, **told, "occasion": occasion}, VAULT_COLUMNS)
    # Two keepers may have come for one vault in one block: the state at its end is the same.
    return table.unique(subset=["block", "account"], keep="first", maintain_order=True)


def marks(sim: Simulation, occasions: list[str]) -> pl.DataFrame:
    """The three marks of every cohort and every treasury now, once for each reason to ask."""
    import polars as pl

    rows, of_class = sim.mark_rows(), holders(sim.scenario)
    numbers = ("nav_usd", "nav_protocol_usd", "nav_exit_usd", "exit_locked_usd", "n_insolvent")
    told = {
        "class": pl.Series(list(of_class.values()), dtype=pl.Enum(CLASSES)),
        "holder": pl.Series(list(of_class), dtype=pl.String),
        **{name: number(rows[name], name) for name in numbers},
    }
    block = number(rows["block"], "block")
    codes = (np.full(len(of_class), OCCASIONS.index(occasion)) for occasion in occasions)
    return pl.concat(
        [
            pl.DataFrame({"block": block, "occasion": named(code, OCCASIONS), **told})
            for code in codes
        ]
    )


def keepers(sim: Simulation) -> pl.DataFrame:
    """Every keeper now: capital free and locked, and races won and lost since birth."""
    return _table(sim, sim.keeper_rows(), KEEPER_COLUMNS)


def _table(sim: Simulation, rows: Mapping[str, np.ndarray], names: list[str]) -> pl.DataFrame:
    import polars as pl

    # With nobody of that role in the scenario there are no rows, but still columns.
    columns = {name: number(rows.get(name, np.zeros(0)), name) for name in names}
    columns["account"] = accounts(rows.get("account", np.zeros(0)), sim.names.account)
    columns["cohort"] = named(rows.get("cohort", np.zeros(0)), sim.names.cohorts)
    if "occasion" in names:
        columns["occasion"] = named(rows["occasion"], VAULT_OCCASIONS)
    return pl.DataFrame(columns)

"""Snapshots taken between blocks -> the tables ``vaults`` and ``keepers``, one row an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.columns import accounts, named, number

VAULT_COLUMNS = (
    "block account cohort nav_usd birth_nav_usd collateral_usd debt_usd health risky_amount cash_amount"
).split()
KEEPER_COLUMNS = "block account cohort capital_free_usd capital_locked_usd wins losses".split()

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

    from scenarios.simulation import Simulation


def vaults(sim: Simulation) -> pl.DataFrame:
    """Every vault now: wealth at market prices, health at oracle prices (null without debt)."""
    return _table(sim, sim.vault_rows(), VAULT_COLUMNS)


def keepers(sim: Simulation) -> pl.DataFrame:
    """Every keeper now: capital free and locked, and races won and lost since birth."""
    return _table(sim, sim.keeper_rows(), KEEPER_COLUMNS)


def _table(sim: Simulation, rows: Mapping[str, np.ndarray], names: list[str]) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    # With nobody of that role in the scenario there are no rows, but still columns.
    columns = {name: number(rows.get(name, np.zeros(0)), name) for name in names}
    columns["account"] = accounts(rows.get("account", np.zeros(0)), sim.names.account)
    columns["cohort"] = named(rows.get("cohort", np.zeros(0)), sim.names.cohorts)
    return pl.DataFrame(columns)

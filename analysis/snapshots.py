"""Snapshots taken between blocks -> the tables ``vaults`` and ``keepers``, one row an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.columns import accounts, named, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

    from scenarios.simulation import Simulation


def vaults(sim: Simulation) -> pl.DataFrame:
    """Every vault now: wealth at market prices, health at oracle prices (null without debt)."""
    return _table(sim, sim.vault_rows())


def keepers(sim: Simulation) -> pl.DataFrame:
    """Every keeper now: capital free and locked, and races won and lost since birth."""
    return _table(sim, sim.keeper_rows())


def _table(sim: Simulation, rows: Mapping[str, np.ndarray]) -> pl.DataFrame:
    import polars as pl

    columns = {name: number(values, name) for name, values in rows.items()}
    if rows:
        columns["account"] = accounts(rows["account"], sim.names.account)
        columns["cohort"] = named(rows["cohort"], sim.names.cohorts)
    return pl.DataFrame(columns)

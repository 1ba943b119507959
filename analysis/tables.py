"""What the engine recorded -> polars tables: ``blocks``, ``cohorts``, ``pools``, ``markets``, ``events`` ...

One row a block, or one row a block and name ("long"): a researcher filters, nobody unpacks arrays.
Counts of cohorts are of that block, not since the beginning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.strategies import STRATEGIES, VAULT
from analysis.columns import accounts, named, null_where, number
from sim import purposes
from sim.columns import (
    COHORT_COLUMNS,
    POOL_COLUMNS,
    REDEMPTION_COLUMNS,
    RESERVE_COLUMNS,
    SHARE_VAULT_COLUMNS,
)
from sim.status import REASONS
from sim.tables import EVENT
from sim.transaction import DEAL, KINDS, LIQUIDATE, TAKE

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario
    from scenarios.simulation import Recorded, Simulation

TABLES = (
    "blocks",
    "cohorts",
    "pools",
    "markets",
    "events",
    "vaults",
    "marks",
    "keepers",
    "exposures",
    "incidence",
)
OF_SOME = ("redemptions", "share_vaults")  # tables that only a scenario with such venues has
ROLES = ("vault", "keeper", "trader", "depositor")
# Undefined, not nought: for those who never borrow, and for vaults that owe nothing.
OF_VAULTS = ("debt_usd", "collateral_usd")
OF_BORROWERS = ("min_health", "risk_p05", "risk_p50", "risk_p95")
OF_LIQUIDATIONS = {  # in which kinds of event a number means something
    "health_before": (LIQUIDATE,),
    "deficit_usd": (LIQUIDATE, TAKE, DEAL),
}
OF_TRIGGERS = ("trigger_price_usd", "trigger_impact")
EVENTS_A_BLOCK = 1_000_000  # the id of an event is its block times this, plus its sequence
STATUS_NAMES = [REASONS.get(code, f"status_{code}") for code in range(max(REASONS) + 1)]
KIND_NAMES = [KINDS.get(code, f"kind_{code}") for code in range(max(KINDS) + 1)]


def table_names(scenario: Scenario) -> tuple[str, ...]:
    """The tables that a run of a scenario leaves behind."""
    return (*TABLES, *(name for name in OF_SOME if getattr(scenario, name)))


def recorded_tables(sim: Simulation, recorded: Recorded) -> dict[str, pl.DataFrame]:
    """What has been drained from the log, as tables; rows of vaults go with their snapshots."""
    found = {
        "blocks": blocks(sim, recorded),
        "cohorts": cohorts(sim, recorded),
        "pools": pools(sim, recorded),
        "markets": markets(sim, recorded),
        "events": events(sim, recorded.events),
    }
    if sim.scenario.redemptions:
        found["redemptions"] = redemptions(sim, recorded)
    if sim.scenario.share_vaults:
        found["share_vaults"] = share_vaults(sim, recorded)
    return found


def joined(drained: Sequence[Recorded]) -> Recorded:
    """What the log held at several times, as if it had been drained once."""
    if len(drained) == 1:
        return drained[0]
    parts = {name: [vars(recorded)[name] for recorded in drained] for name in vars(drained[0])}
    arrays = {name: np.concatenate(several) for name, several in parts.items()}
    return dataclasses.replace(drained[0], **arrays)


def blocks(sim: Simulation, recorded: Recorded) -> pl.DataFrame:
    """One row a block: block space, and the three prices of every asset."""
    import polars as pl

    return pl.DataFrame(
        [number(recorded.blocks[:, k], name) for k, name in enumerate(sim.block_columns)]
    )


def _long(recorded: Recorded, values: np.ndarray, columns: list[str]) -> dict[str, Any]:
    """A (block, name, column) array as flat columns, with the block in front."""
    n_blocks, n_names, n_columns = values.shape
    flat = values.reshape(n_blocks * n_names, n_columns)
    block = np.empty((n_blocks, n_names), np.int64)
    block[...] = recorded.blocks[:, :1]
    numbers = {name: number(flat[:, k], name) for k, name in enumerate(columns)}
    return {"block": number(block.ravel(), "block"), **numbers}


def _labels(n_blocks: int, codes: np.ndarray, names: tuple[str, ...]) -> pl.Series:
    return named(np.tile(codes.astype(np.int16), n_blocks), names)


def cohorts(sim: Simulation, recorded: Recorded) -> pl.DataFrame:
    """One row a block and cohort: wealth, debt, what was done and what was suffered."""
    import polars as pl

    values = recorded.cohorts
    columns = _long(recorded, values, COHORT_COLUMNS)
    n = len(values)
    strategies = [STRATEGIES[cohort.strategy] for cohort in sim.scenario.cohorts]
    is_vault = np.array([strategy.role == VAULT for strategy in strategies], bool)
    for name in OF_VAULTS:
        columns[name] = null_where(columns[name], ~np.tile(is_vault, n))
    owes_nothing = (columns["min_health"] <= 0.0).to_numpy()
    for name in OF_BORROWERS:
        columns[name] = null_where(columns[name], owes_nothing)
    known = tuple(STRATEGIES)
    labels = {
        "cohort": _labels(n, np.arange(values.shape[1]), sim.names.cohorts),
        "strategy": _labels(n, np.array([known.index(s.name) for s in strategies], int), known),
        "role": _labels(n, np.array([ROLES.index(s.role) for s in strategies], int), ROLES),
    }
    return pl.DataFrame({"block": columns.pop("block"), **labels, **columns})


def pools(sim: Simulation, recorded: Recorded) -> pl.DataFrame:
    """One row a block and pool, in whole tokens."""
    import polars as pl

    columns = _long(recorded, recorded.pools, POOL_COLUMNS)
    label = _labels(len(recorded.pools), np.arange(len(sim.names.pools)), sim.names.pools)
    return pl.DataFrame({"block": columns.pop("block"), "pool": label, **columns})


def markets(sim: Simulation, recorded: Recorded) -> pl.DataFrame:
    """One row a block and reserve of a lending market, in whole tokens of its asset."""
    import polars as pl

    columns = _long(recorded, recorded.reserves, RESERVE_COLUMNS)
    n, declared = len(recorded.reserves), sim.scenario.reserves
    market = np.array([sim.names.markets.index(reserve.market) for reserve in declared], int)
    asset = np.array([sim.names.assets.index(reserve.asset) for reserve in declared], int)
    labels = {
        "market": _labels(n, market, sim.names.markets),
        "reserve": _labels(n, np.arange(len(declared)), sim.names.reserves),
        "asset": _labels(n, asset, sim.names.assets),
    }
    return pl.DataFrame({"block": columns.pop("block"), **labels, **columns})


def redemptions(sim: Simulation, recorded: Recorded) -> pl.DataFrame:
    """One row a block and redemption module: its reserve and what of it could be paid, rate, wait."""
    import polars as pl

    columns = _long(recorded, recorded.redemptions, REDEMPTION_COLUMNS)
    names = sim.names.redemptions
    label = _labels(len(recorded.redemptions), np.arange(len(names)), names)
    return pl.DataFrame({"block": columns.pop("block"), "redemption": label, **columns})


def share_vaults(sim: Simulation, recorded: Recorded) -> pl.DataFrame:
    """One row a block and share vault, in whole tokens of its asset; sums are since birth."""
    import polars as pl

    columns = _long(recorded, recorded.share_vaults, SHARE_VAULT_COLUMNS)
    names = tuple(vault.name for vault in sim.scenario.share_vaults)
    label = _labels(len(recorded.share_vaults), np.arange(len(names)), names)
    return pl.DataFrame({"block": columns.pop("block"), "share_vault": label, **columns})


def events(sim: Simulation, rows: Mapping[str, np.ndarray] | np.ndarray) -> pl.DataFrame:
    """One row a leg of a transaction that was executed, reverted or expired.

    In a liquidation ``account`` is the keeper and ``counterparty`` the borrower, ``token`` the collateral,
    ``token_amount`` the debt repaid (in the debt's token) and ``amount_out`` the collateral seized.
    ``trigger_*`` is the price that the order answered to, null where it answered to none: the block it is
    from (negative in the burn-in), the log-impact of earlier trades in it, and the price without that.
    """
    import polars as pl

    of_group, group = sim.world.cohorts.of_group, sim.world.ledger.group
    borrower = np.where(rows["counterparty"] >= 0, rows["counterparty"], 0)
    suffered = np.where(rows["counterparty"] >= 0, of_group[group[borrower]], -1)
    floats = {
        name: number(rows[name], name) for name in EVENT.names or () if EVENT[name].kind == "f"
    }
    for name in ("oracle_price_usd", "market_price_usd"):
        floats[name] = null_where(floats[name], rows[name] == 0.0)
    for name, kinds in OF_LIQUIDATIONS.items():
        floats[name] = null_where(floats[name], ~np.isin(rows["kind"], kinds))
    answers = rows["trigger_block"] >= -sim.scenario.time.burn_in_blocks
    for name in OF_TRIGGERS:
        floats[name] = null_where(floats[name], ~answers)
    without_impact = rows["trigger_price_usd"] * np.exp(-rows["trigger_impact"])
    return pl.DataFrame(
        {
            "event": number(rows["block"] * EVENTS_A_BLOCK + rows["sequence"], "event"),
            "block": number(rows["block"], "block"),
            "sequence": number(rows["sequence"], "sequence"),
            "kind": named(rows["kind"], KIND_NAMES),
            "status": named(rows["status"], STATUS_NAMES),
            "chain": named(rows["chain"], sim.names.chains),
            "venue": accounts(rows["venue"], sim.names),
            "account": accounts(rows["account"], sim.names),
            "counterparty": accounts(rows["counterparty"], sim.names),
            "cohort": named(rows["cohort"], sim.names.cohorts),
            "counterparty_cohort": named(suffered, sim.names.cohorts),
            "token": named(rows["token"], sim.names.tokens),
            "cause": named(rows["cause"], purposes.NAMES),
            **floats,
            "submitted_block": number(rows["submitted_block"], "submitted_block"),
            "trigger_block": null_where(number(rows["trigger_block"], "trigger_block"), ~answers),
            "trigger_fundamental_price_usd": null_where(
                number(without_impact, "trigger_fundamental_price_usd"), ~answers
            ),
            "is_endogenous": number(rows["is_endogenous"], "is_endogenous"),
        }
    )

"""The engine's state, tables and events by the names that the reference model uses, to compare the two."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.vaults.volatility_target import CLEAN_VARIANCE, VARIANCE
from scenarios.simulation import Recorded, Simulation
from sim import causes, purposes, status
from sim.columns import COHORT_COLUMNS, POOL_COLUMNS, RESERVE_COLUMNS, VAULT_COLUMNS
from sim.fields import (
    BIDS_SENT,
    BUSY,
    DUTY,
    LOSSES,
    NAV_USD,
    NO_CASH,
    NO_GAS_MONEY,
    NO_PROFIT,
    RECENT_LOSSES,
    RECENT_WINS,
    SETTLES_AT,
    WINS,
    field,
)
from sim.tables import WEALTH
from sim.transaction import KINDS
from tests.hand_over import balances, numbers
from tests.reference import record

OF_TWO_TOKENS = 3  # columns of a pool that the reference model knows


def state(simulation: Simulation) -> dict[str, float | str]:
    """As ``tests.reference.record.state``."""
    world, names = simulation.world, simulation.names
    found: dict[str, float | str] = numbers(world.clock.now[0], ["slot", "seconds"])
    for account, held in balances(world, names).items():
        for token, amount in held.items():
            found[f"{account} {token}"] = amount
    venues = world.venues
    for kind, table, rows, keys in (
        ("exchange", venues.exchanges, names.assets, record.EXCHANGE),
        ("feed", venues.feeds, names.feeds, record.FEED),
        ("pool", venues.pools, names.pools, record.POOL),
        ("reserve", venues.reserves, names.reserves, record.RESERVE),
        ("chain", world.chains.table, names.chains, record.CHAIN),
    ):
        for row, name in zip(table, rows, strict=True):
            found |= {f"{kind} {name} {key}": told for key, told in numbers(row, keys).items()}
    groups = [group.name for group in names.groups]
    paid_usd = world.log.paid_usd
    for cause, payer, receiver in np.argwhere(paid_usd != 0.0).tolist():
        key = f"{causes.NAMES[cause]} paid by {groups[payer]} to {groups[receiver]}"
        found[key] = paid_usd[cause, payer, receiver].item()
    for asset, row in zip(names.assets, world.log.wealth, strict=True):
        for key, told in numbers(row, list(WEALTH.names or ())[1:]).items():
            found[f"{asset} {key} of the inside"] = told
    for c, cohort in enumerate(simulation.scenario.cohorts):
        columns = {"in_mempool": BUSY}
        if cohort.role == "vault":
            columns["nav_usd"] = NAV_USD
        if world.cohorts.table[c].settlement_slots > 0:
            columns["settles_at"] = SETTLES_AT
        if cohort.strategy == "volatility_target":
            columns["variance_per_year"] = VARIANCE
            columns["clean_variance_per_year"] = CLEAN_VARIANCE
        if cohort.strategy == "liquidator":
            columns |= {"wins": WINS, "losses": LOSSES}
            columns |= {"recent_wins": RECENT_WINS, "recent_losses": RECENT_LOSSES}
            columns |= {"bids": BIDS_SENT, "no_profit": NO_PROFIT}
            columns |= {"no_cash": NO_CASH, "no_gas_money": NO_GAS_MONEY}
        for name, k in columns.items():
            for i, told in enumerate(field(world.cohorts, c, k).tolist()):
                found[f"{cohort.name}.{i} {name}"] = told
        if cohort.role == "vault":
            duties = field(world.cohorts, c, DUTY).tolist()
            for i in range(cohort.n_rows):
                duty = int(duties[i]) if cohort.market is not None else 0
                found[f"{cohort.name}.{i} duty"] = purposes.NAMES[duty] if duty > 0 else ""
    return found


def tables(simulation: Simulation, recorded: Recorded, n: int) -> dict[str, float]:
    """As ``tests.reference.record.tables``, of row ``n`` of what was recorded."""
    names = simulation.names
    found = dict(zip(simulation.block_columns, recorded.blocks[n].tolist(), strict=True))
    for rows, keys, columns in (
        (names.cohorts, COHORT_COLUMNS, recorded.cohorts[n]),
        (names.pools, POOL_COLUMNS[:OF_TWO_TOKENS], recorded.pools[n]),
        (names.reserves, RESERVE_COLUMNS, recorded.reserves[n]),
    ):
        for row, name in zip(columns, rows, strict=True):
            told = row.tolist()[: len(keys)]
            found |= {f"{name} {key}": number for key, number in zip(keys, told, strict=True)}
    return found


def vault_rows(simulation: Simulation, recorded: np.ndarray) -> list[dict[str, Any]]:
    """As the rows of vaults of the reference model."""
    told = [dict(zip(VAULT_COLUMNS, row, strict=True)) for row in recorded.tolist()]
    for row in told:
        row["account"] = simulation.names.account(int(row["account"]))
    return told


def events(simulation: Simulation, recorded: np.ndarray) -> list[dict[str, Any]]:
    """As the events of the reference model."""
    names = simulation.names
    told = []
    for row in recorded:
        event = {key: row[key].item() for key in recorded.dtype.names or ()}
        del event["address"], event["chain"]
        event["kind"] = KINDS[event["kind"]]
        event["status"] = status.REASONS[event["status"]]
        event["cause"] = purposes.NAMES[event["cause"]]
        for key in ("venue", "account", "counterparty"):
            event[key] = names.account(event[key])
        event["token"] = "" if event["token"] < 0 else names.tokens[event["token"]]
        event["cohort"] = "" if event["cohort"] < 0 else names.cohorts[event["cohort"]]
        told.append(event)
    return told

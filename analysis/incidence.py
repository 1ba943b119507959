"""Who paid whom: the table ``incidence`` (payer x receiver x cause, in USD) and its sum by class.

A loss is borne by somebody because somebody else was paid: this table names both, and why. A liquidation
bonus is a payment from the borrower through the lending market to a keeper, a sale below the fundamental
price one from the seller to the pool. USD are at the fundamental prices of the block of the transfer, so that
in a fair exchange both sides pay the same, and the net of two rows is what one side gave up.

A pool's account counts with its liquidity providers (one of bands too, with what borrowers own there), a
market's with its lenders, a share vault's with its depositors, a redemption module's with the issuers of
coins, custody with its owner; what passes inside a class is kept and marked ``within_class``. Interest
accrues in indices and is no transfer: it and a treasury's share of it are told by
`analysis/interest.py`. The burn-in is left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import accounts, causes

if TYPE_CHECKING:
    import polars as pl

    from scenarios.layout import Group
    from scenarios.schema import Scenario
    from scenarios.simulation import Simulation

INSIDE = ("vault_owners", "depositors", "lenders", "liquidity_providers", "keepers", "arbitrageurs")
OUTSIDE = ("noise_traders", "issuers", "oracle_operators", "validators", "outside_world")
CLASSES = (*INSIDE, *OUTSIDE)
OF_KIND = {
    accounts.OUTSIDE: "outside_world",
    accounts.BUILDER: "validators",
    accounts.POOL: "liquidity_providers",
    accounts.MARKET: "lenders",
    accounts.OPERATOR: "oracle_operators",
    accounts.KEEPER: "keepers",
    accounts.TRADER: "arbitrageurs",
    accounts.DEPOSITOR: "liquidity_providers",
    accounts.VAULT: "vault_owners",
    accounts.SHARE_VAULT: "depositors",
    accounts.REDEMPTION: "issuers",
}
OF_STRATEGY = {
    "lender": "lenders",
    "share_holder": "depositors",
    "coin_holder": "depositors",
    "noise_trader": "noise_traders",
}


def class_of(group: Group, groups: tuple[Group, ...], scenario: Scenario) -> str:
    """The class of an account group; what is in custody is its owner's."""
    name = group.name.removesuffix(".custody")
    owner = next(other for other in groups if other.name == name)
    strategy = next((c.strategy for c in scenario.cohorts if c.name == name), "")
    return OF_STRATEGY.get(strategy) or OF_KIND[owner.kind]


def incidence(sim: Simulation) -> pl.DataFrame:
    """One row for each payer, receiver and cause between whom anything moved since the recorded start."""
    import polars as pl

    names, paid_usd = sim.names, sim.world.log.paid_usd
    groups = [group.name for group in names.groups]
    classes = [class_of(group, names.groups, sim.scenario) for group in names.groups]
    rows = [
        {
            "payer": groups[payer],
            "payer_class": classes[payer],
            "receiver": groups[receiver],
            "receiver_class": classes[receiver],
            "cause": causes.NAMES[cause],
            "usd": float(paid_usd[cause, payer, receiver]),
            "within_class": classes[payer] == classes[receiver],
        }
        for cause, payer, receiver in np.argwhere(paid_usd != 0.0).tolist()
    ]
    schema: dict[str, Any] = {
        "payer": pl.Enum(groups),
        "payer_class": pl.Enum(CLASSES),
        "receiver": pl.Enum(groups),
        "receiver_class": pl.Enum(CLASSES),
        "cause": pl.Enum(causes.NAMES),
        "usd": pl.Float64,
        "within_class": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema)


def net_by_cause(table: pl.DataFrame) -> dict[tuple[str, str, str], float]:
    """(payer class, receiver class, cause) -> USD paid less USD received back, where that is positive."""
    flows: dict[tuple[str, str, str], list[float]] = {}
    for row in table.filter(~table["within_class"]).iter_rows(named=True):
        there = (row["payer_class"], row["receiver_class"], row["cause"])
        back = (there[1], there[0], there[2])
        flows.setdefault(there, []).append(row["usd"])
        flows.setdefault(back, []).append(-row["usd"])
    return {key: net for key, parts in flows.items() if (net := math.fsum(parts)) > 0.0}


def who_paid_whom(table: pl.DataFrame) -> pl.DataFrame:
    """Net USD that the class of a row paid to the class of a column; negative is what it received."""
    import polars as pl

    net = {(payer, receiver): [0.0] for payer in CLASSES for receiver in CLASSES}
    for (payer, receiver, _), usd in net_by_cause(table).items():
        net[payer, receiver].append(usd)
        net[receiver, payer].append(-usd)
    columns: dict[str, Any] = {"payer_class": pl.Series(CLASSES, dtype=pl.Enum(CLASSES))}
    for receiver in CLASSES:
        columns[receiver] = [math.fsum(net[payer, receiver]) for payer in CLASSES]
    return pl.DataFrame(columns)

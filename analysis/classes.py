"""Who bears a loss: every cohort belongs to one class, and each reserve has a treasury.

A liquidation bonus or a trade among them moves wealth from one class to another and is no loss of the
system; what reaches the outside world, validators or noise traders is. ``SYSTEM`` is therefore all
classes but the noise traders. Everything here is a sum over holders, one after another in the order of
the scenario, so that the same run gives the same bits wherever it is added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from agents.strategies import DEPOSITOR, KEEPER, STRATEGIES, TRADER, VAULT
from sim.columns import COHORT_COLUMNS, RESERVE_COLUMNS

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario

VAULT_OWNERS, LENDERS, PROVIDERS = "vault_owners", "lenders", "liquidity_providers"
DEPOSITORS = "depositors"
KEEPERS, ARBITRAGEURS, TREASURIES = "keepers", "arbitrageurs", "treasuries"
NOISE_TRADERS = "noise_traders"
SYSTEM = (VAULT_OWNERS, DEPOSITORS, LENDERS, PROVIDERS, KEEPERS, ARBITRAGEURS, TREASURIES)
CLASSES = (*SYSTEM, NOISE_TRADERS)
_OF_ROLE = {VAULT: VAULT_OWNERS, KEEPER: KEEPERS, DEPOSITOR: PROVIDERS, TRADER: ARBITRAGEURS}
_OF_STRATEGY = {"lender": LENDERS, "share_holder": DEPOSITORS, "coin_holder": DEPOSITORS}
_OF_STRATEGY["noise_trader"] = NOISE_TRADERS
# The marks that the engine writes in every block: column of `cohorts`, column of `markets`.
MARKS = {"nav_usd": "treasury_nav_usd", "nav_protocol_usd": "treasury_nav_protocol_usd"}


def class_of(strategy: str) -> str:
    """The class of all cohorts of a strategy."""
    return _OF_STRATEGY.get(strategy) or _OF_ROLE[STRATEGIES[strategy].role]


def treasury(reserve: str) -> str:
    """The name under which the treasury of a reserve is a holder."""
    return f"treasury.{reserve}"


def holders(scenario: Scenario) -> dict[str, str]:
    """Every holder and its class: cohorts in order of declaration, then the treasuries of reserves."""
    found = {cohort.name: class_of(cohort.strategy) for cohort in scenario.cohorts}
    return found | {treasury(reserve.name): TREASURIES for reserve in scenario.reserves}


def members(scenario: Scenario) -> dict[str, list[str]]:
    """The holders of each class of the system that has any."""
    of_class = {name: which for name, which in holders(scenario).items() if which in SYSTEM}
    return {
        which: [name for name in of_class if of_class[name] == which]
        for which in SYSTEM
        if which in of_class.values()
    }


def insiders(scenario: Scenario) -> list[str]:
    """All holders of the system, in order."""
    return [name for name, which in holders(scenario).items() if which in SYSTEM]


def paths(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], mark: str = "nav_usd"
) -> dict[str, np.ndarray]:
    """Wealth of every holder at the end of each recorded block, read from ``cohorts`` and ``markets``."""
    wealth = _by_name(tables["cohorts"], "cohort", mark)
    if scenario.reserves:
        owned = _by_name(tables["markets"], "reserve", MARKS[mark])
        wealth |= {treasury(name): path for name, path in owned.items()}
    return {name: wealth[name] for name in holders(scenario)}


def _by_name(table: pl.LazyFrame, key: str, column: str) -> dict[str, np.ndarray]:
    import polars as pl

    frame = table.select(pl.col(key).cast(pl.String), column).collect()
    parts = frame.partition_by(key, as_dict=True, maintain_order=True)
    return {str(name): part[column].to_numpy() for (name,), part in parts.items()}


def class_paths(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], mark: str = "nav_usd"
) -> dict[str, np.ndarray]:
    """Wealth of each class of the system at the end of each recorded block."""
    wealth = paths(scenario, tables, mark)
    return {
        which: add_up(wealth[name] for name in names) for which, names in members(scenario).items()
    }


def system_path(scenario: Scenario, cohorts: np.ndarray, reserves: np.ndarray) -> np.ndarray:
    """Wealth of the system, straight from what the engine recorded (n_blocks, holders, columns)."""
    of_cohort = cohorts[:, :, COHORT_COLUMNS.index("nav_usd")]
    of_reserve = reserves[:, :, RESERVE_COLUMNS.index(MARKS["nav_usd"])]
    wealth = dict(zip(holders(scenario), [*of_cohort.T, *of_reserve.T], strict=True))
    return add_up(wealth[name] for name in insiders(scenario))


def add_up(parts: Iterable[np.ndarray]) -> np.ndarray:
    """Sum of paths one after another, from nought."""
    total = np.zeros(1)
    for part in parts:
        total = total + part
    return total

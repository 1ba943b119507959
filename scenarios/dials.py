"""Dials: all that the world can impose on the system, a number per slot each, and how two shocks compose.

A shock turns dials and does nothing else, so that any two shocks can be given together and the engine
knows no shock by name. ``log_return`` and ``volatility`` are used up in making fundamental prices; the
others are the columns that ``sim.block.draw`` reads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scenarios.schema import Scenario


@dataclasses.dataclass(frozen=True)
class Dial:
    """What a dial reads when nothing happens, and what two shocks make of it."""

    neutral: float
    compose: np.ufunc


DIALS: dict[str, Dial] = {
    "log_return": Dial(0.0, np.add),  # of an asset, on top of its own
    "volatility": Dial(1.0, np.multiply),  # of an asset, times its own
    "gas_demand": Dial(1.0, np.multiply),  # of a chain, times the usual demand
    "oracle_alive": Dial(1.0, np.minimum),  # of a feed, 0 or 1
    "keeper_alive": Dial(1.0, np.multiply),  # of a cohort, the share that acts
    "depth": Dial(1.0, np.multiply),  # of a pool, the share of its liquidity that stays
    "outside_depth": Dial(
        1.0, np.multiply
    ),  # of an asset, the share of its depth outside that stays
    "rumour": Dial(0.0, np.maximum),  # of a share vault, the loss that people believe in
    "reserve_locked": Dial(0.0, np.maximum),  # of a module, the share of its reserve out of reach
    "redemption_halted": Dial(0.0, np.maximum),  # of a module, 0 or 1
    "redemption_rumour": Dial(0.0, np.maximum),  # of a module, the loss that people believe in
}


@dataclasses.dataclass(frozen=True)
class Turn:
    """What a shock does to one dial: a profile over its rows, from the first one on."""

    dial: str
    target: str
    first_row: int
    profile: np.ndarray  # (rows it lasts,) float64


def dial_columns(scenario: Scenario) -> list[tuple[str, str]]:
    """The (dial, target) of each column that the engine reads, in the order it expects."""
    tables = {
        "gas_demand": scenario.chains,
        "oracle_alive": scenario.feeds,
        "keeper_alive": scenario.cohorts,
        "depth": scenario.pools,
        "outside_depth": scenario.assets,
        "rumour": scenario.share_vaults,
        "reserve_locked": scenario.redemptions,
        "redemption_halted": scenario.redemptions,
        "redemption_rumour": scenario.redemptions,
    }
    return [(dial, row.name) for dial, table in tables.items() for row in table]


def dial_column(turns: Iterable[Turn], dial: str, target: str, n_rows: int) -> np.ndarray:
    """One dial of one target over all rows, turned by every shock that is aimed at it."""
    rule = DIALS[dial]
    column = np.full(n_rows, rule.neutral)  # (n_rows,) float64
    for turn in turns:
        if (turn.dial, turn.target) == (dial, target):
            turned = column[turn.first_row : turn.first_row + len(turn.profile)]
            turned[:] = rule.compose(turned, turn.profile[: len(turned)])
    return column

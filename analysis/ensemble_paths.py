"""The path of a member, thinned: prices, block space, wealth and losses every so many blocks.

One row a seed and block, so that a band over seeds is one ``group_by``. What happens within a block is
summed since the recorded start: a sum that is read every fiftieth block has missed nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agents.strategies import VAULT
from sim.columns import COHORT_COLUMNS

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario
    from scenarios.simulation import Recorded

ROWS_A_MEMBER = 200  # about so many, unless a cadence is given
BYTES_A_NUMBER = 8.0  # noise does not compress
BYTES_A_COLUMN = 500.0  # of the table of members, whatever it holds
OF_BLOCKS = ("block", "seconds", "base_fee_gwei")
SUMS = ("debt_repaid_usd", "deficit_usd")


def default_cadence(scenario: Scenario) -> int:
    """Blocks from one row to the next."""
    return max(1, -(-n_blocks(scenario) // ROWS_A_MEMBER))


def n_blocks(scenario: Scenario) -> int:
    """Recorded blocks of a member."""
    return scenario.time.horizon_blocks + scenario.time.settle_blocks


def path_columns(scenario: Scenario) -> list[str]:
    """Names of the columns of a path, after the seed."""
    prices = [
        f"{which}_price_usd.{asset.name}"
        for asset in scenario.assets
        for which in ("fundamental", "market")
    ]
    oracles = [f"oracle_price_usd.{feed.name}" for feed in scenario.feeds]
    wealth = [f"nav_usd.{scenario.cohorts[c].name}" for c in _vaults(scenario)]
    return [*OF_BLOCKS, *prices, *oracles, *wealth, *SUMS]


def path_rows(
    scenario: Scenario, block_columns: Sequence[str], recorded: Recorded, every: int
) -> np.ndarray:
    """(rows, columns) of one member: every so many blocks, and the last one."""
    wanted = path_columns(scenario)
    blocks = recorded.blocks
    chosen = np.flatnonzero(blocks[:, 0].astype(np.int64) % every == 0)
    if len(blocks) and (not len(chosen) or chosen[-1] != len(blocks) - 1):
        chosen = np.append(chosen, len(blocks) - 1)
    cohorts = recorded.cohorts
    of_blocks = [blocks[chosen, block_columns.index(n)] for n in wanted if n in block_columns]
    wealth = [cohorts[chosen, c, COHORT_COLUMNS.index("nav_usd")] for c in _vaults(scenario)]
    return np.stack([*of_blocks, *wealth, *(_sum(cohorts, name)[chosen] for name in SUMS)], axis=1)


def path_frame(columns: Sequence[str], members: Sequence[tuple[int, np.ndarray]]) -> pl.DataFrame:
    """Paths of several members, in the order given."""
    import polars as pl

    rows = np.concatenate([path for _, path in members])
    seed = np.repeat([seed for seed, _ in members], [len(path) for _, path in members])
    numbers = {
        name: rows[:, k].astype(np.int64) if name == "block" else np.ascontiguousarray(rows[:, k])
        for k, name in enumerate(columns)
    }
    return pl.DataFrame({"seed": seed.astype(np.int64), **numbers})


def estimated_bytes(scenario: Scenario, n_seeds: int, every: int) -> float:
    """About how large an ensemble is on the disk when it is finished."""
    rows = n_seeds * (n_blocks(scenario) // every + 2)
    numbers_of_summary = 300 + 25 * len(scenario.cohorts)
    path_bytes = BYTES_A_NUMBER * rows * len(path_columns(scenario))
    return path_bytes + (BYTES_A_COLUMN + BYTES_A_NUMBER * n_seeds) * numbers_of_summary


def _vaults(scenario: Scenario) -> list[int]:
    return [c for c, cohort in enumerate(scenario.cohorts) if cohort.role == VAULT]


def _sum(cohorts: np.ndarray, name: str) -> np.ndarray:
    """Of all cohorts, one after another in the order of declaration, since the recorded start."""
    total = np.zeros(len(cohorts))
    for c in range(cohorts.shape[1]):
        total = total + cohorts[:, c, COHORT_COLUMNS.index(name)]
    return np.cumsum(total)

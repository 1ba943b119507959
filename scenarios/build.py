"""A scenario and a seed become a World: memory laid out, tables filled, everybody born.

Nothing here is random but through named streams, and nothing here runs a block.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from scenarios import (
    bands,
    birth,
    cohorts,
    columns,
    debt_positions,
    fill,
    implied,
    lending,
    redemptions,
    share_vaults,
    step,
)
from scenarios.baskets import fill_baskets
from scenarios.layout import Layout, is_inside, lay_out, share_vault_names
from scenarios.memory import lay_memory, n_rows_of
from scenarios.paths import exogenous
from sim import causes
from sim.columns import (
    BLOCK_COLUMNS,
    COHORT_COLUMNS,
    POOL_COLUMNS,
    PRICE_COLUMNS,
    REDEMPTION_COLUMNS,
    RESERVE_COLUMNS,
    SHARE_VAULT_COLUMNS,
    VAULT_COLUMNS,
)
from sim.records import new_table
from sim.tables import CHAIN, CLOCK, COHORT, EVENT, TOKEN, WEALTH
from sim.transaction import RECEIPT, TRANSACTION
from sim.world import MOST_PARTINGS, N_RISK_BINS, Chains, Clock, Cohorts, Log, World

if TYPE_CHECKING:
    from scenarios.schema import Scenario

LOG_BLOCKS = 256  # rows of the log before it must be drained
SPARE_EVENTS = 1 << 16


def build(scenario: Scenario, seed: int) -> tuple[World, Layout]:
    """The world at birth, before its first block; market_implied paths have been calibrated by then."""
    scenario = implied.resolved(scenario)
    layout = lay_out(scenario)
    paths = exogenous(scenario, seed)
    ledger, venues = lay_memory(layout, n_rows_of(scenario, layout))
    plan = columns.plan_columns(scenario, layout)
    capacity = max(chain.mempool_capacity for chain in scenario.chains)
    world = World(
        Clock(new_table(CLOCK, 1), paths.fundamental_price_usd, paths.dials),
        new_chains(len(scenario.chains), capacity),
        new_table(TOKEN, len(layout.tokens)),
        ledger,
        venues,
        Cohorts(
            new_table(COHORT, len(layout.cohorts)),
            np.full(len(layout.groups), -1, np.int64),
            np.zeros(plan.n_numbers),
            plan.start,
            plan.length,
            np.zeros((len(layout.cohorts), max(len(layout.pools), 1)), np.int64),
            np.zeros((columns.ring_length(scenario), columns.n_seen(layout))),
            np.full(columns.n_levered_rows(scenario) + 1, -1, np.int64),
            np.zeros((len(layout.cohorts), N_RISK_BINS), np.int64),
        ),
        new_log(layout, capacity, [is_inside(group, scenario) for group in layout.groups]),
    )
    fill.fill_clock(world, scenario, seed)
    fill.fill_tokens(world, scenario, layout)
    fill.fill_chains(world, scenario, layout)
    fill.fill_exchanges(world, scenario, layout, paths.has_impact)
    fill.fill_feeds(world, scenario, layout, seed)
    fill.fill_pools(world, scenario, layout)
    fill_baskets(world, scenario, layout)
    lending.fill_markets(world, scenario, layout)
    share_vaults.fill(world, scenario, layout)
    debt_positions.fill(world, scenario, layout)
    bands.fill(world, scenario, layout)
    redemptions.fill(world, scenario, layout)
    cohorts.fill(world, scenario, layout)
    birth.endow(world, scenario, layout, seed)
    fill.fill_wealth(world)
    step.value(world)
    step.observe(world)
    world.cohorts.seen[:] = world.cohorts.seen[0]
    return world, layout


def new_chains(n: int, capacity: int) -> Chains:
    """Block space with room for so many waiting legs a chain."""
    return Chains(
        new_table(CHAIN, n),
        new_table(TRANSACTION, n * capacity).reshape(n, capacity).view(np.recarray),
        np.zeros((n, capacity), np.int64),
        np.zeros((n, capacity)),
        np.zeros((n, capacity)),
        np.zeros((n, MOST_PARTINGS), np.int64),
    )


def new_log(layout: Layout, capacity: int, inside: list[bool]) -> Log:
    """An empty log; ``inside`` says of each group whether its losses are counted."""
    n_prices = len(PRICE_COLUMNS) * len(layout.assets) + len(layout.feeds)
    receipts = new_table(RECEIPT, 2)
    receipts["health_before"] = math.nan
    receipts["token"] = -1
    receipts["venue"] = -1
    return Log(
        np.zeros(6, np.int64),
        np.zeros((LOG_BLOCKS, len(BLOCK_COLUMNS) + n_prices)),
        np.zeros((LOG_BLOCKS, len(layout.cohorts), len(COHORT_COLUMNS))),
        np.zeros((LOG_BLOCKS, len(layout.pools), len(POOL_COLUMNS))),
        np.zeros((LOG_BLOCKS, len(layout.reserves), len(RESERVE_COLUMNS))),
        np.zeros((LOG_BLOCKS, len(layout.redemptions), len(REDEMPTION_COLUMNS))),
        np.zeros((LOG_BLOCKS, len(share_vault_names(layout)), len(SHARE_VAULT_COLUMNS))),
        new_table(EVENT, 2 * capacity + SPARE_EVENTS),
        np.zeros((2 * capacity + SPARE_EVENTS, len(VAULT_COLUMNS))),
        receipts,
        np.zeros(2),
        np.zeros((causes.N_CAUSES, len(layout.groups), len(layout.groups))),
        np.array(inside, np.int64),
        new_table(WEALTH, len(layout.assets)),
    )

"""A world that the engine has built, told as plain data with names: where the reference model begins.

The same names as the reference model gives to its numbers, so that both can be compared after every block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.strategies import STRATEGIES
from scenarios.dials import dial_columns
from scenarios.layout import Layout
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from sim import accounts, purposes
from sim.fields import BIRTH, N_COMMON, field
from sim.ledger import column
from sim.tables import EIP1559
from sim.venues.oracle import FIXED
from sim.world import World
from tests.reference import record

Row = dict[str, Any]

RESERVE_KEYS = (
    "ltv_fraction threshold_fraction bonus_fraction base_rate_per_year slope1_per_year "
    "slope2_per_year optimal_utilisation reserve_factor_fraction supply_cap borrow_cap"
).split()
FEED_KEYS = (
    "deviation_fraction heartbeat_seconds delay_seconds tip_gwei max_fee_multiple patience_blocks"
).split()
EXCHANGE_KEYS = "depth_usd permanent_fraction half_life_seconds".split()
CHAIN_KEYS = (
    "gas_limit gas_target reference_fee_gwei demand_elasticity demand_noise demand_stream"
).split()
COHORT_KEYS = (
    "stream positions_per_row attention_fraction max_slippage_fraction max_fee_multiple tip_gwei "
    "min_trade_usd phase_fraction latency_slots interval_slots patience_blocks settlement_slots"
).split()


def numbers(row: Any, keys: list[str]) -> Row:
    """Fields of a record as plain numbers."""
    return {key: row[key].item() for key in keys}


def balances(world: World, names: Layout) -> dict[str, dict[str, float]]:
    """What every account may hold, and how much of it it has."""
    found: dict[str, dict[str, float]] = {}
    for g, group in enumerate(names.groups):
        held = {names.tokens[t]: column(world.ledger, t, g).tolist() for t in group.tokens}
        for k in range(group.n):
            account = names.account(int(names.first[g]) + k)
            found[account] = {token: amounts[k] for token, amounts in held.items()}
    return found


def hand_over(simulation: Simulation) -> Row:
    """Everything that the reference model needs to know, before the first block."""
    world, names, scenario = simulation.world, simulation.names, simulation.scenario
    clock, venues = world.clock, world.venues
    now, chain = clock.now[0], world.chains.table[0]
    account = names.account
    dials: dict[str, dict[str, list[float]]] = {}
    for k, (dial, target) in enumerate(dial_columns(scenario)):
        dials.setdefault(dial, {})[target] = clock.dials[:, k].tolist()
    return {
        "seed": simulation.seed,
        "slot": int(now.slot),
        "first_recorded_slot": int(now.first_recorded_slot),
        **numbers(now, ["seconds", "slot_seconds"]),
        "fundamental_price_usd": {
            asset: clock.fundamental_price_usd[:, a].tolist()
            for a, asset in enumerate(names.assets)
        },
        "dials": dials,
        "channels": {
            "trading": bool(now.is_trading),
            "pool_depth": bool(now.has_pool_depth),
            "oracle_lag": bool(now.has_oracle_lag),
            "keeper_friction": bool(now.has_keeper_friction),
        },
        "cash": names.assets[now.cash_asset],
        "tokens": list(names.tokens),
        "accounts": [
            {"number": k, "name": name, "group": _group(names, k), "balances": held}
            for k, (name, held) in enumerate(balances(world, names).items())
        ],
        "inside": [
            group.name
            for group, is_inside in zip(names.groups, world.log.is_inside, strict=True)
            if is_inside
        ],
        "wealth": {
            asset: numbers(row, ["inside", "last_price_usd"])
            for asset, row in zip(names.assets, world.log.wealth, strict=True)
        },
        "exchanges": [
            {
                "name": names.assets[a],
                "token": names.tokens[row.token],
                "account": account(row.account),
                "has_impact": bool(row.has_impact),
                **numbers(row, [*EXCHANGE_KEYS, *record.EXCHANGE]),
            }
            for a, row in enumerate(venues.exchanges)
        ],
        "feeds": [
            {
                "name": names.feeds[k],
                "asset": names.assets[row.asset],
                "operator": account(row.operator),
                "is_fixed": bool(row.mode == FIXED),
                **numbers(row, [*FEED_KEYS, *record.FEED]),
            }
            for k, row in enumerate(venues.feeds)
        ],
        "pools": [
            {
                "number": p,
                "name": names.pools[p],
                "account": account(row.account),
                "token0": names.tokens[row.token0],
                "token1": names.tokens[row.token1],
                "asset0": names.assets[row.asset0],
                "asset1": names.assets[row.asset1],
                "lp_token": names.tokens[row.lp_token],
                **numbers(row, ["fee_fraction", *record.POOL]),
            }
            for p, row in enumerate(venues.pools)
        ],
        "markets": list(names.markets),
        "reserves": [
            {
                "name": names.reserves[r],
                "market": names.markets[row.market],
                "account": account(row.account),
                "asset": names.assets[row.asset],
                "feed": names.feeds[row.feed],
                "token": names.tokens[row.token],
                "receipt_token": names.tokens[row.receipt_token],
                "debt_token": names.tokens[row.debt_token],
                **numbers(row, [*RESERVE_KEYS, *record.RESERVE]),
            }
            for r, row in enumerate(venues.reserves)
        ],
        "chain": {
            "name": names.chains[0],
            "builder": account(chain.builder),
            "native_token": names.tokens[chain.native_token],
            "native_asset": names.assets[chain.native_asset],
            "is_eip1559": bool(chain.fee_market == EIP1559),
            "has_gas": bool(chain.has_gas),
            "capacity": world.chains.mempool.shape[1],
            **numbers(chain, [*CHAIN_KEYS, *record.CHAIN]),
        },
        "cohorts": [_cohort(world, names, scenario, c) for c in range(len(names.cohorts))],
    }


def _group(names: Layout, account: int) -> str:
    return names.groups[int(np.searchsorted(names.first, account, side="right")) - 1].name


def _named(names: tuple[str, ...], number: int) -> str | None:
    return None if number < 0 else names[number]


def _cohort(world: World, names: Layout, scenario: Scenario, c: int) -> Row:
    row, told = world.cohorts.table[c], scenario.cohorts[c]
    strategy = STRATEGIES[told.strategy]
    keys = [*told.parameters, *strategy.memory]
    if told.strategy == "volatility_target":  # at birth the half-life has become a weight
        keys[keys.index("half_life_seconds")] = "kept_a_slot"
    columns = {}
    for k, key in enumerate(keys):
        values = field(world.cohorts, c, N_COMMON + k).tolist()
        columns[key] = values if len(values) == told.n_rows else values * told.n_rows
    born = field(world.cohorts, c, BIRTH).tolist()
    custody: list[str | None] = [None] * told.n_rows
    if row.first_custody >= 0:
        custody = [names.account(int(row.first_custody) + i) for i in range(told.n_rows)]
    return {
        "name": names.cohorts[c],
        "role": accounts.NAMES[row.role],
        "strategy": told.strategy,
        "purpose": purposes.NAMES[row.purpose],
        "prior_duty": purposes.NAMES[row.prior_duty],
        "asset": names.assets[row.asset],
        "market": _named(names.markets, row.market),
        "collateral": _named(names.reserves, row.collateral_reserve),
        "debt": _named(names.reserves, row.debt_reserve),
        "route": [names.pools[p] for p in world.cohorts.route[c, : row.n_pools]],
        **numbers(row, COHORT_KEYS),
        "members": [
            {
                "account": names.account(int(row.first_account) + i),
                "custody": custody[i],
                "birth": born[i],
                "parameters": {key: values[i] for key, values in columns.items()},
            }
            for i in range(told.n_rows)
        ],
    }

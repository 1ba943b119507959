"""Liquidity providers: own the pool; when the dial of their pool falls they take that share out.

A withdrawal is a transaction like any other: it waits for block space, and it removes both sides.
"""

from __future__ import annotations

import dataclasses

from agents.routes import pool_of
from sim.compile import kernel
from sim.fields import BIRTH, BUSY, field
from sim.orders import add_leg, open_transaction, seal
from sim.tables import CONCENTRATED
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY
from sim.venues.positions import find_position, price_of_liquidity
from sim.venues.ticks import NONE
from sim.view import gas_price_gwei, holding, own, seen_row

TOLERANCE = 1e-3  # of the shares at birth: smaller differences are left alone


@dataclasses.dataclass(frozen=True)
class LiquidityProvider:
    """No parameters of its own; the pool is named by the cohort."""


@kernel
def decide(view, c):
    """Move each row's LP shares to the share of its birth holding that the dial asks for."""
    cohort = view.cohorts.table[c]
    p = pool_of(view, cohort, 0)
    pool = view.pools[p]
    held = own(view, cohort.share_token, cohort.group)
    birth = field(view.cohorts, c, BIRTH)
    busy = field(view.cohorts, c, BUSY)
    for i in range(cohort.n_rows):
        surplus = held[i] - cohort.stay_fraction * birth[i]
        if abs(surplus) > TOLERANCE * birth[i] and busy[i] == 0.0:
            account = cohort.first_account + i
            first = open_transaction(view.chains, 0)
            if surplus > 0.0:
                token = cohort.share_token
                add_leg(view.chains, 0, REMOVE_LIQUIDITY, account, p, token, surplus, 0.0)
            elif pool.kind == CONCENTRATED:
                amount = _affordable_liquidity(view, cohort, pool, account, -surplus)
                if not amount > 0.0:
                    continue
                add_leg(view.chains, 0, ADD_LIQUIDITY, account, p, cohort.share_token, amount, 0.0)
            else:
                amount = _affordable(view, pool, account, -surplus)
                if not amount > 0.0:
                    continue
                add_leg(view.chains, 0, ADD_LIQUIDITY, account, p, pool.token0, amount, 0.0)
            seal(
                view, 0, first, 1, c, cohort.positions_per_row, cohort.tip_gwei,
                gas_price_gwei(view, seen_row(view, cohort), 0),
                cohort.max_fee_multiple, cohort.patience_blocks,
            )  # fmt: skip


@kernel
def _affordable_liquidity(view, cohort, pool, account, wanted):
    """Liquidity in the cohort's own range, as far as both balances reach."""
    state = view.venues.concentrated[pool.state]
    row = find_position(view.venues.positions, state, NONE, cohort.share_token, 0, 0)
    need0, need1 = price_of_liquidity(view.venues, row, wanted)
    affordable = wanted
    if need0 > 0.0:
        affordable = min(affordable, 0.99 * wanted * holding(view, pool.token0, account) / need0)
    if need1 > 0.0:
        affordable = min(affordable, 0.99 * wanted * holding(view, pool.token1, account) / need1)
    return affordable if affordable > TOLERANCE * wanted else 0.0


@kernel
def _affordable(view, pool, account, shares):
    """Token0 for that many shares, as far as both balances reach."""
    if pool.lp_supply <= 0.0:
        return 0.0
    wanted = shares * pool.reserve0 / pool.lp_supply
    have0 = holding(view, pool.token0, account)
    have1 = holding(view, pool.token1, account) * pool.reserve0 / pool.reserve1
    # A little is kept back: the pool moves before the order is executed, and gas is paid in token0.
    affordable = 0.99 * min(have0, have1)
    enough = TOLERANCE * wanted
    return min(wanted, affordable) if affordable > enough else 0.0

"""Liquidity providers: own the pool; when the dial of their pool falls they take that share out.

A withdrawal is a transaction like any other: it waits for block space, and it removes both sides.
"""

from __future__ import annotations

import dataclasses

from agents.routes import pool_of
from sim.compile import kernel
from sim.fields import BIRTH, BUSY, field
from sim.orders import add_leg, gas_units, open_transaction, seal
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY
from sim.units import ETH_PER_GWEI
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
    held = own(view, pool.lp_token, cohort.group)
    birth = field(view.cohorts, c, BIRTH)
    busy = field(view.cohorts, c, BUSY)
    for i in range(cohort.n_rows):
        surplus = held[i] - cohort.stay_fraction * birth[i]
        if abs(surplus) > TOLERANCE * birth[i] and busy[i] == 0.0:
            account = cohort.first_account + i
            first = open_transaction(view.chains, 0)
            if surplus > 0.0:
                add_leg(view.chains, 0, REMOVE_LIQUIDITY, account, p, pool.lp_token, surplus, 0.0)
            else:
                amount = _affordable(view, cohort, pool, account, -surplus)
                if not amount > 0.0:
                    continue
                add_leg(view.chains, 0, ADD_LIQUIDITY, account, p, pool.token0, amount, 0.0)
            seal(
                view, 0, first, 1, c, cohort.positions_per_row, cohort.tip_gwei,
                gas_price_gwei(view, seen_row(view, cohort), 0),
                cohort.max_fee_multiple, cohort.patience_blocks,
            )  # fmt: skip


@kernel
def _affordable(view, cohort, pool, account, shares):
    """Token0 for that many shares, as far as both balances reach."""
    if pool.lp_supply <= 0.0:
        return 0.0
    wanted = shares * pool.reserve0 / pool.lp_supply
    have0 = _to_spare(view, cohort, pool.token0, account)
    have1 = _to_spare(view, cohort, pool.token1, account) * pool.reserve0 / pool.reserve1
    # A little is kept back: the pool moves before the order is executed.
    affordable = 0.99 * min(have0, have1)
    enough = TOLERANCE * wanted
    return min(wanted, affordable) if affordable > enough else 0.0


@kernel
def _to_spare(view, cohort, token, account):
    """What a row holds of a token, without the gas money that bringing it in may cost."""
    held = holding(view, token, account)
    if token != cohort.native_token:
        return held
    most_gwei = gas_price_gwei(view, seen_row(view, cohort), 0) * cohort.max_fee_multiple
    most_gwei += cohort.tip_gwei
    gas = gas_units(view.chains, 0, ADD_LIQUIDITY) * cohort.positions_per_row
    return max(held - gas * most_gwei * ETH_PER_GWEI, 0.0)

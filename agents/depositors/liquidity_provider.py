"""Liquidity providers: own the pool; when the dial of their pool falls they take that share out.

A withdrawal is a transaction like any other: it waits for block space, and it removes both sides.
"""

from __future__ import annotations

import dataclasses
import math

from agents.routes import pool_of
from sim.compile import boundary, kernel
from sim.fields import BIRTH, BUSY, field
from sim.orders import add_leg, gas_units, open_transaction, seal
from sim.tables import CONCENTRATED
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY
from sim.units import ETH_PER_GWEI
from sim.venues.any_pool import in_pool, is_basket, n_coins, token_of
from sim.venues.positions import find_position, price_of_liquidity
from sim.venues.ticks import NONE
from sim.view import gas_price_gwei, holding, own, seen_row

TOLERANCE = 1e-3  # of the shares at birth: smaller differences are left alone


@dataclasses.dataclass(frozen=True)
class LiquidityProvider:
    """No parameters of its own; the pool is named by the cohort."""


@boundary(None)
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
                shares = _affordable(view, cohort, p, account, -surplus)
                if not shares > 0.0:
                    continue
                amount = shares * in_pool(view.venues, p, 0) / pool.lp_supply
                place = add_leg(view.chains, 0, ADD_LIQUIDITY, account, p, pool.token0, amount, 0.0)
                if is_basket(pool) and place >= 0:
                    _bring_all(view, p, view.chains.mempool[0, place], shares / pool.lp_supply)
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
        affordable = min(
            affordable, 0.99 * wanted * _to_spare(view, cohort, pool.token0, account) / need0
        )
    if need1 > 0.0:
        affordable = min(
            affordable, 0.99 * wanted * _to_spare(view, cohort, pool.token1, account) / need1
        )
    return affordable if affordable > TOLERANCE * wanted else 0.0


@kernel
def _affordable(view, cohort, p, account, shares):
    """So many shares, as far as the balances of all coins reach."""
    supply = view.pools[p].lp_supply
    if supply <= 0.0:
        return 0.0
    most = math.inf
    for k in range(n_coins(view.venues, p)):
        held = _to_spare(view, cohort, token_of(view.venues, p, k), account)
        most = min(most, held / in_pool(view.venues, p, k) * supply)
    # A little is kept back: the pool moves before the order is executed.
    affordable = 0.99 * most
    return min(shares, affordable) if affordable > TOLERANCE * shares else 0.0


@kernel
def _bring_all(view, p, leg, share):
    """Name the amount of every coin after the first: in proportion, so that no fee is due."""
    n = n_coins(view.venues, p)
    leg.amount1 = share * in_pool(view.venues, p, 1)
    leg.amount2 = share * in_pool(view.venues, p, 2) if n > 2 else 0.0
    leg.amount3 = share * in_pool(view.venues, p, 3) if n > 3 else 0.0
    leg.amount4 = share * in_pool(view.venues, p, 4) if n > 4 else 0.0
    leg.amount5 = share * in_pool(view.venues, p, 5) if n > 5 else 0.0
    leg.amount6 = share * in_pool(view.venues, p, 6) if n > 6 else 0.0
    leg.amount7 = share * in_pool(view.venues, p, 7) if n > 7 else 0.0


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

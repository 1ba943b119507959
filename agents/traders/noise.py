"""Noise traders: small orders in both directions that make pools breathe and fees flow.

Source: Kyle (1985), Continuous Auctions and Insider Trading, for their place in the market.
"""

from __future__ import annotations

import dataclasses
import math

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from agents.routes import pool_of
from sim.compile import kernel
from sim.fields import N_COMMON
from sim.fields import shared as shared_value
from sim.formulas.random import normal_quantile
from sim.orders import add_leg, open_transaction, seal
from sim.transaction import SWAP
from sim.units import SECONDS_PER_DAY
from sim.view import chance, gas_price_gwei, holding, market_price, pool_reserves, seen_row

VOLUME, MEDIAN, SIGMA = N_COMMON, N_COMMON + 1, N_COMMON + 2


@dataclasses.dataclass(frozen=True)
class NoiseTrader:
    """Orders with lognormal sizes that add up to ``volume_usd_per_day`` over all pools."""

    volume_usd_per_day: float = shared(1e7, 0.0, 1e15)
    median_order_usd: float = shared(2000.0, 1e-6, 1e12)
    order_sigma: float = shared(1.0, 0.0, 5.0)


@kernel
def decide(view, c):
    """At most one order a row and pool in a slot, with the probability that gives the volume."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    n_pools = cohort.n_pools
    sigma = shared_value(view.cohorts, c, SIGMA)
    mean_usd = shared_value(view.cohorts, c, MEDIAN) * math.exp(0.5 * sigma * sigma)
    volume_usd = shared_value(view.cohorts, c, VOLUME) * view.now[0].slot_seconds / SECONDS_PER_DAY
    orders = volume_usd / mean_usd / (max(n_pools, 1) * cohort.n_rows)
    scale = max(orders, 1.0)  # more than one order a slot: fewer, larger ones of the same volume
    for i in range(cohort.n_rows):
        account = cohort.first_account + i
        for k in range(n_pools):
            p = pool_of(view, cohort, k)
            entity = 4 * (i * view.pools.shape[0] + p)
            wants = chance(view, cohort.stream + CHOICE, entity) < orders
            if wants and is_attentive(view, cohort, account):
                _order(view, c, cohort, row, account, p, entity, scale)


@kernel
def _order(view, c, cohort, row, account, p, entity, scale):
    pool = view.pools[p]
    sells_zero = chance(view, cohort.stream + CHOICE, entity + 1) < 0.5
    token = pool.token0 if sells_zero else pool.token1
    asset = pool.asset0 if sells_zero else pool.asset1
    shock = normal_quantile(chance(view, cohort.stream + CHOICE, entity + 2))
    size_usd = shared_value(view.cohorts, c, MEDIAN) * scale
    size_usd = size_usd * math.exp(shared_value(view.cohorts, c, SIGMA) * shock)
    reserve0, reserve1 = pool_reserves(view, row, p)
    reserve_in = reserve0 if sells_zero else reserve1
    amount = size_usd / market_price(view, row, asset)
    amount = min(amount, cohort.max_slippage_fraction * reserve_in)
    amount = min(amount, 0.5 * holding(view, token, account))
    if amount > 0.0:
        first = open_transaction(view.chains, 0)
        add_leg(view.chains, 0, SWAP, account, p, token, amount, 0.0)
        seal(
            view, 0, first, 1, c, cohort.positions_per_row, cohort.tip_gwei,
            gas_price_gwei(view, row, 0), cohort.max_fee_multiple, cohort.patience_blocks,
        )  # fmt: skip

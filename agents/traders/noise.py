"""Noise traders: small orders in both directions that make pools breathe and fees flow.

Source: Kyle (1985), Continuous Auctions and Insider Trading, for their place in the market.
"""

from __future__ import annotations

import dataclasses
import math

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from agents.quotes import pool_takes, sides
from agents.routes import pool_of
from sim.compile import boundary, kernel
from sim.fields import N_COMMON
from sim.fields import shared as shared_value
from sim.formulas.random import normal_quantile
from sim.orders import add_swap, open_transaction, seal
from sim.tables import CONSTANT_PRODUCT
from sim.units import SECONDS_PER_DAY
from sim.venues.any_pool import asset_of, n_coins, token_of
from sim.view import chance, gas_price_gwei, holding, market_price, seen_row

VOLUME, MEDIAN, SIGMA = N_COMMON, N_COMMON + 1, N_COMMON + 2


@dataclasses.dataclass(frozen=True)
class NoiseTrader:
    """Orders with lognormal sizes that add up to ``volume_usd_per_day`` over all pools."""

    volume_usd_per_day: float = shared(1e7, 0.0, 1e15)
    median_order_usd: float = shared(2000.0, 1e-6, 1e12)
    order_sigma: float = shared(1.0, 0.0, 5.0)


@boundary(None)
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
def _most(view, cohort, row, p, token, token_out):
    """The largest order that a pool is sent: a share of the reserve, or what moves its price as far."""
    if view.pools[p].kind == CONSTANT_PRODUCT:
        reserve_in, _ = sides(view, row, p, token)
        return cohort.max_slippage_fraction * reserve_in
    return pool_takes(view, row, p, token, token_out, cohort.max_slippage_fraction)


@kernel
def _order(view, c, cohort, row, account, p, entity, scale):
    """Sell one of the pool's coins, drawn at random, for another."""
    n = n_coins(view.venues, p)
    i = int(chance(view, cohort.stream + CHOICE, entity + 1) * n)
    j = (i + 1) % n
    if n > 2:
        j = (i + 1 + int(chance(view, cohort.stream + CHOICE, entity + 3) * (n - 1))) % n
    token = token_of(view.venues, p, i)
    asset = asset_of(view.venues, p, i)
    token_out = token_of(view.venues, p, j)
    shock = normal_quantile(chance(view, cohort.stream + CHOICE, entity + 2))
    size_usd = shared_value(view.cohorts, c, MEDIAN) * scale
    size_usd = size_usd * math.exp(shared_value(view.cohorts, c, SIGMA) * shock)
    amount = size_usd / market_price(view, row, asset)
    amount = min(amount, _most(view, cohort, row, p, token, token_out))
    amount = min(amount, 0.5 * holding(view, token, account))
    if amount > 0.0:
        first = open_transaction(view.chains, 0)
        add_swap(view.chains, 0, account, p, token, token_out, amount, 0.0)
        seal(
            view, 0, first, 1, c, cohort.positions_per_row, cohort.tip_gwei,
            gas_price_gwei(view, row, 0), cohort.max_fee_multiple, cohort.patience_blocks,
        )  # fmt: skip

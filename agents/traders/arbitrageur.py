"""Arbitrageurs carry a pool's price to the outside market and back: the wire along which cascades run.

For each pool one of them, drawn anew each slot, trades until the pool's marginal price after fee meets
the outside price after its own impact, with a limit at which it breaks even, and hedges outside at once.
Source: Milionis, Moallemi, Roughgarden and Zhang (2022), Automated Market Making and Loss-Versus-Rebalancing.
"""

from __future__ import annotations

import dataclasses

from agents.attention import CHOICE, is_attentive
from agents.parameters import shared
from agents.quotes import arbitrage_sale, curve_pays
from agents.routes import pool_of
from sim.compile import boundary, kernel
from sim.fields import BUSY, N_COMMON, field
from sim.fields import shared as shared_value
from sim.orders import add_leg, add_swap, gas_units, open_transaction, seal
from sim.transaction import OUTSIDE_TRADE, PROCEEDS, SWAP
from sim.units import ETH_PER_GWEI
from sim.venues.any_pool import asset_of, n_coins, token_of
from sim.venues.outside import depth_usd
from sim.view import chance, gas_price_gwei, holding, market_price, seen_row

GAS_RESERVE, MIN_PROFIT = N_COMMON, N_COMMON + 1


@dataclasses.dataclass(frozen=True)
class Arbitrageur:
    """Trades for a profit of at least ``min_profit_usd`` after gas; proceeds settle after a delay."""

    gas_reserve_eth: float = shared(50.0, 0.0, 1e9)
    min_profit_usd: float = shared(20.0, 0.0, 1e12)
    settlement_delay_seconds: float = shared(0.0, 0.0, 1e7)


@kernel
def _close_gap(view, c, cohort, row, account, p, i, j):
    """Sell coin ``i`` into the pool for coin ``j`` if that pays, and buy it back with the proceeds."""
    asset_in = asset_of(view.venues, p, i)
    asset_out = asset_of(view.venues, p, j)
    token_in = token_of(view.venues, p, i)
    token_out = token_of(view.venues, p, j)
    price_in = market_price(view, row, asset_in)
    price_out = market_price(view, row, asset_out)
    # Only one side of a pair moves outside: whichever is not cash.
    depth = min(depth_usd(view.exchanges[asset_in]), depth_usd(view.exchanges[asset_out]))
    amount = arbitrage_sale(
        view, row, p, token_in, token_out, price_in / price_out, depth / price_out
    )
    held = holding(view, token_in, account)
    if token_in == cohort.native_token:
        held -= shared_value(view.cohorts, c, GAS_RESERVE)
    amount = min(amount, held)
    if not amount > 0.0:
        return False
    received = curve_pays(view, row, p, token_in, token_out, amount)
    going_gwei = gas_price_gwei(view, row, 0)
    gas_eth = gas_units(view.chains, 0, SWAP) * (going_gwei + cohort.tip_gwei) * ETH_PER_GWEI
    gas_usd = gas_eth * market_price(view, row, view.chains.table[0].native_asset)
    value_usd = amount * price_in
    half_impact_usd = 0.5 * value_usd * value_usd / depth
    profit_usd = received * price_out - value_usd - half_impact_usd - gas_usd
    if profit_usd < shared_value(view.cohorts, c, MIN_PROFIT):
        return False
    limit = (value_usd + half_impact_usd) / price_out
    first = open_transaction(view.chains, 0)
    add_swap(view.chains, 0, account, p, token_in, token_out, amount, limit)
    hedge = add_leg(view.chains, 0, OUTSIDE_TRADE, account, asset_out, token_out, PROCEEDS, 0.0)
    if hedge >= 0:
        view.chains.mempool[0, hedge].token_out = asset_in
    return seal(
        view, 0, first, 2, c, cohort.positions_per_row, cohort.tip_gwei, going_gwei,
        cohort.max_fee_multiple, cohort.patience_blocks,
    )  # fmt: skip


@kernel
def _close_gaps(view, c, cohort, row, account, p):
    """The first pair of a pool's coins that pays, in order."""
    n = n_coins(view.venues, p)
    for i in range(n):
        for j in range(n):
            if i != j and _close_gap(view, c, cohort, row, account, p, i, j):
                return


@boundary(None)
def decide(view, c):
    """Look at every pool in both directions."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    busy = field(view.cohorts, c, BUSY)
    for k in range(cohort.n_pools):
        p = pool_of(view, cohort, k)
        i = int(chance(view, cohort.stream + CHOICE, p) * cohort.n_rows)
        account = cohort.first_account + i
        if busy[i] == 0.0 and is_attentive(view, cohort, account):
            _close_gaps(view, c, cohort, row, account, p)

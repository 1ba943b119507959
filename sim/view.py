"""What an agent may see: its own state now, and everybody else's at its latency.

``seen`` is a ring with one row a slot; a cohort reads the row as old as its latency. Agents reach the
world through this file and ask through ``sim/orders.py``; they never touch the ledger.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.compile import formula, kernel, state, window
from sim.formulas.random import uniform
from sim.ledger import Ledger, balance, column
from sim.tables import FIRST_PRICE, FIRST_PRICE_MARGIN
from sim.venues.lending import borrow_index_now, liquidity_index_now, position
from sim.world import Chains, Cohorts, Venues


@state
class View(NamedTuple):
    """Read-only by convention; the architecture test holds agents to it."""

    now: np.recarray  # (1,) CLOCK
    dials: np.ndarray  # (n_slots + 1, n_dials) float64
    ledger: Ledger
    pools: np.recarray
    markets: np.recarray
    emodes: np.recarray
    reserves: np.recarray
    feeds: np.recarray
    exchanges: np.recarray
    venues: Venues  # pools of all kinds are asked through sim/venues/any_pool.py
    cohorts: Cohorts
    chains: Chains


@formula
def seen_row(view, cohort):
    """Row of the ring that a cohort can see now."""
    ring = view.cohorts.seen.shape[0]
    return (view.now[0].slot - cohort.latency_slots + ring) % ring


@formula
def market_price(view, row, asset):
    """Outside price of an asset as seen, USD."""
    return view.cohorts.seen[row, asset]


@formula
def oracle_price(view, row, feed):
    """Oracle price of a feed as seen, USD."""
    return view.cohorts.seen[row, view.now[0].n_assets + feed]


@formula
def pool_reserves(view, row, pool):
    """Both reserves of a pool as seen, whole tokens."""
    k = view.now[0].n_assets + view.now[0].n_feeds + 3 * pool
    return view.cohorts.seen[row, k], view.cohorts.seen[row, k + 1]


@formula
def pool_sqrt_price(view, row, pool):
    """Its sqrt price as seen, 0 where that is not what it keeps (``sim/venues/any_pool.py``)."""
    return view.cohorts.seen[row, view.now[0].n_assets + view.now[0].n_feeds + 3 * pool + 2]


@formula
def gas_price_gwei(view, row, chain):
    """Going price of gas as seen: base fee, or the last clearing price."""
    now = view.now[0]
    return view.cohorts.seen[row, now.n_assets + now.n_feeds + 3 * now.n_pools + chain]


@formula
def market_impact(view, row, asset):
    """Log impact in the market price of an asset as seen."""
    now = view.now[0]
    return view.cohorts.seen[
        row, now.n_assets + now.n_feeds + 3 * now.n_pools + now.n_chains + asset
    ]


@kernel
def price_without_impact(view, row, asset):
    """Market price as seen with the impact of every earlier trade taken out."""
    return market_price(view, row, asset) * math.exp(-market_impact(view, row, asset))


@formula
def _of_feed(view, feed):
    """Column of the ring behind the oracle price of a feed: the impact in it, then its slot."""
    now = view.now[0]
    return 2 * now.n_assets + now.n_feeds + 3 * now.n_pools + now.n_chains + 2 * feed


@formula
def oracle_impact(view, row, feed):
    """Log impact in the oracle price of a feed as seen."""
    return view.cohorts.seen[row, _of_feed(view, feed)]


@formula
def oracle_slot(view, row, feed):
    """The slot whose market price an oracle shows, as seen; -1 if it has shown none yet."""
    return int(view.cohorts.seen[row, _of_feed(view, feed) + 1])


@kernel
def expected_gas_price_gwei(view, row, chain):
    """What a transaction sent now will pay a unit of gas, before its tip: see :func:`sim.orders.seal`."""
    going_gwei = gas_price_gwei(view, row, chain)
    if view.chains.table[chain].fee_market == FIRST_PRICE:
        return FIRST_PRICE_MARGIN * going_gwei
    return going_gwei


@window
def own(view, token, group):
    """Balances of a cohort's own rows."""
    return column(view.ledger, token, group)


@formula
def holding(view, token, account):
    """What an account holds of a token; balances are public on a chain."""
    return balance(view.ledger, token, account)


@formula
def receipt_index(view, reserve):
    """Underlying a scaled receipt of this reserve is worth now."""
    return liquidity_index_now(view.reserves[reserve], view.now[0].seconds)


@formula
def debt_index(view, reserve):
    """Underlying owed now for a scaled debt of this reserve."""
    return borrow_index_now(view.reserves[reserve], view.now[0].seconds)


@kernel
def position_of(view, market, account):
    """Collateral, weighted collateral, borrowing power and debt of any account, in oracle USD."""
    return position(
        view.ledger, view.markets, view.emodes, view.reserves, view.feeds,
        market, account, view.now[0].seconds,
    )  # fmt: skip


@formula
def dial(view, k):
    """A dial of this slot."""
    return view.dials[view.now[0].slot, k]


@kernel
def chance(view, stream, entity):
    """A draw in (0, 1) of this slot that belongs to one entity and to nobody else."""
    return uniform(view.now[0].seed, stream, entity, view.now[0].slot)

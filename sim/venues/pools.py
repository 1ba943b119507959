"""Pools of every kind: hand a transaction to the mathematics that its pool follows."""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.tables import BAND_POOL, CONCENTRATED, CONSTANT_PRODUCT, STABLE_SWAP, WEIGHTED
from sim.venues import (
    band_pool,
    basket_history,
    concentrated,
    constant_product,
    stable_swap,
    weighted,
)


@kernel
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Do what a transaction asks of the pool that it names (``row``)."""
    kind = venues.pools[tx.row].kind
    if kind == CONSTANT_PRODUCT:
        return constant_product.apply(
            ledger, venues.pools, tx.row, tx, amount, now_seconds, receipt
        )
    if kind == CONCENTRATED:
        return concentrated.apply(ledger, venues, tx.row, tx, amount, now_seconds, receipt)
    if kind == BAND_POOL:
        return band_pool.apply(ledger, venues, tx, amount, now_seconds, receipt)
    if now_seconds > venues.pools[tx.row].updated_seconds and not basket_history.write_history(
        ledger, venues, tx.row, now_seconds
    ):
        return status.JOURNAL_FULL
    if kind == STABLE_SWAP:
        return stable_swap.apply(
            ledger, venues.pools, venues.baskets, venues.coins, tx, amount, now_seconds, receipt
        )
    if kind == WEIGHTED:
        return weighted.apply(
            ledger, venues.pools, venues.baskets, venues.coins, tx, amount, receipt
        )
    return status.NOTHING_TO_DO

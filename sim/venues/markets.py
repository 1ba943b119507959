"""Lending markets of every kind: hand a transaction to the rules that its market follows."""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.tables import ISOLATED, POOLED
from sim.venues import lending_apply


@kernel
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Do what a transaction asks of the market that its reserve (``row``) belongs to."""
    kind = venues.markets[venues.reserves[tx.row].market].kind
    if kind == POOLED or kind == ISOLATED:
        return lending_apply.apply(
            ledger, venues.markets, venues.emodes, venues.reserves, venues.feeds,
            tx, amount, now_seconds, receipt,
        )  # fmt: skip
    return status.NOTHING_TO_DO

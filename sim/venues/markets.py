"""Lending markets of every kind: hand a transaction to the rules that its market follows."""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.tables import POOLED
from sim.venues import lending_verbs


@kernel
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Do what a transaction asks of the market that its reserve (``row``) belongs to."""
    kind = venues.markets[venues.reserves[tx.row].market].kind
    if kind == POOLED:
        return lending_verbs.apply(
            ledger, venues.markets, venues.reserves, venues.feeds, tx, amount, now_seconds, receipt
        )
    return status.NOTHING_TO_DO

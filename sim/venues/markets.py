"""Lending markets of every kind: hand a transaction to the rules that its market follows."""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.tables import BANDS, CDP, ISOLATED, POOLED
from sim.transaction import TAKE
from sim.venues import band_loans, collateralized_debt, lending_apply


@kernel
def apply(ledger, venues, tx, amount, now_seconds, receipt):
    """Do what a transaction asks of the market that its reserve or auction (``row``) belongs to."""
    if tx.kind >= TAKE:  # every auction is one of debt positions
        return collateralized_debt.apply(ledger, venues, tx, amount, now_seconds, receipt)
    kind = venues.markets[venues.reserves[tx.row].market].kind
    if kind == POOLED or kind == ISOLATED:
        return lending_apply.apply(
            ledger, venues.markets, venues.emodes, venues.reserves, venues.feeds,
            tx, amount, now_seconds, receipt,
        )  # fmt: skip
    if kind == CDP:
        return collateralized_debt.apply(ledger, venues, tx, amount, now_seconds, receipt)
    if kind == BANDS:
        return band_loans.apply(ledger, venues, tx, amount, now_seconds, receipt)
    return status.NOTHING_TO_DO

"""Accrue: time passes. Interest is a view until somebody interacts; settlements fall due."""

from __future__ import annotations

from sim import causes
from sim.block.book import book
from sim.compile import kernel
from sim.fields import SETTLES_AT, field
from sim.ledger import balance, transfer


@kernel
def accrue(world):
    """Move the clock one slot and pay out what outside trades have settled."""
    now = world.clock.now[0]
    now.slot = now.slot + 1
    now.seconds = now.seconds + now.slot_seconds
    for c in range(world.cohorts.table.shape[0]):
        cohort = world.cohorts.table[c]
        if cohort.settlement_slots > 0:
            due = field(world.cohorts, c, SETTLES_AT)
            for row in range(cohort.n_rows):
                if 0.0 < due[row] <= now.slot:
                    _pay_out(world, cohort.first_custody + row, cohort.first_account + row)
                    due[row] = 0.0


@kernel
def _pay_out(world, custody, account):
    for asset in range(world.venues.exchanges.shape[0]):
        token = world.venues.exchanges[asset].token
        amount = balance(world.ledger, token, custody)
        if amount > 0.0:
            transfer(world.ledger, token, custody, account, amount, causes.SETTLEMENT)
    book(world)

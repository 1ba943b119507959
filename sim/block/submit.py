"""Submit: new transactions are numbered and counted; from here on they can be ordered, expire or wait."""

from __future__ import annotations

from sim.compile import kernel
from sim.fields import add_busy
from sim.transaction import DONE, NEW


@kernel
def submit(world, chain):
    """Number what agents have asked for since the last block."""
    table = world.chains.table[chain]
    mempool = world.chains.mempool
    place = 0
    while place < table.pending:
        head = mempool[chain, place]
        if head.sequence == NEW:
            table.sequence = table.sequence + 1
            head.sequence = table.sequence
            table.submitted = table.submitted + 1
            if head.cohort >= 0:
                cohort = world.cohorts.table[head.cohort]
                cohort.submitted = cohort.submitted + 1
        place += head.legs


@kernel
def finish(world, head):
    """A transaction leaves the mempool: its sender is free again; the legs are swept out later."""
    head.sequence = DONE
    if head.cohort >= 0:
        add_busy(world.cohorts, head.cohort, head.sender, -1.0)
    else:
        world.venues.feeds[head.row].in_flight = 0.0

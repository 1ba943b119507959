"""Submit: new transactions enter the mempool if their sender can pay for them at the worst price."""

from __future__ import annotations

from sim.block.events import log_event
from sim.compile import kernel
from sim.fields import add_busy
from sim.ledger import balance
from sim.status import OUT_OF_GAS_MONEY
from sim.units import ETH_PER_GWEI


@kernel
def submit(world, chain):
    """Number the new transactions and drop those whose sender cannot pay their maximum fee."""
    table = world.chains.table[chain]
    mempool = world.chains.mempool
    place = 0
    while place < table.pending:
        head = mempool[chain, place]
        if head.sequence == -1:
            table.sequence = table.sequence + 1
            head.sequence = table.sequence
            if head.cohort >= 0:
                cohort = world.cohorts.table[head.cohort]
                cohort.submitted = cohort.submitted + 1
            cost = head.gas * head.max_fee_gwei * ETH_PER_GWEI
            if cost > balance(world.ledger, table.native_token, head.sender):
                world.log.receipt[0] = world.log.receipt[1]
                log_event(world, head, head, OUT_OF_GAS_MONEY, 0.0)
                finish(world, head)
            else:
                table.submitted = table.submitted + 1
        place += head.legs


@kernel
def finish(world, head):
    """A transaction leaves the mempool: its sender is free again; the legs are swept out later."""
    head.sequence = -2
    if head.cohort >= 0:
        add_busy(world.cohorts, head.cohort, head.sender, -1.0)
    else:
        world.venues.feeds[head.row].in_flight = 0.0

"""One block, on one screen: the verbs in their order, in two compiled halves.

A cascade is not a step. It emerges: executed sales move pool prices, arbitrage carries them to the
outside market, the oracle publishes them, positions become liquidatable, keepers bid.
"""

from __future__ import annotations

from agents.decide import decide
from sim.audit import audit
from sim.block.accrue import accrue
from sim.block.close import close
from sim.block.draw import draw
from sim.block.execute import execute
from sim.block.execute import execute_one as execute_one  # what is done at the prompt
from sim.block.mark import mark
from sim.block.observe import observe
from sim.block.order import order
from sim.block.publish import publish
from sim.block.record import record
from sim.block.revalue import revalue
from sim.block.submit import submit
from sim.block.value import value as value  # what is born is valued before its first block
from sim.compile import entry, kernel


@kernel
def look(world, view):
    """Time, the outside, prices: what happens before anybody decides."""
    accrue(world)
    draw(world)
    revalue(world)
    publish(world, view)
    observe(world)
    if world.clock.now[0].has_keeper_friction == 0:
        mark(world)  # a keeper without latency sees who is at risk at this moment


@kernel
def settle(world):
    """From the mempool to the record; False if an invariant broke."""
    for chain in range(world.chains.table.shape[0]):
        submit(world, chain)
        execute(world, chain, order(world, chain))
        close(world, chain)
    mark(world)
    record(world)
    now = world.clock.now[0]
    return now.slot % now.audit_every_blocks != 0 or audit(world)


@entry
def run(world, view, n_blocks):
    """Run up to ``n_blocks``; stops early when the log is full or an invariant broke.

    Returns the number of blocks run.
    """
    capacity = world.log.blocks.shape[0]
    for k in range(n_blocks):
        has_room = world.log.n[0] < capacity
        most_events = 2 * world.chains.mempool.shape[1]
        if not has_room or world.log.n[1] + most_events > world.log.events.shape[0]:
            return k
        look(world, view)
        decide(view, 0, view.cohorts.table.shape[0])
        if not settle(world):
            return k + 1
    return n_blocks


@entry
def until_decide(world, view):
    """The first half of a block, for worlds with cohorts written in Python."""
    look(world, view)


@entry
def decide_some(view, first, last):
    """Compiled cohorts between two that are written in Python decide in their turn."""
    decide(view, first, last)


@entry
def after_decide(world):
    """The second half of a block; False if an invariant broke."""
    return settle(world)


@entry
def check_books(world):
    """The conservation audit, now."""
    return audit(world)

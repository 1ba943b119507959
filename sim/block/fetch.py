"""Fetch: the memory is asked for what the transactions that come next will touch.

Who is next is decided by price and hash, so the rows of orders, senders and balances stand all over the
memory. One batch is executed while what the senders of the next one hold arrives, and the transactions of
the one after that. Hints alone: no result depends on them (``docs/decisions/0007-what-a-swap-costs.md``).
"""

from __future__ import annotations

from sim.accounts import VAULT
from sim.block.line import CALLED_AT_ONCE
from sim.compile import kernel
from sim.fields import busy_place
from sim.ledger import ask_for, ask_whose
from sim.prefetch import prefetch
from sim.transaction import SWAP


@kernel
def _holdings(world, head):
    """Ask for what the sender of a transaction holds of what it is about."""
    ledger = world.ledger
    cohort = world.cohorts.table[head.cohort]
    ask_whose(ledger, head.sender)
    prefetch(world.cohorts.column, busy_place(world.cohorts, head.cohort, head.sender))
    ask_for(ledger, world.chains.table[head.chain].native_token, cohort.group, head.sender)
    if head.kind == SWAP:
        pool = world.venues.pools[head.row]
        ask_for(ledger, pool.token0, cohort.group, head.sender)
        ask_for(ledger, pool.token1, cohort.group, head.sender)
    elif cohort.market >= 0 and cohort.role == VAULT:
        ask_for(ledger, cohort.token, cohort.group, head.sender)
        ask_for(ledger, cohort.cash_token, cohort.group, head.sender)
        supplied = world.venues.reserves[cohort.collateral_reserve]
        ask_for(ledger, supplied.receipt_token, cohort.group, head.sender)
        owed = world.venues.reserves[cohort.debt_reserve]
        ask_for(ledger, owed.debt_token, cohort.group, head.sender)


@kernel
def fetch(world, chain, size):
    """Ask for what is needed soon of a line of ``size``, of which the first few are about to be executed.

    What the senders of the next few hold, and the transactions of the few after those.
    """
    chains = world.chains
    holders = max(size - CALLED_AT_ONCE, 0)
    heads = max(size - 2 * CALLED_AT_ONCE, 0)
    for spot in range(heads - 1, max(heads - CALLED_AT_ONCE, 0) - 1, -1):
        prefetch(chains.mempool, chain, chains.queue[chain, spot])
    for spot in range(holders - 1, heads - 1, -1):
        place = chains.queue[chain, spot]
        head = chains.mempool[chain, place]
        for k in range(1, head.legs):
            prefetch(chains.mempool, chain, place + k)
        if head.cohort >= 0:
            _holdings(world, head)

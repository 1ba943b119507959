"""Order: who is next in line for this block. Highest price first; the rest waits or expires.

Who pays more is served first, so in a crash repairs and liquidations outbid each other and the price of gas
is a channel of its own. Ties are broken by a counter hash of the sender, never by the order of submission.
Who stands where in the line is found out as far as it is served (``sim/block/line.py``).
"""

from __future__ import annotations

import math

from sim.block.events import log_event
from sim.block.line import stand_in_line
from sim.block.submit import finish
from sim.compile import formula, kernel
from sim.fields import BUSY, DUTY, LOSSES, RECENT_LOSSES, count, field, remember_failure
from sim.formulas import fee_market
from sim.formulas.random import uniform
from sim.purposes import purpose_of
from sim.status import EXPIRED, REPLACED
from sim.tables import EIP1559
from sim.transaction import BORROW, LIQUIDATE, OUTSIDE_LOAN, WITHDRAW


@formula
def bid_gwei(table, head):
    """What a transaction pays a unit of gas if it is included now."""
    if head.gas == 0.0:
        return math.inf  # nothing on chain: an order to the outside exchange
    if table.fee_market == EIP1559:
        tip = fee_market.effective_tip_gwei(head.max_fee_gwei, head.tip_gwei, table.base_fee_gwei)
        return table.base_fee_gwei + tip
    return head.max_fee_gwei


@kernel
def _is_replaced(world, head):
    """Whether the sender has sent an order of its prior duty since: a vault serves one duty at a time."""
    if head.kind != WITHDRAW and head.kind != BORROW:
        return False
    row = head.sender - world.cohorts.table[head.cohort].first_account
    latest = field(world.cohorts, head.cohort, DUTY)[row]
    in_flight = field(world.cohorts, head.cohort, BUSY)[row]
    return in_flight > 1.0 and latest > 0.0 and purpose_of(world, head) != latest


@kernel
def _drop(world, head, status):
    """What has expired or was replaced leaves, and has cost nothing."""
    world.log.receipt[0] = world.log.receipt[1]
    log_event(world, head, head, status, 0.0)
    table = world.chains.table[head.chain]
    table.expired = table.expired + 1
    if head.cohort >= 0:
        cohort = world.cohorts.table[head.cohort]
        cohort.expired = cohort.expired + 1
        if status == EXPIRED:
            remember_failure(world.cohorts, head.cohort, head.sender, world.clock.now[0].slot)
        is_bid = head.kind == LIQUIDATE or head.kind == OUTSIDE_LOAN
        if is_bid and world.cohorts.start[head.cohort, LOSSES] > 0:
            cohort.losses = cohort.losses + 1
            count(world.cohorts, head.cohort, LOSSES, head.sender)
            count(world.cohorts, head.cohort, RECENT_LOSSES, head.sender)
    finish(world, head)


@kernel
def order(world, chain):
    """Drop what has expired and line up what is willing to pay the going price; returns how many."""
    chains = world.chains
    table = chains.table[chain]
    now = world.clock.now[0]
    floor_gwei = table.base_fee_gwei if table.fee_market == EIP1559 else 0.0
    size = 0
    place = 0
    while place < table.pending:
        head = chains.mempool[chain, place]
        if head.expires < now.slot:
            _drop(world, head, EXPIRED)
        elif _is_replaced(world, head):
            _drop(world, head, REPLACED)
        else:
            price = bid_gwei(table, head)
            if price >= floor_gwei:
                chains.queue[chain, size] = place
                chains.price[chain, size] = price
                chains.tie[chain, size] = uniform(
                    now.seed, table.demand_stream, head.sender, head.submitted
                )
                size += 1
        place += head.legs
    stand_in_line(chains, chain, size)
    return size

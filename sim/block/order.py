"""Order: who gets into the block. Highest price first until the gas is used up; the rest waits or expires.

Background demand outranks a bid by everything that is willing to pay more than it. Ties are broken by a
counter hash of the sender, never by the order of submission.
"""

from __future__ import annotations

import math

from sim.block.events import log_event
from sim.block.submit import finish
from sim.compile import formula, kernel
from sim.fields import LOSSES, RECENT_LOSSES, count
from sim.formulas import fee_market
from sim.formulas.random import uniform
from sim.status import EXPIRED
from sim.tables import EIP1559
from sim.transaction import LIQUIDATE, OUTSIDE_LOAN


@formula
def _precedes(chains, chain, a, b):
    """Whether transaction a goes before b: price, then hash, then place."""
    if chains.price[chain, a] != chains.price[chain, b]:
        return chains.price[chain, a] > chains.price[chain, b]
    if chains.tie[chain, a] != chains.tie[chain, b]:
        return chains.tie[chain, a] < chains.tie[chain, b]
    return a < b


@kernel
def _sift_down(chains, chain, start, size):
    """Restore the heap whose root at ``start`` may be out of place."""
    queue = chains.queue
    root = start
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and _precedes(
            chains, chain, queue[chain, child + 1], queue[chain, child]
        ):
            child += 1
        if not _precedes(chains, chain, queue[chain, child], queue[chain, root]):
            return
        queue[chain, root], queue[chain, child] = queue[chain, child], queue[chain, root]
        root = child


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
def _expire(world, head):
    world.log.receipt[0] = world.log.receipt[1]
    log_event(world, head, head, EXPIRED, 0.0)
    table = world.chains.table[head.chain]
    table.expired = table.expired + 1
    if head.cohort >= 0:
        cohort = world.cohorts.table[head.cohort]
        cohort.expired = cohort.expired + 1
        is_bid = head.kind == LIQUIDATE or head.kind == OUTSIDE_LOAN
        if is_bid and world.cohorts.start[head.cohort, LOSSES] > 0:
            cohort.losses = cohort.losses + 1
            count(world.cohorts, head.cohort, LOSSES, head.sender)
            count(world.cohorts, head.cohort, RECENT_LOSSES, head.sender)
    finish(world, head)


@kernel
def _gather(world, chain):
    """Drop what has expired, and heap what is willing to pay the going price; returns how many."""
    chains = world.chains
    table = chains.table[chain]
    now = world.clock.now[0]
    floor_gwei = table.base_fee_gwei if table.fee_market == EIP1559 else 0.0
    size = 0
    place = 0
    while place < table.pending:
        head = chains.mempool[chain, place]
        if head.sequence >= 0:
            if head.expires < now.slot:
                _expire(world, head)
            else:
                price = bid_gwei(table, head)
                if price >= floor_gwei:
                    chains.queue[chain, size] = place
                    chains.price[chain, place] = price
                    chains.tie[chain, place] = uniform(
                        now.seed, table.demand_stream, head.sender, head.submitted
                    )
                    size += 1
        place += head.legs
    for root in range(size // 2 - 1, -1, -1):
        _sift_down(chains, chain, root, size)
    return size


@kernel
def order(world, chain):
    """Choose this block's transactions, in order, into the tail of the queue; set the next base fee.

    A row of many positions is many transactions: it goes in when there is room for the first of them,
    and what exceeds the block takes space in the blocks that follow.
    """
    chains = world.chains
    table = chains.table[chain]
    size = _gather(world, chain)
    reference_gas = table.gas_target if table.fee_market == EIP1559 else table.gas_limit
    used = max(table.gas_used - table.background_gas - table.gas_limit, 0.0)
    left = size
    while left > 0:
        place = chains.queue[chain, 0]
        head = chains.mempool[chain, place]
        price = chains.price[chain, place]
        if head.gas > 0.0:
            background = fee_market.background_gas(
                price, reference_gas, table.reference_fee_gwei,
                table.demand_multiple, table.demand_elasticity,
            )  # fmt: skip
            room = table.gas_limit - used - min(background, table.gas_limit)
            if room < head.gas / head.positions:
                break
            used += head.gas
        left -= 1
        chains.queue[chain, 0] = chains.queue[chain, left]
        chains.queue[chain, left] = place
        _sift_down(chains, chain, 0, left)
    table.included = size - left
    table.waiting = left
    _reprice(table, used, reference_gas)
    return size


@kernel
def _reprice(table, used, reference_gas):
    """Fill the block with background demand and find the next going price.

    At first price that is the price at which background demand just fits beside the agents; what wallets
    suggest follows it by at most an eighth a block, for they look back over several.
    """
    room = max(table.gas_limit - used, 0.0)
    going_gwei = table.base_fee_gwei
    table.paid_base_fee_gwei = going_gwei
    if table.fee_market == EIP1559:
        wanted = fee_market.background_gas(
            going_gwei, reference_gas, table.reference_fee_gwei,
            table.demand_multiple, table.demand_elasticity,
        )  # fmt: skip
        table.background_gas = min(wanted, room)
        table.gas_used = used + table.background_gas
        table.base_fee_gwei = fee_market.next_base_fee_gwei(
            going_gwei, min(table.gas_used, table.gas_limit), table.gas_target
        )
    else:
        table.background_gas = room
        table.gas_used = used + room
        fitting_gwei = fee_market.background_price_gwei(
            room, reference_gas, table.reference_fee_gwei,
            table.demand_multiple, table.demand_elasticity,
        )  # fmt: skip
        table.base_fee_gwei = fee_market.followed_price_gwei(going_gwei, fitting_gwei)

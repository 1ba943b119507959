"""What an agent may ask: legs appended to a mempool, sealed into one transaction."""

from __future__ import annotations

from sim.compile import kernel
from sim.fields import add_busy
from sim.tables import FIRST_PRICE, FIRST_PRICE_MARGIN
from sim.transaction import GAS_UNITS, NEW, SWAP, UNKNOWN
from sim.units import ETH_PER_GWEI
from sim.view import holding

_GAS = tuple(GAS_UNITS.get(kind, 0.0) for kind in range(max(GAS_UNITS) + 1))


@kernel
def gas_units(chains, chain, kind):
    """Gas of one verb for one position; none where block space is no friction."""
    return _GAS[kind] * chains.table[chain].has_gas


@kernel
def open_transaction(chains, chain):
    """Place of the first leg."""
    return chains.table[chain].pending


@kernel
def add_leg(chains, chain, kind, sender, row, token_in, amount, limit):
    """Append a leg and return its place; -1 if the mempool is full (sealing then refuses the whole)."""
    table = chains.table[chain]
    place = table.pending
    if place >= chains.mempool.shape[1]:
        return -1
    leg = chains.mempool[chain, place]
    leg.kind = kind
    leg.chain = chain
    leg.sender = sender
    leg.counterparty = -1
    leg.row = row
    leg.token_in = token_in
    leg.token_out = -1
    leg.amount = amount
    leg.limit = limit
    leg.positions = 1.0
    leg.legs = 0
    leg.sequence = NEW
    leg.sqrt_price_limit = 0.0
    leg.sqrt_price_limit_rest = 0.0
    leg.trigger_slot = -1
    leg.trigger_price_usd = 0.0
    leg.trigger_impact = 0.0
    leg.is_endogenous = UNKNOWN
    leg.gas = gas_units(chains, chain, kind)
    table.pending = place + 1
    return place


@kernel
def add_swap(chains, chain, sender, pool, token_in, token_out, amount, limit):
    """Append a swap at a pool of one token for another; the place of the leg, or -1."""
    place = add_leg(chains, chain, SWAP, sender, pool, token_in, amount, limit)
    if place >= 0:
        chains.mempool[chain, place].token_out = token_out
    return place


@kernel
def set_trigger(chains, chain, place, slot, price_usd, impact, is_endogenous):
    """Say which price a transaction answers to, how much of it is impact, and when it was observed.

    ``is_endogenous`` is 1 if that price without the impact would have moved nobody to send it. A full
    mempool has no such place; sealing then refuses the whole.
    """
    if place < chains.mempool.shape[1]:
        head = chains.mempool[chain, place]
        head.trigger_slot = slot
        head.trigger_price_usd = price_usd
        head.trigger_impact = impact
        head.is_endogenous = is_endogenous


@kernel
def seal(
    view, chain, first, n_legs, cohort, positions, tip_gwei, going_gwei, fee_multiple, patience
):
    """Make the legs since ``first`` one transaction with its fees and its last block.

    Returns False, and takes the legs back, if the mempool could not hold all of them or the sender could
    not pay the maximum fee. Under first-price
    bidding the maximum fee is also the bid, so it is the going price, an eighth for its rise, and the tip.
    """
    chains = view.chains
    table = chains.table[chain]
    if n_legs == 0 or table.pending - first < n_legs:
        table.pending = first
        if n_legs > 0:
            table.refused = table.refused + 1
        return False
    max_fee_gwei = going_gwei * fee_multiple + tip_gwei
    if table.fee_market == FIRST_PRICE:
        max_fee_gwei = min(max_fee_gwei, FIRST_PRICE_MARGIN * going_gwei + tip_gwei)
    gas = 0.0
    for place in range(first, first + n_legs):
        leg = chains.mempool[chain, place]
        leg.positions = positions  # whichever leg asks for them: dust limits count for each
        gas += leg.gas * positions
    head = chains.mempool[chain, first]
    if gas * max_fee_gwei * ETH_PER_GWEI > holding(view, table.native_token, head.sender):
        table.pending = first
        table.refused = table.refused + 1
        return False
    head.legs = n_legs
    head.gas = gas
    head.tip_gwei = tip_gwei
    head.max_fee_gwei = max_fee_gwei
    head.submitted = view.now[0].slot
    head.expires = view.now[0].slot + patience
    head.cohort = cohort
    if cohort >= 0:
        add_busy(view.cohorts, cohort, head.sender, 1.0)
    return True

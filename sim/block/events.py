"""One row of the event table: what happened to a leg, and what the prices were."""

from __future__ import annotations

from sim.compile import kernel
from sim.purposes import purpose_of


@kernel
def log_event(world, head, leg, status, gas_eth):
    """Append an event of this leg; the receipt of the leg says what moved."""
    now = world.clock.now[0]
    log = world.log
    n = log.n[1]
    if now.slot < now.first_recorded_slot or n >= log.events.shape[0]:
        return
    receipt = log.receipt[0]
    event = log.events[n]
    event.block = now.slot - now.first_recorded_slot
    event.sequence = log.n[4]
    event.kind = leg.kind
    event.chain = leg.chain
    event.venue = receipt.venue
    event.account = head.sender
    event.counterparty = leg.counterparty
    event.token = receipt.token
    event.status = status
    event.cause = purpose_of(world, head)
    event.cohort = head.cohort
    event.token_amount = receipt.amount_in
    event.amount_out = receipt.amount_out
    event.usd = receipt.usd
    event.oracle_price_usd = receipt.oracle_price_usd
    event.market_price_usd = receipt.market_price_usd
    event.health_before = receipt.health_before
    event.impact = receipt.impact
    event.deficit_usd = receipt.deficit
    event.gas_eth = gas_eth
    event.submitted_block = head.submitted - now.first_recorded_slot
    judged = leg if leg.trigger_slot >= 0 else head
    event.trigger_block = judged.trigger_slot - now.first_recorded_slot
    event.trigger_price_usd = judged.trigger_price_usd
    event.trigger_impact = judged.trigger_impact
    event.is_endogenous = judged.is_endogenous
    log.n[1] = n + 1
    log.n[4] = log.n[4] + 1

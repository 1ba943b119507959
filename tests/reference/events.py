"""One row of the event table: what happened to a leg, and what the prices were."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tests.reference.transaction import Leg, Receipt, Transaction

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel


@dataclasses.dataclass
class Event:
    """Names instead of numbers; an empty name is nobody and nothing."""

    block: int
    sequence: int  # of the events of its block
    kind: str
    venue: str
    account: str
    counterparty: str
    token: str
    status: str
    cause: str
    cohort: str
    token_amount: float
    amount_out: float
    usd: float
    oracle_price_usd: float
    market_price_usd: float
    health_before: float
    impact: float
    deficit_usd: float
    gas_eth: float
    submitted_block: int
    trigger_block: int
    trigger_price_usd: float
    trigger_impact: float
    is_endogenous: int


def log(
    model: ReferenceModel,
    tx: Transaction,
    leg: Leg,
    receipt: Receipt,
    status: str,
    gas_eth: float,
) -> None:
    """Append an event; the burn-in is not recorded."""
    if model.block < 0:
        return
    sequence = 0
    if model.events and model.events[-1].block == model.block:
        sequence = model.events[-1].sequence + 1
    trigger = leg.trigger if leg.trigger.slot >= 0 else tx.legs[0].trigger
    model.events.append(
        Event(
            block=model.block,
            sequence=sequence,
            kind=leg.kind,
            venue=receipt.venue,
            account=tx.sender.name,
            counterparty="" if leg.counterparty is None else leg.counterparty.name,
            token=receipt.token,
            status=status,
            cause=tx.purpose,
            cohort="" if tx.agent is None else tx.agent.cohort.name,
            token_amount=receipt.amount_in,
            amount_out=receipt.amount_out,
            usd=receipt.usd,
            oracle_price_usd=receipt.oracle_price_usd,
            market_price_usd=receipt.market_price_usd,
            health_before=receipt.health_before,
            impact=receipt.impact,
            deficit_usd=receipt.deficit_usd,
            gas_eth=gas_eth,
            submitted_block=tx.submitted - model.first_recorded_slot,
            trigger_block=trigger.slot - model.first_recorded_slot,
            trigger_price_usd=trigger.price_usd,
            trigger_impact=trigger.impact,
            is_endogenous=trigger.is_endogenous,
        )
    )

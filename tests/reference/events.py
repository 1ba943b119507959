"""One row of the event table: what happened to a leg, and what the prices were."""

from __future__ import annotations

import dataclasses


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

"""A transaction: legs that stand or fall together, what they offer for block space, and their receipts."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from tests.reference.ledger import Account, Move

if TYPE_CHECKING:
    from tests.reference.participant import Participant

# Gas units of one verb for one position.
GAS_UNITS = {
    "swap": 130_000.0,
    "add_liquidity": 180_000.0,
    "remove_liquidity": 180_000.0,
    "supply": 200_000.0,
    "withdraw": 220_000.0,
    "borrow": 280_000.0,
    "repay": 190_000.0,
    "liquidation": 450_000.0,
    "publish_price": 150_000.0,
    "outside_trade": 0.0,  # not on the chain
    "outside_loan": 0.0,
    "outside_return": 0.0,
}
REVERT_GAS_SHARE = 0.3  # of its gas that a transaction has used by the time it reverts

PROCEEDS = None  # as an amount: what the swaps and liquidations before this leg have brought in
UNKNOWN = -1


@dataclasses.dataclass
class Trigger:
    """The price that somebody answered to."""

    slot: int = -1  # in which it was observed; -1: none
    price_usd: float = 0.0
    impact: float = 0.0  # of earlier trades, in the log of that price
    is_endogenous: int = UNKNOWN  # 1 if without that impact nobody would have moved, 0 if he would


@dataclasses.dataclass(eq=False)
class Leg:
    """One verb at one venue."""

    kind: str
    venue: Any  # the Pool, Reserve, Feed or Exchange that is asked
    token_in: str
    amount: float | None
    limit: float = 0.0  # the least that must come out
    other: Any = None  # the Exchange of what is bought, or the Reserve of the collateral seized
    counterparty: Account | None = None  # whose position is liquidated
    trigger: Trigger = dataclasses.field(default_factory=Trigger)


@dataclasses.dataclass(eq=False)
class Transaction:
    """What somebody has asked for, and what it may cost."""

    sender: Account
    agent: Participant | None  # None: an oracle operator
    legs: list[Leg]
    positions: float  # on-chain positions that the sender stands for; each pays gas
    gas: float  # of all legs and positions
    tip_gwei: float
    max_fee_gwei: float
    submitted: int  # slot
    expires: int  # last slot in which it may be included
    is_numbered: bool = False
    is_done: bool = False  # executed, expired or replaced
    lot: float = math.nan  # a draw that breaks ties of price
    price_gwei: float = math.nan  # what it pays a unit of gas in the block being built

    @property
    def kind(self) -> str:
        """What its first leg does."""
        return self.legs[0].kind

    @property
    def is_replaced(self) -> bool:
        """Whether its sender has sent an order of its prior duty since: one duty is served at a time."""
        if self.kind not in ("withdraw", "borrow"):
            return False
        assert self.agent is not None
        return self.agent.in_mempool > 1 and self.purpose != self.agent.duty

    @property
    def is_bid(self) -> bool:
        """Whether a keeper races for a position with it."""
        return self.kind in ("liquidation", "outside_loan")

    @property
    def purpose(self) -> str:
        """Why it was sent."""
        told_by_its_kind = {
            "withdraw": "repair",
            "borrow": "leverage_up",
            "liquidation": "liquidation",
            "outside_loan": "liquidation",
        }
        if self.kind in told_by_its_kind:
            return told_by_its_kind[self.kind]
        return "oracle_update" if self.agent is None else self.agent.cohort.purpose


@dataclasses.dataclass
class Receipt:
    """What one leg moved, and at which prices."""

    venue: str = ""
    token: str = ""
    amount_in: float = 0.0
    amount_out: float = 0.0
    usd: float = 0.0
    oracle_price_usd: float = 0.0
    market_price_usd: float = 0.0
    health_before: float = math.nan
    impact: float = 0.0  # of the trade on the log price of its venue
    deficit_usd: float = 0.0
    moves: list[Move] = dataclasses.field(default_factory=list)  # of tokens, in their order

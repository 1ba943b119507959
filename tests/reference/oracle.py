"""Push oracles: what a protocol believes a price to be. An update is a transaction like any other."""

from __future__ import annotations

import dataclasses
import math

from tests.reference.exchange import Exchange
from tests.reference.ledger import Account, Revert
from tests.reference.transaction import Leg, Receipt

NOTHING_WAITS = -math.inf  # seconds


@dataclasses.dataclass(eq=False)
class Feed:
    """One oracle and its operator."""

    name: str
    asset: Exchange
    operator: Account
    is_fixed: bool
    deviation_fraction: float
    heartbeat_seconds: float
    delay_seconds: float
    tip_gwei: float
    max_fee_multiple: float
    patience_blocks: int  # after which an update that found no space expires
    price_usd: float
    waiting_price_usd: float
    waiting_until_seconds: float
    updated_seconds: float
    impact: float  # of trades, in the log of the price
    waiting_impact: float
    observed_slot: float  # of the market price that it shows; -1: that of birth
    waiting_observed_slot: float
    in_flight: float  # 1 while an update is in the mempool

    def wants_update(self, now_seconds: float) -> bool:
        """Deviation or heartbeat, and no update under way."""
        if self.is_fixed or self.in_flight > 0.0 or self.waiting_until_seconds > NOTHING_WAITS:
            return False
        off_usd = abs(self.asset.market_price_usd - self.price_usd)
        is_stale = now_seconds - self.updated_seconds >= self.heartbeat_seconds
        return is_stale or off_usd >= self.deviation_fraction * self.price_usd

    def follow(self, slot: int, now_seconds: float) -> None:
        """Without lag: equal to the market in each block, and nothing need be sent."""
        if not self.is_fixed:
            self.price_usd = self.asset.market_price_usd
            self.impact = self.asset.impact
            self.observed_slot = slot
            self.updated_seconds = now_seconds

    def apply(self, leg: Leg, amount: float, now_seconds: float, receipt: Receipt) -> None:
        """Take ``amount`` as the new price, now or after the delay."""
        if not 0.0 < amount < math.inf:
            raise Revert("bad amount")
        if self.waiting_until_seconds > NOTHING_WAITS:
            raise Revert("price already waiting")
        receipt.venue = self.operator.name
        receipt.oracle_price_usd = self.price_usd
        receipt.amount_in = amount
        self.updated_seconds = now_seconds
        if self.delay_seconds > 0.0:
            self.waiting_price_usd = amount
            self.waiting_impact = leg.trigger.impact
            self.waiting_observed_slot = leg.trigger.slot
            self.waiting_until_seconds = now_seconds + self.delay_seconds
        else:
            receipt.impact = math.log(amount / self.price_usd)
            self.price_usd = amount
            self.impact = leg.trigger.impact
            self.observed_slot = leg.trigger.slot

    def release(self, now_seconds: float) -> None:
        """A value whose delay is over becomes the price."""
        if NOTHING_WAITS < self.waiting_until_seconds <= now_seconds:
            self.price_usd = self.waiting_price_usd
            self.impact = self.waiting_impact
            self.observed_slot = self.waiting_observed_slot
            self.waiting_until_seconds = NOTHING_WAITS

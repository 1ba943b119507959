"""The outside exchange: its price is the fundamental price, moved by every net sale so far.

Gatheral (2010), No-Dynamic-Arbitrage and Market Impact; Huberman and Stanzl (2004).
"""

from __future__ import annotations

import dataclasses
import math

from sim.formulas import outside
from tests.reference.ledger import Account, Revert, transfer
from tests.reference.transaction import Leg, Receipt


@dataclasses.dataclass(eq=False)
class Exchange:
    """Where one asset is traded against all others, by those with access."""

    name: str  # of the asset
    token: str
    account: Account  # the outside world, which pays from a finite inventory
    has_impact: bool
    depth_usd: float
    depth_multiple: float  # what is left of the depth for transient impact
    permanent_fraction: float
    half_life_seconds: float
    fundamental_price_usd: float
    market_price_usd: float
    permanent_impact: float
    transient_impact: float
    inventory: float
    sold_usd: float
    bought_usd: float

    def thin_out(self, wanted_multiple: float, slot_seconds: float) -> None:
        """Depth falls at once to what the outside imposes, and comes back as slowly as impact decays."""
        self.depth_multiple = outside.next_depth_multiple(
            self.depth_multiple, wanted_multiple, slot_seconds, self.half_life_seconds
        )

    def decay(self, slot_seconds: float) -> None:
        """A slot passes: transient impact falls by half every half-life."""
        if self.transient_impact != 0.0:
            self.transient_impact *= outside.decay(slot_seconds, self.half_life_seconds)

    @property
    def impact(self) -> float:
        """Log of market over fundamental price: what all trades so far have left in it."""
        return self.permanent_impact + self.transient_impact

    def reprice(self) -> None:
        """Quote the fundamental price times the exponential of the impact."""
        self.market_price_usd = self.fundamental_price_usd * math.exp(self.impact)

    def depth_now_usd(self) -> float:
        """USD that moves the log price by one; infinite where the price is a recorded path."""
        if not self.has_impact:
            return math.inf
        return outside.effective_depth_usd(
            self.depth_usd, self.permanent_fraction, self.depth_multiple
        )

    def sale_usd(self, amount: float, price_usd: float) -> float:
        """What a sale at that price brings, at the average along its own move."""
        if not self.has_impact:
            return amount * price_usd
        return outside.sale_proceeds_usd(amount, price_usd, self.depth_now_usd())

    def purchase(self, value_usd: float) -> float:
        """Whole tokens that this much money buys now."""
        if not self.has_impact:
            return value_usd / self.market_price_usd
        return outside.purchase_amount(value_usd, self.market_price_usd, self.depth_now_usd())

    def move(self, signed_usd: float) -> float:
        """Book a purchase (+) or a sale (-) into the price; returns its own log-impact."""
        if signed_usd < 0.0:
            self.sold_usd -= signed_usd
        else:
            self.bought_usd += signed_usd
        if not self.has_impact:
            return 0.0
        push = signed_usd / self.depth_usd
        permanent = push * self.permanent_fraction
        transient = push * (1.0 - self.permanent_fraction) / self.depth_multiple
        self.permanent_impact += permanent
        self.transient_impact += transient
        self.reprice()
        return permanent + transient


def trade(leg: Leg, sender: Account, receiver: Account, amount: float, receipt: Receipt) -> None:
    """Sell ``amount`` of one asset for another; one of the two is the cash, which has no impact."""
    sold: Exchange = leg.venue
    bought: Exchange = leg.other
    if not amount > 0.0:
        raise Revert("bad amount")
    receipt.market_price_usd = sold.market_price_usd
    value_usd = sold.sale_usd(amount, sold.market_price_usd)
    received = bought.purchase(value_usd)
    if received < leg.limit:
        raise Revert("slippage limit")
    transfer(sold.token, sender, sold.account, amount, "outside_trade", receipt.moves)
    transfer(bought.token, bought.account, receiver, received, "outside_trade", receipt.moves)
    sold.inventory += amount
    bought.inventory -= received
    impact_of_sale = sold.move(-value_usd)
    impact_of_purchase = bought.move(value_usd) if bought.has_impact else impact_of_sale
    receipt.venue = sold.account.name
    receipt.token = sold.token
    receipt.amount_in = amount
    receipt.amount_out = received
    receipt.usd = value_usd
    receipt.impact = impact_of_purchase


def lend(leg: Leg, sender: Account, amount: float, receipt: Receipt) -> None:
    """Lend ``amount`` out of the inventory for the length of a transaction, or take it back."""
    exchange: Exchange = leg.venue
    if not amount > 0.0:
        raise Revert("bad amount")
    if leg.kind == "outside_loan":
        transfer(exchange.token, exchange.account, sender, amount, "outside_loan", receipt.moves)
        exchange.inventory -= amount
    else:
        transfer(exchange.token, sender, exchange.account, amount, "outside_loan", receipt.moves)
        exchange.inventory += amount
    receipt.venue = exchange.account.name
    receipt.token = exchange.token
    receipt.amount_in = amount

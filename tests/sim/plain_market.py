"""The outside exchange once more, slowly: every trade in a thousand slices, each at the price of its middle.

It is written from the definition in `docs/model.md` alone and shares no formula with the engine.
"""

from __future__ import annotations

import math

SLICES = 1000


class PlainMarket:
    """One asset: price, what a trader has gained so far, and how deep the market is."""

    def __init__(
        self,
        price_usd: float,
        depth_usd: float,
        permanent_fraction: float,
        half_life_seconds: float,
    ) -> None:
        self.fundamental_usd, self.depth_usd = price_usd, depth_usd
        self.permanent_fraction, self.half_life_seconds = permanent_fraction, half_life_seconds
        self.permanent = self.transient = 0.0
        self.tokens = self.usd = 0.0
        self.multiple = 1.0

    def price_usd(self, ahead_usd: float = 0.0) -> float:
        """The price now, or once so many more USD have been spent."""
        transient_share = (1.0 - self.permanent_fraction) / self.multiple
        ahead = ahead_usd / self.depth_usd * (self.permanent_fraction + transient_share)
        return self.fundamental_usd * math.exp(self.permanent + self.transient + ahead)

    def buy(self, usd: float) -> float:
        """Spend so many USD, or sell for so many if negative; returns the tokens that come (or go)."""
        one = usd / SLICES
        bought = 0.0
        for _ in range(SLICES):
            bought += one / self.price_usd(0.5 * one)
            self.permanent += self.permanent_fraction * one / self.depth_usd
            self.transient += (1.0 - self.permanent_fraction) * one / self.depth_usd / self.multiple
        self.tokens, self.usd = self.tokens + bought, self.usd - usd
        return bought

    def wait(self, seconds: float, wanted_multiple: float) -> None:
        """Transient impact decays; depth falls at once, and comes back as slowly as that or slower."""
        halvings = seconds / self.half_life_seconds
        self.transient *= 0.5**halvings
        self.multiple = min(wanted_multiple, self.multiple * 2.0**halvings)

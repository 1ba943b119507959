"""Volatility targeting: exposure falls as the estimated volatility rises, whatever the price does."""

from __future__ import annotations

import math
from typing import Any

from sim.units import SECONDS_PER_YEAR
from tests.reference.weighted import Weighted


class Volatility:
    """An exponentially weighted variance of one price. RiskMetrics (1996)."""

    def __init__(self, kept: float, variance_per_year: float, last_price_usd: float) -> None:
        self.kept = kept  # of the estimate in a slot; the rest is news
        self.variance_per_year = variance_per_year
        self.last_price_usd = last_price_usd

    def learn(self, price_usd: float, slot_seconds: float) -> None:
        """One more return."""
        log_return = math.log(price_usd / self.last_price_usd)
        self.last_price_usd = price_usd
        news = log_return * log_return * SECONDS_PER_YEAR / slot_seconds
        self.variance_per_year = self.kept * self.variance_per_year + (1.0 - self.kept) * news


class VolatilityTarget(Weighted):
    """Less exposure when volatility is high, whatever the price does. Moreira and Muir (2017)."""

    def __init__(
        self,
        *who: Any,
        target_volatility_per_year: float,
        kept_a_slot: float,
        band_fraction: float,
        max_exposure_fraction: float,
        variance_per_year: float,
        last_price_usd: float,
        clean_variance_per_year: float,
        last_clean_price_usd: float,
    ) -> None:
        super().__init__(*who)
        self.target_per_year = target_volatility_per_year
        self.band = band_fraction
        self.most = max_exposure_fraction
        self.volatility = Volatility(kept_a_slot, variance_per_year, last_price_usd)
        self.clean_volatility = Volatility(
            kept_a_slot, clean_variance_per_year, last_clean_price_usd
        )

    def decide(self) -> None:
        asset, slot_seconds = self.cohort.asset, self.model.slot_seconds
        self.volatility.learn(self.seen.price_of(asset), slot_seconds)
        self.clean_volatility.learn(self.seen.price_without_impact(asset), slot_seconds)
        super().decide()

    def target(self, nav_usd: float) -> tuple[float, float]:
        return self.target_at(self.volatility, nav_usd)

    def clean_target(self, nav_usd: float) -> tuple[float, float]:
        return self.target_at(self.clean_volatility, nav_usd)

    def target_at(self, volatility: Volatility, nav_usd: float) -> tuple[float, float]:
        """Target over estimate, at most the cap."""
        weight = self.most
        if volatility.variance_per_year > 0.0:
            wanted = self.target_per_year / math.sqrt(volatility.variance_per_year)
            weight = min(wanted, self.most)
        return weight * nav_usd, weight

"""Vaults that want a weight of their NAV in one asset: the control group, and CPPI.

Each turns what it sees into a target, and asks for it once it is outside its band.
"""

from __future__ import annotations

import abc
from typing import Any

from tests.reference.vault import Vault


class BuyAndHold(Vault):
    """The control group: bears the shock and adds nothing to it."""

    def __init__(self, *who: Any, risky_fraction: float) -> None:
        super().__init__(*who)


class Weighted(Vault, abc.ABC):
    """A rule that wants a weight of NAV in its asset, and trades when it is off by more than its band."""

    band: float  # share of NAV

    @abc.abstractmethod
    def target(self, nav_usd: float) -> tuple[float, float]:
        """Target exposure in USD, and by how much it falls for each USD of NAV lost."""

    def clean_target(self, nav_usd: float) -> tuple[float, float]:
        """The same had nobody's trades moved any price."""
        return self.target(nav_usd)

    def decide(self) -> None:
        price_usd = self.seen.price_of(self.cohort.asset)
        exposure_usd, nav_usd = self.standing(price_usd)
        target_usd, per_nav = self.target(nav_usd)
        if self.is_off(exposure_usd, nav_usd, target_usd):
            clean_price_usd = self.seen.price_without_impact(self.cohort.asset)
            clean_exposure_usd, clean_nav_usd = self.standing(clean_price_usd)
            clean_target_usd, _ = self.clean_target(clean_nav_usd)
            anyway = self.is_off(clean_exposure_usd, clean_nav_usd, clean_target_usd)
            self.trade_to_target(exposure_usd, target_usd, per_nav, anyway)

    def standing(self, price_usd: float) -> tuple[float, float]:
        """Exposure and NAV."""
        exposure_usd = self.account.balances[self.cohort.asset.token] * price_usd
        cash = self.account.balances[self.model.cash.token]
        return exposure_usd, exposure_usd + cash * self.seen.price_of(self.model.cash)

    def is_off(self, exposure_usd: float, nav_usd: float, target_usd: float) -> bool:
        """Only what is off by more than the band is worth a trade."""
        return abs(exposure_usd - target_usd) > self.band * nav_usd


class FixedWeight(Weighted):
    """A constant share of NAV: buys what has fallen. Perold and Sharpe (1988)."""

    def __init__(self, *who: Any, target_weight_fraction: float, band_fraction: float) -> None:
        super().__init__(*who)
        self.weight = target_weight_fraction
        self.band = band_fraction

    def target(self, nav_usd: float) -> tuple[float, float]:
        return self.weight * nav_usd, self.weight


class Cppi(Weighted):
    """A multiple of the cushion above a floor: sells as prices fall. Black and Perold (1992)."""

    def __init__(
        self,
        *who: Any,
        multiplier: float,
        floor_fraction: float,
        band_fraction: float,
        max_exposure_fraction: float,
    ) -> None:
        super().__init__(*who)
        self.multiplier = multiplier
        self.floor_usd = floor_fraction * self.birth
        self.band = band_fraction
        self.most = max_exposure_fraction

    def target(self, nav_usd: float) -> tuple[float, float]:
        cushion_usd = max(nav_usd - self.floor_usd, 0.0)
        if self.multiplier * cushion_usd > self.most * nav_usd:
            return self.most * nav_usd, self.most
        return self.multiplier * cushion_usd, self.multiplier

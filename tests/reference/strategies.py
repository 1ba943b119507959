"""The rules of the vaults: each turns what it sees into a target, and asks for it once outside its band."""

from __future__ import annotations

import math
from typing import Any

from sim.formulas.liquidation import leverage_of_health
from sim.units import SECONDS_PER_YEAR
from tests.reference.vault import Vault


class BuyAndHold(Vault):
    """The control group: bears the shock and adds nothing to it."""

    def __init__(self, *who: Any, risky_fraction: float) -> None:
        super().__init__(*who)


class FixedWeight(Vault):
    """A constant share of NAV: buys what has fallen. Perold and Sharpe (1988)."""

    def __init__(self, *who: Any, target_weight_fraction: float, band_fraction: float) -> None:
        super().__init__(*who)
        self.weight = target_weight_fraction
        self.band = band_fraction

    def decide(self) -> None:
        exposure_usd, nav_usd = self.standing()
        self.trade_if_off(nav_usd, exposure_usd, self.weight * nav_usd, self.weight)

    def standing(self) -> tuple[float, float]:
        """Exposure and NAV at the prices it sees."""
        seen = self.seen
        price = seen.price_of(self.cohort.asset)
        cash_price = seen.price_of(self.model.cash)
        exposure_usd = self.account.balances[self.cohort.asset.token] * price
        cash_usd = self.account.balances[self.model.cash.token] * cash_price
        return exposure_usd, exposure_usd + cash_usd

    def trade_if_off(
        self, nav_usd: float, exposure_usd: float, target_usd: float, per_nav: float
    ) -> None:
        """Only what is off by more than the band is worth a trade."""
        if abs(exposure_usd - target_usd) > self.band * nav_usd:
            self.trade_to_target(exposure_usd, target_usd, per_nav)


class Cppi(FixedWeight):
    """A multiple of the cushion above a floor: sells as prices fall. Black and Perold (1992)."""

    def __init__(
        self,
        *who: Any,
        multiplier: float,
        floor_fraction: float,
        band_fraction: float,
        max_exposure_fraction: float,
    ) -> None:
        super().__init__(*who, target_weight_fraction=math.nan, band_fraction=band_fraction)
        self.multiplier = multiplier
        self.floor_usd = floor_fraction * self.birth
        self.most = max_exposure_fraction

    def decide(self) -> None:
        exposure_usd, nav_usd = self.standing()
        cushion_usd = max(nav_usd - self.floor_usd, 0.0)
        target_usd, per_nav = self.multiplier * cushion_usd, self.multiplier
        if target_usd > self.most * nav_usd:
            target_usd, per_nav = self.most * nav_usd, self.most
        self.trade_if_off(nav_usd, exposure_usd, target_usd, per_nav)


class VolatilityTarget(FixedWeight):
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
    ) -> None:
        super().__init__(*who, target_weight_fraction=math.nan, band_fraction=band_fraction)
        self.target_per_year = target_volatility_per_year
        self.kept = kept_a_slot  # of the estimate; the rest is news
        self.most = max_exposure_fraction
        self.variance_per_year = variance_per_year
        self.last_price_usd = last_price_usd

    def decide(self) -> None:
        price_usd = self.seen.price_of(self.cohort.asset)
        log_return = math.log(price_usd / self.last_price_usd)
        self.last_price_usd = price_usd
        news = log_return * log_return * SECONDS_PER_YEAR / self.model.slot_seconds
        self.variance_per_year = self.kept * self.variance_per_year + (1.0 - self.kept) * news
        weight = self.most
        if self.variance_per_year > 0.0:
            weight = min(self.target_per_year / math.sqrt(self.variance_per_year), self.most)
        exposure_usd, nav_usd = self.standing()
        self.trade_if_off(nav_usd, exposure_usd, weight * nav_usd, weight)


class LeveragedLoop(Vault):
    """Collateral, borrowed cash, more collateral, at a health in a band. Heimbach and Huang (2024)."""

    LEAST_RELIEF = 0.05  # health gained for a USD sold, at least

    def __init__(self, *who: Any, target_health: float, health_band: float) -> None:
        super().__init__(*who)
        self.target_health = target_health
        self.band = health_band

    def decide(self) -> None:
        cohort, now = self.cohort, self.model.seconds
        pledged, lent = cohort.collateral, cohort.debt
        assert pledged is not None
        assert lent is not None
        threshold = pledged.threshold_fraction
        oracle_usd = self.seen.oracle_of(pledged.feed)
        price_usd = oracle_usd * pledged.liquidity_index_now(now)
        owed_usd = self.seen.oracle_of(lent.feed) * lent.borrow_index_now(now)
        exposure_usd = self.account.balances[pledged.receipt_token] * price_usd
        debt_usd = self.account.balances[lent.debt_token] * owed_usd
        weighted_usd = threshold * exposure_usd
        is_low = weighted_usd < (self.target_health - self.band) * debt_usd
        is_high = weighted_usd > (self.target_health + self.band) * debt_usd
        if is_low or is_high:
            # A USD sold at the market takes this much off the collateral, at the oracle price.
            taken = oracle_usd / self.seen.price_of(cohort.asset)
            relief = max(self.target_health - threshold * taken, self.LEAST_RELIEF)
            sold_usd = (self.target_health * debt_usd - threshold * exposure_usd) / relief
            target_usd = max(exposure_usd - sold_usd, 0.0)
            leverage = leverage_of_health(self.target_health, threshold)
            self.trade_to_target(exposure_usd, target_usd, leverage)

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


class Weighted(Vault):
    """A rule that wants a weight of NAV in its asset, and trades when it is off by more than its band."""

    band: float  # share of NAV

    def target(self, nav_usd: float) -> tuple[float, float]:
        """Target exposure in USD, and by how much it falls for each USD of NAV lost."""
        raise NotImplementedError

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
        if self.is_off(weighted_usd, debt_usd):
            # A USD sold at the market takes this much off the collateral, at the oracle price.
            taken = oracle_usd / self.seen.price_of(cohort.asset)
            relief = max(self.target_health - threshold * taken, self.LEAST_RELIEF)
            sold_usd = (self.target_health * debt_usd - threshold * exposure_usd) / relief
            target_usd = max(exposure_usd - sold_usd, 0.0)
            leverage = leverage_of_health(self.target_health, threshold)
            impact = self.seen.oracle_trigger[pledged.feed.name].impact
            anyway = self.is_off(math.exp(-impact) * weighted_usd, debt_usd)
            self.trade_to_target(exposure_usd, target_usd, leverage, anyway)

    def is_off(self, weighted_usd: float, debt_usd: float) -> bool:
        """Whether weighted collateral over debt has left its band."""
        is_low = weighted_usd < (self.target_health - self.band) * debt_usd
        is_high = weighted_usd > (self.target_health + self.band) * debt_usd
        return is_low or is_high

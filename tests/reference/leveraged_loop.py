"""Leveraged loops: the population that can be liquidated."""

from __future__ import annotations

import math
from typing import Any

from sim.formulas.liquidation import leverage_of_health
from tests.reference.vault import Vault


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

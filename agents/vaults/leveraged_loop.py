"""Leveraged loop: collateral, borrowed cash, more collateral. The population that can be liquidated.

It keeps its health factor inside a band around a target: below the band it deleverages (sells), above
it leverages up. Between the two it does nothing, so a fast fall goes through the band.
Source: Heimbach and Huang (2024), DeFi Leverage (BIS Working Paper 1171), for the trade;
leverage at health H and threshold LT is H / (H - LT).
"""

from __future__ import annotations

import dataclasses
import math

from agents.execution import trade_to_target
from agents.parameters import per_vault, uniform
from sim.compile import boundary, formula
from sim.fields import N_COMMON, field
from sim.formulas.liquidation import leverage_of_health
from sim.view import (
    debt_index,
    market_price,
    oracle_impact,
    oracle_price,
    own,
    receipt_index,
    seen_row,
)

TARGET, BAND = N_COMMON, N_COMMON + 1
LEAST_RELIEF = (
    0.05  # health gained for each USD sold, at least: an oracle far above the market gives none
)


@dataclasses.dataclass(frozen=True)
class LeveragedLoop:
    """Keep the health factor at ``target_health``; act when it is off by ``health_band``."""

    target_health: float = per_vault(uniform(1.2, 2.0), 1.001, 20.0)
    health_band: float = per_vault(0.08, 0.001, 1.0)


@formula
def leveraged_loop(exposure_usd, debt_usd, target_health, threshold_fraction, oracle_over_market):
    """Target exposure in oracle USD, and its change per USD of equity.

    Selling s USD at the market takes ``s x oracle / market`` off the exposure and s off the debt, so health
    H is reached by ``s = (H D - LT E) / (H - LT x oracle / market)``. With both prices equal the target is
    leverage times equity.
    """
    leverage = leverage_of_health(target_health, threshold_fraction)
    per_usd_sold = max(target_health - threshold_fraction * oracle_over_market, LEAST_RELIEF)
    sold_usd = (target_health * debt_usd - threshold_fraction * exposure_usd) / per_usd_sold
    return max(exposure_usd - sold_usd, 0.0), leverage


@formula
def is_outside_band(weighted_usd, debt_usd, target_health, health_band):
    """Health below H is weighted collateral below H x debt: no division, no special case without debt."""
    is_low = weighted_usd < (target_health - health_band) * debt_usd
    is_high = weighted_usd > (target_health + health_band) * debt_usd
    return is_low or is_high


@boundary(None)
def decide(view, c):
    """Every vault whose health, at the oracle price it sees, has left its band asks for its target."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    collateral = view.reserves[cohort.collateral_reserve]
    debt = view.reserves[cohort.debt_reserve]
    threshold = cohort.threshold_fraction
    oracle = oracle_price(view, row, collateral.feed)
    oracle_over_market = oracle / market_price(view, row, cohort.asset)
    price = oracle * receipt_index(view, cohort.collateral_reserve)
    # What collateral would be worth with no impact in its oracle price, over what it is worth.
    clean_share = math.exp(-oracle_impact(view, row, collateral.feed))
    owed = oracle_price(view, row, debt.feed) * debt_index(view, cohort.debt_reserve)
    receipts = own(view, collateral.receipt_token, cohort.group)
    debts = own(view, debt.debt_token, cohort.group)
    target = field(view.cohorts, c, TARGET)
    band = field(view.cohorts, c, BAND)
    for i in range(cohort.n_rows):
        exposure_usd = receipts[i] * price
        debt_usd = debts[i] * owed
        weighted_usd = threshold * exposure_usd
        if is_outside_band(weighted_usd, debt_usd, target[i], band[i]):
            target_usd, per_nav = leveraged_loop(
                exposure_usd, debt_usd, target[i], threshold, oracle_over_market
            )
            anyway = is_outside_band(clean_share * weighted_usd, debt_usd, target[i], band[i])
            nav_usd = exposure_usd - debt_usd
            trade_to_target(view, c, i, nav_usd, exposure_usd, target_usd, per_nav, not anyway)

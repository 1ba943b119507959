"""Volatility targeting: exposure falls as the estimated volatility rises, whatever the price does.

The estimate is an exponentially weighted mean of squared returns with each vault's own half-life.
Source: Moreira and Muir (2017), Volatility-Managed Portfolios; RiskMetrics (1996) for the estimator.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from agents.execution import trade_to_target
from agents.parameters import per_vault, shared, uniform
from sim.compile import boundary, formula
from sim.fields import N_COMMON, field
from sim.fields import shared as shared_value
from sim.units import SECONDS_PER_YEAR
from sim.view import market_price, own, price_without_impact, seen_row

TARGET, KEEP, BAND, MAX_EXPOSURE = N_COMMON, N_COMMON + 1, N_COMMON + 2, N_COMMON + 3
VARIANCE, LAST_PRICE = N_COMMON + 4, N_COMMON + 5
CLEAN_VARIANCE, LAST_CLEAN_PRICE = N_COMMON + 6, N_COMMON + 7

# Name: one number per vault? The clean ones are of the price without the impact of anybody's trades: they
# tell whether a sale would have come anyway, and decide nothing.
MEMORY = {
    "variance_per_year": True,
    "last_price_usd": False,
    "clean_variance_per_year": True,
    "last_clean_price_usd": False,
}


@dataclasses.dataclass(frozen=True)
class VolatilityTarget:
    """Hold ``target / estimate`` of NAV in the asset, at most ``max_exposure_fraction``."""

    target_volatility_per_year: float = per_vault(uniform(0.2, 0.5), 0.01, 5.0)
    half_life_seconds: float = per_vault(uniform(3600.0, 86400.0), 12.0, 1e8)
    band_fraction: float = per_vault(uniform(0.01, 0.05), 0.001, 0.5)
    max_exposure_fraction: float = shared(1.0, 0.0, 1.0)


def birth_weight(values: dict[str, np.ndarray], volatility_per_year: float) -> np.ndarray:
    """Born at its target for the asset's own volatility."""
    wanted = values["target_volatility_per_year"] / max(volatility_per_year, 1e-12)
    return np.minimum(wanted, values["max_exposure_fraction"])


def born(
    column: Callable[[int], np.ndarray],
    slot_seconds: float,
    volatility_per_year: float,
    price_usd: float,
) -> None:
    """The half-life becomes the weight kept each slot; the estimate starts at the asset's volatility."""
    column(KEEP)[:] = np.exp2(-slot_seconds / column(KEEP))
    column(VARIANCE)[:] = volatility_per_year * volatility_per_year
    column(LAST_PRICE)[:] = price_usd
    column(CLEAN_VARIANCE)[:] = column(VARIANCE)
    column(LAST_CLEAN_PRICE)[:] = price_usd


@formula
def volatility_target(nav_usd, target_per_year, variance_per_year, max_exposure_fraction):
    """Target exposure in USD, and its change per USD of NAV."""
    weight = max_exposure_fraction
    if variance_per_year > 0.0:
        weight = min(target_per_year / math.sqrt(variance_per_year), max_exposure_fraction)
    return weight * nav_usd, weight


@formula
def wish(held, cash, price, cash_price, target_per_year, variance_per_year, max_exposure, band):
    """NAV, exposure, target, its change per USD of NAV, and whether the exposure has left its band."""
    exposure_usd = held * price
    nav_usd = exposure_usd + cash * cash_price
    target_usd, per_nav = volatility_target(
        nav_usd, target_per_year, variance_per_year, max_exposure
    )
    is_off = abs(exposure_usd - target_usd) > band * nav_usd
    return nav_usd, exposure_usd, target_usd, per_nav, is_off


@formula
def ewma(variance_per_year, keep, log_return, slot_seconds):
    """The estimate after one more return."""
    news = log_return * log_return * SECONDS_PER_YEAR / slot_seconds
    return keep * variance_per_year + (1.0 - keep) * news


@boundary(None)
def decide(view, c):
    """Update the estimate; every vault whose exposure has left its band asks for its target."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    price = market_price(view, row, cohort.asset)
    cash_price = market_price(view, row, view.now[0].cash_asset)
    held = own(view, cohort.token, cohort.group)
    cash = own(view, cohort.cash_token, cohort.group)
    target = field(view.cohorts, c, TARGET)
    keep = field(view.cohorts, c, KEEP)
    band = field(view.cohorts, c, BAND)
    variance = field(view.cohorts, c, VARIANCE)
    last_price = field(view.cohorts, c, LAST_PRICE)
    max_exposure = shared_value(view.cohorts, c, MAX_EXPOSURE)
    clean_variance = field(view.cohorts, c, CLEAN_VARIANCE)
    last_clean_price = field(view.cohorts, c, LAST_CLEAN_PRICE)
    clean_price = price_without_impact(view, row, cohort.asset)
    log_return = math.log(price / last_price[0])
    clean_return = math.log(clean_price / last_clean_price[0])
    last_price[0] = price
    last_clean_price[0] = clean_price
    slot_seconds = view.now[0].slot_seconds
    for i in range(cohort.n_rows):
        variance[i] = ewma(variance[i], keep[i], log_return, slot_seconds)
        clean_variance[i] = ewma(clean_variance[i], keep[i], clean_return, slot_seconds)
        nav_usd, exposure_usd, target_usd, per_nav, is_off = wish(
            held[i], cash[i], price, cash_price, target[i], variance[i], max_exposure, band[i]
        )
        if is_off:
            _, _, _, _, anyway = wish(
                held[i], cash[i], clean_price, cash_price,
                target[i], clean_variance[i], max_exposure, band[i],
            )  # fmt: skip
            trade_to_target(view, c, i, nav_usd, exposure_usd, target_usd, per_nav, not anyway)

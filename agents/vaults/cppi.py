"""Constant-proportion portfolio insurance: sells as prices fall, so it passes shocks on.

Exposure is a multiple of the cushion above a floor. A fall of 1/multiplier between two trades breaks
the floor (gap risk). Source: Black and Perold (1992), Theory of Constant Proportion Portfolio Insurance.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from agents.execution import trade_to_target
from agents.parameters import per_vault, shared, uniform
from sim.compile import boundary, formula
from sim.fields import BIRTH, N_COMMON, field
from sim.fields import shared as shared_value
from sim.view import market_price, own, price_without_impact, seen_row

MULTIPLIER, FLOOR, BAND, MAX_EXPOSURE = N_COMMON, N_COMMON + 1, N_COMMON + 2, N_COMMON + 3


@dataclasses.dataclass(frozen=True)
class Cppi:
    """``floor_fraction`` of the NAV at birth is protected; trade when off by ``band_fraction`` of NAV."""

    multiplier: float = per_vault(uniform(2.0, 5.0), 1.0, 20.0)
    floor_fraction: float = per_vault(uniform(0.7, 0.9), 0.0, 0.99)
    band_fraction: float = per_vault(uniform(0.01, 0.05), 0.001, 0.5)
    max_exposure_fraction: float = shared(1.0, 0.0, 1.0)


def birth_weight(values: dict[str, np.ndarray], volatility_per_year: float) -> np.ndarray:
    """Born at its target: the multiple of the whole cushion, within the cap."""
    target = values["multiplier"] * (1.0 - values["floor_fraction"])
    return np.minimum(target, values["max_exposure_fraction"])


@formula
def cppi(nav_usd, floor_usd, multiplier, max_exposure_fraction):
    """Target exposure in USD, and its change per USD of NAV."""
    cushion_usd = max(nav_usd - floor_usd, 0.0)
    # The cap is the owner's, not the rule's: it binds however large the cushion.
    if multiplier * cushion_usd > max_exposure_fraction * nav_usd:
        return max_exposure_fraction * nav_usd, max_exposure_fraction
    return multiplier * cushion_usd, multiplier


@formula
def wish(
    held, cash, price, cash_price, floor_usd, multiplier, max_exposure_fraction, band_fraction
):
    """NAV, exposure, target, its change per USD of NAV, and whether the exposure has left its band."""
    exposure_usd = held * price
    nav_usd = exposure_usd + cash * cash_price
    target_usd, per_nav = cppi(nav_usd, floor_usd, multiplier, max_exposure_fraction)
    is_off = abs(exposure_usd - target_usd) > band_fraction * nav_usd
    return nav_usd, exposure_usd, target_usd, per_nav, is_off


@boundary(None)
def decide(view, c):
    """Every vault whose exposure has left its band asks for its target."""
    cohort = view.cohorts.table[c]
    row = seen_row(view, cohort)
    price = market_price(view, row, cohort.asset)
    cash_price = market_price(view, row, view.now[0].cash_asset)
    held = own(view, cohort.token, cohort.group)
    cash = own(view, cohort.cash_token, cohort.group)
    multiplier = field(view.cohorts, c, MULTIPLIER)
    floor = field(view.cohorts, c, FLOOR)
    band = field(view.cohorts, c, BAND)
    birth_usd = field(view.cohorts, c, BIRTH)
    max_exposure = shared_value(view.cohorts, c, MAX_EXPOSURE)
    clean_price = price_without_impact(view, row, cohort.asset)
    for i in range(cohort.n_rows):
        nav_usd, exposure_usd, target_usd, per_nav, is_off = wish(
            held[i], cash[i], price, cash_price,
            floor[i] * birth_usd[i], multiplier[i], max_exposure, band[i],
        )  # fmt: skip
        if is_off:
            _, _, _, _, anyway = wish(
                held[i], cash[i], clean_price, cash_price,
                floor[i] * birth_usd[i], multiplier[i], max_exposure, band[i],
            )  # fmt: skip
            trade_to_target(view, c, i, nav_usd, exposure_usd, target_usd, per_nav, not anyway)

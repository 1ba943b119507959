"""Fixed-weight rebalancing: contrarian, it buys what has fallen, and damps. The other control group.

Source: Perold and Sharpe (1988), Dynamic Strategies for Asset Allocation (constant mix).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from agents.execution import trade_to_target
from agents.parameters import per_vault, uniform
from sim.compile import boundary, formula
from sim.fields import N_COMMON, field
from sim.view import market_price, own, price_without_impact, seen_row

WEIGHT, BAND = N_COMMON, N_COMMON + 1


@dataclasses.dataclass(frozen=True)
class FixedWeight:
    """Hold ``target_weight_fraction`` of NAV in the asset; trade when off by ``band_fraction`` of NAV."""

    target_weight_fraction: float = per_vault(0.6, 0.0, 1.0)
    band_fraction: float = per_vault(uniform(0.01, 0.05), 0.001, 0.5)


def birth_weight(values: dict[str, np.ndarray], volatility_per_year: float) -> np.ndarray:
    """Born at its target."""
    return values["target_weight_fraction"]


@formula
def fixed_weight(nav_usd, weight):
    """Target exposure in USD, and its change per USD of NAV."""
    return weight * nav_usd, weight


@formula
def wish(held, cash, price, cash_price, weight, band_fraction):
    """NAV, exposure, target, its change per USD of NAV, and whether the exposure has left its band."""
    exposure_usd = held * price
    nav_usd = exposure_usd + cash * cash_price
    target_usd, per_nav = fixed_weight(nav_usd, weight)
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
    weight = field(view.cohorts, c, WEIGHT)
    band = field(view.cohorts, c, BAND)
    clean_price = price_without_impact(view, row, cohort.asset)
    for i in range(cohort.n_rows):
        nav_usd, exposure_usd, target_usd, per_nav, is_off = wish(
            held[i], cash[i], price, cash_price, weight[i], band[i]
        )
        if is_off:
            _, _, _, _, anyway = wish(held[i], cash[i], clean_price, cash_price, weight[i], band[i])
            trade_to_target(view, c, i, nav_usd, exposure_usd, target_usd, per_nav, not anyway)

"""Built-in strategies written again by a user, both ways: what they do must be the same to the bit."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from agents.parameters import per_vault, shared, uniform
from agents.vaults.leveraged_loop import LEAST_RELIEF, leveraged_loop


@dataclasses.dataclass(frozen=True)
class MyCppi:
    multiplier: float = per_vault(uniform(2.0, 5.0), 1.0, 20.0)
    floor_fraction: float = per_vault(uniform(0.7, 0.9), 0.0, 0.99)
    band_fraction: float = per_vault(uniform(0.01, 0.05), 0.001, 0.5)
    max_exposure_fraction: float = shared(1.0, 0.0, 1.0)


def cppi_weight(values, volatility_per_year):
    target = values["multiplier"] * (1.0 - values["floor_fraction"])
    return np.minimum(target, values["max_exposure_fraction"])


def scalar_cppi(
    band_fraction,
    max_exposure_fraction,
    multiplier,
    floor_fraction,
    birth_usd,
    exposure_usd,
    nav_usd,
):
    per_nav = multiplier
    target_usd = multiplier * max(nav_usd - floor_fraction * birth_usd, 0.0)
    if target_usd > max_exposure_fraction * nav_usd:
        target_usd, per_nav = max_exposure_fraction * nav_usd, max_exposure_fraction
    if abs(exposure_usd - target_usd) > band_fraction * nav_usd:
        return target_usd, per_nav
    return math.nan, per_nav


def view_cppi(view):
    own = view.own
    most_usd = own.max_exposure_fraction * own.nav_usd
    floor_usd = own.floor_fraction * own.birth_usd
    wanted_usd = own.multiplier * np.maximum(own.nav_usd - floor_usd, 0.0)
    target_usd = np.where(wanted_usd > most_usd, most_usd, wanted_usd)
    per_nav = np.where(wanted_usd > most_usd, own.max_exposure_fraction, own.multiplier)
    is_off = np.abs(own.exposure_usd - target_usd) > own.band_fraction * own.nav_usd
    return np.where(is_off, target_usd, np.nan), per_nav


@dataclasses.dataclass(frozen=True)
class MyLoop:
    target_health: float = per_vault(uniform(1.2, 2.0), 1.001, 20.0)
    health_band: float = per_vault(0.08, 0.001, 1.0)


def scalar_loop(
    exposure_usd,
    debt_usd,
    price_usd,
    oracle_price_usd,
    threshold_fraction,
    target_health,
    health_band,
):
    weighted_usd = threshold_fraction * exposure_usd
    is_low = weighted_usd < (target_health - health_band) * debt_usd
    is_high = weighted_usd > (target_health + health_band) * debt_usd
    if is_low or is_high:  # a rule may use the formulas of the project
        ratio = oracle_price_usd / price_usd
        return leveraged_loop(exposure_usd, debt_usd, target_health, threshold_fraction, ratio)
    return math.nan, 0.0


def view_loop(view):
    own = view.own
    weighted_usd = own.threshold_fraction * own.exposure_usd
    is_low = weighted_usd < (own.target_health - own.health_band) * own.debt_usd
    is_high = weighted_usd > (own.target_health + own.health_band) * own.debt_usd
    weighted_price = own.threshold_fraction * (own.oracle_price_usd / own.price_usd)
    missing_usd = own.target_health * own.debt_usd - own.threshold_fraction * own.exposure_usd
    sold_usd = missing_usd / np.maximum(own.target_health - weighted_price, LEAST_RELIEF)
    target_usd = np.maximum(own.exposure_usd - sold_usd, 0.0)
    leverage = own.target_health / (own.target_health - own.threshold_fraction)
    return np.where(is_low | is_high, target_usd, np.nan), leverage

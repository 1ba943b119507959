"""Interest of an isolated market: what its shares are worth, and how its rate moves.

The loan reserve keeps shares where a pooled one keeps scaled receipts and debts; their prices are its
indices, and what is lent and owed follows from shares and prices. Virtual shares and assets (one unit of
the token each) keep the first depositor from making the price of a share jump. The collateral reserve
is not lent: its index is one.
Source: Morpho Blue (2023); the contracts Morpho, SharesMathLib and AdaptiveCurveIrm.
"""

from __future__ import annotations

import math

from sim.compile import formula, kernel
from sim.formulas import isolated


@formula
def borrowed(reserve):
    """Loans with the interest written so far: a debt share is worth (loans + unit) / (shares + unit)."""
    owed = reserve.borrow_index * (reserve.scaled_debt + reserve.unit) - reserve.unit
    return max(owed, 0.0)


@formula
def _supply_shares(reserve):
    """Shares of lenders and of the treasury, with the virtual ones."""
    return reserve.scaled_supply + reserve.treasury_scaled + reserve.unit


@kernel
def utilisation(reserve):
    """Share of what was supplied that is lent out, at the prices last written."""
    supplied = reserve.liquidity_index * _supply_shares(reserve) - reserve.unit
    if supplied <= 0.0:
        return 0.0
    if reserve.cash <= 0.0:  # whatever fraction of a unit the last loan repaid has left
        return 1.0
    return borrowed(reserve) / supplied


@kernel
def _earned(reserve, now_seconds):
    """Interest since it was last written, and the rate at target now."""
    return isolated.interest_earned(
        borrowed(reserve),
        reserve.rate_at_target_per_year,
        utilisation(reserve),
        now_seconds - reserve.updated_seconds,
    )


@kernel
def debt_price_now(reserve, now_seconds):
    """Underlying owed for a debt share now."""
    if now_seconds <= reserve.updated_seconds:
        return reserve.borrow_index
    earned, _ = _earned(reserve, now_seconds)
    return reserve.borrow_index + earned / (reserve.scaled_debt + reserve.unit)


@kernel
def supply_price_now(reserve, now_seconds):
    """Underlying that a supply share is worth now; the fee is paid in new shares, at this price."""
    if now_seconds <= reserve.updated_seconds or reserve.scaled_debt == 0.0:
        return reserve.liquidity_index
    earned, _ = _earned(reserve, now_seconds)
    kept = earned * (1.0 - reserve.reserve_factor_fraction)
    return reserve.liquidity_index + kept / _supply_shares(reserve)


@kernel
def accrue(reserve, now_seconds):
    """Write the interest and the rate at target up to now; the fee becomes shares of the treasury."""
    earned, rate_at_target = _earned(reserve, now_seconds)
    supply_price = supply_price_now(reserve, now_seconds)
    reserve.borrow_index = debt_price_now(reserve, now_seconds)
    reserve.rate_at_target_per_year = rate_at_target
    fee_shares = earned * reserve.reserve_factor_fraction / supply_price
    reserve.liquidity_index = supply_price
    reserve.treasury_scaled = reserve.treasury_scaled + fee_shares
    reserve.updated_seconds = now_seconds


@kernel
def set_rates(reserve):
    """The rates of this moment. Of the last loan repaid only whole units may be left."""
    if reserve.scaled_debt == 0.0:
        reserve.borrow_index = math.floor(reserve.borrow_index)
    used = utilisation(reserve)
    reserve.borrow_rate_per_year, _ = isolated.adapted(reserve.rate_at_target_per_year, used, 0.0)
    kept = 1.0 - reserve.reserve_factor_fraction
    reserve.supply_rate_per_year = reserve.borrow_rate_per_year * used * kept


@kernel
def lose(reserve, lost):
    """Bad debt: lenders and the treasury bear it at once, each in proportion to his shares."""
    price = reserve.liquidity_index - lost / _supply_shares(reserve)
    reserve.liquidity_index = max(price, 0.0)

"""How much of a position may be liquidated, and what the liquidator receives (Aave v3.3 rules).

A liquidation repays debt and takes collateral worth the repayment and a bonus *at the oracle price*:
a stale oracle makes it a gift or a loss, and beyond collateral = debt x (1 + bonus) it leaves bad debt.
Source: aave-v3-origin, LiquidationLogic (v3.3); Warmuz, Chaudhary and Pinna (2022), Toxic Liquidation
Spirals, arXiv 2212.07306, for the frontier debt / collateral = 1 / (1 + bonus).
"""

from __future__ import annotations

import math

from sim.compile import formula

V33, V30 = 0, 1  # whose rules of liquidation a market follows
CLOSE_FACTORS = ("v3.3", "v3.0")

CLOSE_FACTOR = 0.5
CLOSE_FACTOR_HEALTH = 0.95
MIN_BASE_FOR_CLOSE_FACTOR_USD = 2_000.0
MIN_LEFTOVER_USD = 1_000.0


@formula
def health_factor(weighted_collateral_usd, debt_usd):
    """Collateral weighted by its liquidation thresholds over debt; infinite without debt."""
    if debt_usd <= 0.0:
        return math.inf
    return weighted_collateral_usd / debt_usd


@formula
def max_repay_usd(reserve_debt_usd, total_debt_usd, collateral_usd, health, positions):
    """The most debt of one reserve that one call may repay.

    Half of the borrower's *total* debt while health is above 0.95 and both sides are at least
    2,000 USD a position; everything otherwise.
    """
    floor_usd = MIN_BASE_FOR_CLOSE_FACTOR_USD * positions
    if (
        health > CLOSE_FACTOR_HEALTH
        and collateral_usd >= floor_usd
        and reserve_debt_usd >= floor_usd
    ):
        return min(reserve_debt_usd, CLOSE_FACTOR * total_debt_usd)
    return reserve_debt_usd


@formula
def older_max_repay_usd(reserve_debt_usd, health):
    """The same before v3.3: half of this debt, whatever its size, while health is above 0.95."""
    if health > CLOSE_FACTOR_HEALTH:
        return CLOSE_FACTOR * reserve_debt_usd
    return reserve_debt_usd


@formula
def protocol_share(seized, bonus_fraction, fee_fraction):
    """What the protocol keeps of the collateral taken: a part of the bonus, never of the repayment."""
    return fee_fraction * (seized - seized / (1.0 + bonus_fraction))


@formula
def whole_bps(fraction):
    """A mean of loan-to-values as the contract knows it: whole basis points, rounded down."""
    return math.floor(fraction * 10_000.0 + 1e-9) / 10_000.0


@formula
def seized_usd(repaid_usd, bonus_fraction):
    """Collateral taken for a repayment, at oracle prices."""
    return repaid_usd * (1.0 + bonus_fraction)


@formula
def leaves_dust(debt_left_usd, collateral_left_usd, positions):
    """Whether a partial liquidation would leave less than 1,000 USD a position on either side."""
    floor_usd = MIN_LEFTOVER_USD * positions
    is_partial = debt_left_usd > 0.0 and collateral_left_usd > 0.0
    return is_partial and (debt_left_usd < floor_usd or collateral_left_usd < floor_usd)


@formula
def leverage_of_health(health, threshold_fraction):
    """Assets over equity of a one-collateral loop at a given health factor: ``H / (H - LT)``."""
    return health / (health - threshold_fraction)


@formula
def health_of_leverage(leverage, threshold_fraction):
    """The inverse: ``LT L / (L - 1)``."""
    if leverage <= 1.0:
        return math.inf
    return threshold_fraction * leverage / (leverage - 1.0)

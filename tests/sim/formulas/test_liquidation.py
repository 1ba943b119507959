"""Aave v3.3's close factor, dust rule and bonus by hand. Source: aave-v3-origin, LiquidationLogic."""

from __future__ import annotations

import math

import pytest

from sim.formulas import liquidation


def test_health_factor():
    assert liquidation.health_factor(150_000 * 0.8, 80_000) == 1.5
    assert liquidation.health_factor(0.0, 1.0) == 0.0
    assert liquidation.health_factor(100.0, 0.0) == math.inf


@pytest.mark.parametrize(
    ("debt", "total_debt", "collateral", "health", "positions", "most"),
    [
        (80_000, 80_000, 90_000, 0.97, 1, 40_000),  # half while health is above 0.95 ...
        (80_000, 80_000, 90_000, 0.95, 1, 80_000),  # ... and not at it
        (80_000, 80_000, 90_000, 0.9500001, 1, 40_000),
        (80_000, 120_000, 90_000, 0.97, 1, 60_000),  # half of the *total* debt
        (50_000, 120_000, 90_000, 0.97, 1, 50_000),  # but no more than of this reserve
        (1_999, 80_000, 90_000, 0.97, 1, 1_999),  # a side below 2,000 USD: everything
        (2_000, 80_000, 90_000, 0.97, 1, 2_000),
        (2_000, 2_000, 2_000, 0.97, 1, 1_000),  # both at 2,000: half
        (2_000, 2_000, 1_999.99, 0.97, 1, 2_000),
        (80_000, 80_000, 90_000, 0.97, 40, 40_000),  # 40 positions of 2,000 each
        (80_000, 80_000, 90_000, 0.97, 41, 80_000),  # 41 are below 2,000 each
    ],
)
def test_close_factor(debt, total_debt, collateral, health, positions, most):
    assert liquidation.max_repay_usd(debt, total_debt, collateral, health, positions) == most


def test_bonus():
    assert liquidation.seized_usd(10_000.0, 0.05) == 10_500.0


@pytest.mark.parametrize(
    ("debt_left", "collateral_left", "positions", "dust"),
    [
        (1_000.0, 1_000.0, 1, False),
        (999.99, 5_000.0, 1, True),
        (5_000.0, 999.99, 1, True),
        (0.0, 10.0, 1, False),  # one side is cleared in full
        (10.0, 0.0, 1, False),
        (9_999.0, 50_000.0, 10, True),  # 999.90 USD a position
        (10_000.0, 50_000.0, 10, False),
    ],
)
def test_a_liquidation_clears_or_leaves_a_thousand(debt_left, collateral_left, positions, dust):
    assert liquidation.leaves_dust(debt_left, collateral_left, positions) == dust


@pytest.mark.parametrize("bonus", [0.01, 0.05, 0.1])
def test_beyond_the_frontier_a_liquidation_worsens_the_account(bonus):
    """Warmuz, Chaudhary and Pinna (2022): debt / collateral = 1 / (1 + bonus) is the turning point."""
    frontier = 1.0 / (1.0 + bonus)
    for ratio, improves in ((frontier - 0.01, True), (frontier + 0.01, False)):
        collateral, debt, repaid = 100.0, 100.0 * ratio, 10.0
        after = (debt - repaid) / (collateral - liquidation.seized_usd(repaid, bonus))
        assert (after < ratio) == improves


def test_leverage_and_health_are_inverse():
    # Health 1.5 at threshold 0.8: 1.5 / 0.7 = 2.142857 of assets for each of equity.
    leverage = liquidation.leverage_of_health(1.5, 0.8)
    assert leverage == pytest.approx(15 / 7, rel=1e-15)
    assert liquidation.health_of_leverage(leverage, 0.8) == pytest.approx(1.5, rel=1e-15)
    assert liquidation.health_of_leverage(1.0, 0.8) == math.inf

"""Aave v3.0 by ``af.venues.LendingMarket`` with the older rules."""

from __future__ import annotations

from typing import ClassVar

from tests.onchain.adapters import aave_v3


class Adapter(aave_v3.Adapter):
    RULES = "v3.0"
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "ASSET_NOT_BORROWABLE_IN_ISOLATION": ("not borrowable in isolation",),
        "BORROWING_NOT_ENABLED": ("not borrowable here",),
        "BORROW_CAP_EXCEEDED": ("cap exceeded",),
        "COLLATERAL_BALANCE_IS_ZERO": ("loan-to-value is zero",),
        "COLLATERAL_CANNOT_BE_LIQUIDATED": ("not used as collateral",),
        # The older pool asks for health before the loan, ours for health after it.
        "COLLATERAL_CANNOT_COVER_NEW_BORROW": ("loan-to-value exceeded", "health too low"),
        "DEBT_CEILING_EXCEEDED": ("debt ceiling exceeded",),
        "HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD": ("health too low",),
        "HEALTH_FACTOR_NOT_BELOW_THRESHOLD": ("not liquidatable",),
        "INCONSISTENT_EMODE_CATEGORY": (
            "no such e-mode", "debt not allowed in this e-mode", "not borrowable here",
        ),
        "INVALID_AMOUNT": ("bad amount",),
        "LTV_VALIDATION_FAILED": ("loan-to-value is zero",),
        "NOT_ENOUGH_AVAILABLE_USER_BALANCE": ("insufficient balance",),
        "NO_DEBT_OF_SELECTED_TYPE": ("nothing owed",),
        "Panic(17)": ("no liquidity",),
        "SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER": ("nothing owed",),
        "SUPPLY_CAP_EXCEEDED": ("cap exceeded",),
        "UNDERLYING_BALANCE_ZERO": ("insufficient balance",),
        "USER_IN_ISOLATION_MODE_OR_LTV_ZERO": ("not used as collateral",),
        # The token's own words, whoever has too little of it: an account, or the reserve for a flash loan.
        "insufficient balance": ("insufficient balance", "no liquidity", "bad amount"),
    }  # fmt: skip
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {
        "INVALID_BURN_AMOUNT": "a liquidation that takes less than one base unit",
    }

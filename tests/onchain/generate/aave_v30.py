"""Aave v3.0, the older rules of liquidation, on its own bytecode: the vectors' protocol ``aave_v30``."""

from __future__ import annotations

import random
from typing import Any, ClassVar

from tests.onchain.generate import aave_setups
from tests.onchain.generate.aave_branches import BRANCHES as NEWER
from tests.onchain.generate.aave_pool_v30 import PoolV30
from tests.onchain.generate.aave_v3 import UNITS, Market, begin

__all__ = ["UNITS"]

NAME = "aave_v30"
N_SAMPLE, N_FULL = 60, 250
CONTRACTS = [f"@aave/core-v3 1.19.3 {name}" for name in ("Pool", "LiquidationLogic")]
SUMS: tuple[str, ...] = ()
FEWEST = 40  # a third of them open the market
REASONS = [
    "ASSET_NOT_BORROWABLE_IN_ISOLATION", "BORROWING_NOT_ENABLED", "BORROW_CAP_EXCEEDED",
    "COLLATERAL_BALANCE_IS_ZERO", "COLLATERAL_CANNOT_BE_LIQUIDATED",
    "COLLATERAL_CANNOT_COVER_NEW_BORROW", "DEBT_CEILING_EXCEEDED",
    "HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD", "HEALTH_FACTOR_NOT_BELOW_THRESHOLD",
    "INCONSISTENT_EMODE_CATEGORY", "INVALID_AMOUNT", "INVALID_BURN_AMOUNT",
    "NOT_ENOUGH_AVAILABLE_USER_BALANCE", "NO_DEBT_OF_SELECTED_TYPE", "Panic(17)",
    "SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER", "SUPPLY_CAP_EXCEEDED", "UNDERLYING_BALANCE_ZERO",
    "USER_IN_ISOLATION_MODE_OR_LTV_ZERO", "insufficient balance",
]  # fmt: skip
OF_NEWER_RULES = (
    "liquidation: half of all debts",
    "liquidation: all, below 2,000 USD",
    "liquidation: all, less than half of the debts",
    "liquidation: leaves a deficit",
    "liquidation: leaves a deficit in another reserve",
    "rates: with a deficit",
)
BRANCHES = [
    "liquidation: half of the debt",
    *(each for each in NEWER if each not in OF_NEWER_RULES),
]


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """One category of two assets: here what is collateral in it is borrowable in it."""
    decimals, setup = aave_setups.draw_setup(rng)
    setup["categories"] = setup["categories"][:1]
    return decimals, setup


class MarketV30(Market, PoolV30):
    """A market of the older rules and its life."""

    RULES: ClassVar[str] = "v3.0"


def Session(decimals: dict[str, int], setup: dict[str, Any]) -> Market:
    return begin(MarketV30, decimals, setup)

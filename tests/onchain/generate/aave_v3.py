"""Aave since v3.3 on its own bytecode: the vectors' protocol ``aave_v3``."""

from __future__ import annotations

import random
from typing import Any

from tests.onchain.generate.aave_branches import BRANCHES, taken
from tests.onchain.generate.aave_lives import Life, draw_setup
from tests.onchain.generate.aave_pool import Pool

__all__ = ["BRANCHES", "Session", "draw_setup"]

NAME = "aave_v3"
N_SAMPLE = 120
N_FULL = 400
CONTRACTS = [
    f"@aave-dao/aave-v3-origin 3.6.0 {name}" for name in ("PoolInstance", "LiquidationLogic")
]
EXACT = (
    "kind n_accounts flash_premium_bps reserves categories account borrower reserve collateral debt "
    "category is_used"
)
TOKENS = (
    "scaled_supply scaled_debt cash treasury deficit supplied owed wallet "
    "other_supplied other_owed other_wallet"
)
RAYS = "liquidity_index borrow_index"
USD = "price_usd collateral_usd debt_usd available_usd"
UNITS = {
    **dict.fromkeys(EXACT.split(), "exact"),
    **dict.fromkeys(TOKENS.split(), "token{i}"),
    **dict.fromkeys(RAYS.split(), "ray"),
    **{of + name: "usd" for name in USD.split() for of in ("", "other_")},
    **dict.fromkeys("supply_rate borrow_rate health other_health".split(), "wad"),
    "isolated_debt": "cents",
    "amount": "token{reserve}",
    "debt_amount": "token{debt}",
    "repaid": "token{debt}",
    "seized": "token{collateral}",
}
REASONS = [
    "AssetNotBorrowableInIsolation", "BorrowCapExceeded", "BorrowingNotEnabled",
    "CollateralCannotBeLiquidated", "CollateralCannotCoverNewBorrow", "DebtCeilingExceeded",
"HealthFactorLowerThanLiquidationThreshold",
    "HealthFactorNotBelowThreshold", "InconsistentEModeCategory", "InvalidAmount", "InvalidBurnAmount",
    "InvalidCollateralInEmode", "InvalidDebtInEmode", "LtvValidationFailed", "MustNotLeaveDust",
    "NoDebtOfSelectedType", "NotBorrowableInEMode", "NotEnoughAvailableUserBalance", "Panic(17)",
    "SelfLiquidation", "SpecifiedCurrencyNotBorrowedByUser",
    "SupplyCapExceeded", "UnderlyingBalanceZero", "UserInIsolationModeOrLtvZero",
    "insufficient balance",
]  # fmt: skip


class Session(Pool):
    """A market and its life."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        super().__init__(decimals, setup)
        self.life = Life(self)
        self.branches: list[str] = []

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        return self.life.draw(rng)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        self.seen = self.looked_at(inputs)
        if self.life.opening is None:  # a nudged life: only its values are of interest
            return super().do(verb, inputs)
        before = self.observe()
        done = super().do(verb, inputs)
        self.branches += taken(self, verb, inputs, before, self.observe())
        return done

    def grain(self) -> dict[str, int]:
        return {}

    def round_again(self, rng: random.Random | None) -> None:
        """Every claim is rounded on its own; nudging what is brought in shows how far that reaches."""

    def is_over(self) -> bool:
        return False

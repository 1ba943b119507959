"""Aave since v3.3 on its own bytecode: the vectors' protocol ``aave_v3``."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

from tests.onchain.generate.aave_branches import BRANCHES, taken
from tests.onchain.generate.aave_lives import Life
from tests.onchain.generate.aave_pool import Pool
from tests.onchain.generate.aave_setups import draw_setup
from tests.onchain.sequences import Operation

__all__ = ["BRANCHES", "Session", "draw_setup"]

NAME = "aave_v3"
N_SAMPLE, N_FULL = 60, 300
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
SUMS: tuple[str, ...] = ()
FEWEST = 40  # a third of them open the market
REASONS = [
    "AssetNotBorrowableInIsolation", "BorrowCapExceeded", "BorrowingNotEnabled",
    "CollateralCannotBeLiquidated", "CollateralCannotCoverNewBorrow", "DebtCeilingExceeded",
    "HealthFactorLowerThanLiquidationThreshold", "HealthFactorNotBelowThreshold",
    "InconsistentEModeCategory", "InvalidAmount", "InvalidBurnAmount", "InvalidDebtInEmode",
    "LtvValidationFailed", "MustNotLeaveDust", "NoDebtOfSelectedType", "NotBorrowableInEMode",
    "NotEnoughAvailableUserBalance", "Panic(17)", "SelfLiquidation",
    "SpecifiedCurrencyNotBorrowedByUser", "SupplyCapExceeded", "UnderlyingBalanceZero",
    "UserInIsolationModeOrLtvZero", "insufficient balance",
]  # fmt: skip


DOUBLE = 2**52


class Market(Pool):
    """A pool and its life, whatever its rules."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        super().__init__(decimals, setup)
        self.begin()

    def begin(self) -> None:
        """Nothing has happened yet."""
        self.life = Life(self)
        self.branches: list[str] = []
        self.seen = [0]
        self.rounded = [0] * len(self.tokens)  # times that a treasury's share was
        self.most_cash = [0] * len(self.tokens)
        self.is_rounded = False

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        return self.life.draw(rng)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        self.seen = self.looked_at(inputs)
        if self.life.opening is None:  # a nudged life: only its values are of interest
            return super().do(verb, inputs)
        before = self.look()
        done = super().do(verb, inputs)
        self.branches += taken(self, verb, inputs, before, self.look())
        return done

    def grain(self) -> dict[str, int]:
        return {}

    def round_again(self, rng: random.Random | None) -> None:
        """The treasury's share is rounded down three times whenever interest is written."""
        self.is_rounded = True
        for k, touched in enumerate(self.look()["treasury"]):
            if touched and self.was_touched_now(k) and (rng is None or rng.random() < 0.5):
                self.rounded[k] += 1

    def less(self, operation: Operation) -> dict[str, Any] | None:
        """A liquidation that repays one unit less, where the contract has rounded the amount."""
        repaid, asked = operation.out.get("repaid", 0), operation.inputs.get("debt_amount", 0)
        is_all = repaid > 1 and operation.out["owed"][operation.inputs["debt"]] == 0
        if repaid <= 1 or is_all or asked == repaid:
            return None
        return {**operation.inputs, "debt_amount": repaid - 1}

    def observe(self) -> dict[str, Any]:
        out = super().observe()
        self.most_cash = list(map(max, self.most_cash, out["cash"]))
        if self.is_rounded:  # of a running sum in doubles the last bit of its largest value is lost
            lost = [most // DOUBLE for most in self.most_cash]
            out["cash"] = [x + n for x, n in zip(out["cash"], lost, strict=True)]
        out["treasury"] = [x + n for x, n in zip(out["treasury"], self.rounded, strict=True)]
        return out

    def is_over(self) -> bool:
        return False


@dataclass
class Opened:
    """A market as it was when nothing had happened; kept, as each life is lived ten times."""

    asked: str
    market: Market
    saved: Any


_opened: list[Opened] = []


def begin(kind: type[Market], decimals: dict[str, int], setup: dict[str, Any]) -> Market:
    """The market of this setup at its beginning, deployed only if it is another than the last."""
    asked = json.dumps([kind.__name__, decimals, setup])
    if not _opened or _opened[0].asked != asked:
        market = kind(decimals, setup)
        _opened[:] = [Opened(asked, market, None)]
    last = _opened[0]
    if last.saved is not None:
        last.market.chain.restore(last.saved)
    last.saved = last.market.chain.save()
    last.market.begin()
    return last.market


def Session(decimals: dict[str, int], setup: dict[str, Any]) -> Market:
    """A market of the rules since v3.3."""
    return begin(Market, decimals, setup)

"""Aave since v3.3 by ``af.venues.LendingMarket``: reserve 2 is "token2", account 3 is "account3"."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import aftershock as af
from sim.errors import InputError
from sim.world import freeze, thaw
from tests.onchain.adapters import Refused
from tests.onchain.sequences import ALL

BPS = 10_000.0
USD = 1e8
CENTS = 100.0


class Adapter:
    RULES = "v3.3"
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "AssetNotBorrowableInIsolation": ("not borrowable in isolation",),
        "BorrowCapExceeded": ("cap exceeded",),
        "BorrowingNotEnabled": ("not borrowable here",),
        "CollateralCannotBeLiquidated": ("not used as collateral",),
        "CollateralCannotCoverNewBorrow": ("loan-to-value exceeded",),
        "DebtCeilingExceeded": ("debt ceiling exceeded",),
        "HealthFactorLowerThanLiquidationThreshold": ("health too low",),
        "HealthFactorNotBelowThreshold": ("not liquidatable",),
        "InconsistentEModeCategory": ("no such e-mode",),
        "InvalidAmount": ("bad amount",),
        "InvalidCollateralInEmode": ("collateral worthless in this e-mode",),
        "InvalidDebtInEmode": ("debt not allowed in this e-mode",),
        "LtvValidationFailed": ("loan-to-value is zero",),
        "MustNotLeaveDust": ("would leave dust",),
        "NoDebtOfSelectedType": ("nothing owed",),
        "NotBorrowableInEMode": ("not borrowable here",),
        "NotEnoughAvailableUserBalance": ("insufficient balance",),
        "Panic(17)": ("no liquidity",),  # more is asked for than the reserve has
        "SelfLiquidation": ("own position",),
        "SpecifiedCurrencyNotBorrowedByUser": ("nothing owed",),
        "SupplyCapExceeded": ("cap exceeded",),
        "UnderlyingBalanceZero": ("insufficient balance",),
        "UserInIsolationModeOrLtvZero": ("not used as collateral",),
        "insufficient balance": ("insufficient balance",),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {
        "aave_v3/4/259 operation 41": "a repayment of one base unit at an index of 1.001 is no whole unit "
        "of scaled debt",
        "aave_v3/4/275 operation 22": "a loan of 416 is rounded up to a debt of 417, 0.2678 USD where 0.2674 "
        "are left; 416 are 0.2672",
    }
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {
        "aave_v3/4/177": "1e-15 of a token that stay beside 7,891 are below the last bit of a double",
        "aave_v3/4/251": "to borrow all the cash is two base units more than all receipts there are, "
        "which is asked before the loan-to-value that is zero",
    }
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {
        "InvalidBurnAmount": "a liquidation that takes less than one base unit",
    }

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.symbols = [f"token{k}" for k in range(len(setup["reserves"]))]
        self.market = af.venues.LendingMarket(
            {
                symbol: self._terms(terms, decimals[symbol])
                for symbol, terms in zip(self.symbols, setup["reserves"], strict=True)
            },
            emodes={
                f"category{number}": self._category(category)
                for number, category in enumerate(setup["categories"], start=1)
            },
            close_factor=self.RULES,
            flash_fee_fraction=setup["flash_premium_bps"] / BPS,
        )
        for symbol, terms in zip(self.symbols, setup["reserves"], strict=True):
            for number, balance in enumerate(terms["balances"]):
                self.market.give(_name(number), symbol, balance / 10 ** decimals[symbol])
        self.seen = [0]

    def _terms(self, terms: dict[str, Any], decimals: int) -> dict[str, Any]:
        """Terms in the names of the prompt; a cap of 0 is none."""
        return {
            "price_usd": terms["price_usd"] / USD,
            "ltv_fraction": terms["ltv_bps"] / BPS,
            "threshold_fraction": terms["threshold_bps"] / BPS,
            "bonus_fraction": (terms["bonus_bps"] - BPS) / BPS,
            "base_rate_per_year": terms["base_bps"] / BPS,
            "slope1_per_year": terms["slope1_bps"] / BPS,
            "slope2_per_year": terms["slope2_bps"] / BPS,
            "optimal_utilisation_fraction": terms["optimal_bps"] / BPS,
            "reserve_factor_fraction": terms["reserve_factor_bps"] / BPS,
            "supply_cap": terms["supply_cap"] or math.inf,
            "borrow_cap": terms["borrow_cap"] or math.inf,
            "liquidation_fee_fraction": terms["protocol_fee_bps"] / BPS,
            "debt_ceiling": terms["debt_ceiling"] / CENTS,
            "is_borrowable": terms["is_borrowable"],
            "is_borrowable_in_isolation": terms["is_borrowable_in_isolation"],
            "decimals": decimals,
        }

    def _category(self, category: dict[str, Any]) -> dict[str, Any]:
        return {
            "ltv_fraction": category["ltv_bps"] / BPS,
            "threshold_fraction": category["threshold_bps"] / BPS,
            "bonus_fraction": (category["bonus_bps"] - BPS) / BPS,
            "collateral": [self.symbols[k] for k in category["collateral"]],
            "borrowable": [self.symbols[k] for k in category["borrowable"]],
        }

    def pass_time(self, seconds: int) -> None:
        self.market.wait(seconds)

    def save(self) -> Any:
        return freeze(self.market._world, {})

    def restore(self, saved: Any) -> None:
        thaw(self.market._world, saved)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        numbers = [inputs[name] for name in ("borrower", "account") if name in inputs]
        self.seen = list(dict.fromkeys(numbers))
        try:
            return getattr(self, verb)(**inputs) or {}
        except af.venues.Reverted as reverted:
            raise Refused(reverted.reason) from None

    def supply(self, account: int, reserve: int, amount: float) -> None:
        self.market.supply(self.symbols[reserve], amount, account=_name(account))

    def withdraw(self, account: int, reserve: int, amount: float | str) -> None:
        wanted = self._amount(amount, reserve)
        self.market.withdraw(self.symbols[reserve], wanted, account=_name(account))

    def borrow(self, account: int, reserve: int, amount: float | str) -> None:
        wanted = self._amount(amount, reserve)
        self.market.borrow(self.symbols[reserve], wanted, account=_name(account))

    def repay(self, account: int, reserve: int, amount: float | str) -> None:
        wanted = self._amount(amount, reserve)
        self.market.repay(self.symbols[reserve], wanted, account=_name(account))

    def use_as_collateral(self, account: int, reserve: int, is_used: bool) -> None:
        self.market.use_as_collateral(self.symbols[reserve], is_used, account=_name(account))

    def enter_category(self, account: int, category: int) -> None:
        name = f"category{category}" if category else None
        try:
            self.market.set_emode(name, account=_name(account))
        except InputError:
            raise Refused("no such e-mode") from None

    def liquidate(
        self, account: int, borrower: int, collateral: int, debt: int, debt_amount: float | str
    ) -> dict[str, float]:
        done = self.market.liquidate(
            _name(borrower), self.symbols[collateral], self.symbols[debt],
            self._amount(debt_amount, debt), account=_name(account),
        )  # fmt: skip
        return {"repaid": done.repaid, "seized": done.seized}

    def flash_loan(self, account: int, reserve: int, amount: float) -> None:
        self.market.flash_loan(self.symbols[reserve], amount, account=_name(account))

    def set_price(self, account: int, reserve: int, price_usd: float) -> None:
        self.market.set_price(self.symbols[reserve], price_usd)

    def _amount(self, amount: float | str, reserve: int) -> float:
        """All that the account has or owes, all that the reserve has, or a number."""
        if amount == "cash":
            return self.market.reserve(self.symbols[reserve]).cash
        return math.inf if amount == ALL else float(amount)

    def observe(self) -> dict[str, Any]:
        every = [self.market.reserve(symbol) for symbol in self.symbols]
        out: dict[str, Any] = {
            "liquidity_index": [each.liquidity_index for each in every],
            "borrow_index": [each.borrow_index for each in every],
            "supply_rate": [each.supply_rate_per_year for each in every],
            "borrow_rate": [each.borrow_rate_per_year for each in every],
            "scaled_supply": [each.scaled_supply for each in every],
            "scaled_debt": [each.scaled_debt for each in every],
            "cash": [each.cash for each in every],
            "treasury": [each.treasury / each.liquidity_index for each in every],
            "deficit": [each.deficit for each in every],
            "isolated_debt": [self.market.isolated_debt(symbol) for symbol in self.symbols],
        }
        for place, number in enumerate(self.seen):
            of, name = "other_" if place else "", _name(number)
            data = self.market.account_data(name)
            out |= {
                of + "collateral_usd": data.collateral_usd,
                of + "debt_usd": data.debt_usd,
                of + "available_usd": data.available_usd,
                of + "health": data.health_factor if data.health_factor < math.inf else 0.0,
                of + "supplied": [self.market.supplied(each, name) for each in self.symbols],
                of + "owed": [self.market.owed(each, name) for each in self.symbols],
                of + "wallet": [self.market.balance(each, name) for each in self.symbols],
            }
        return out


def _name(account: int) -> str:
    return f"account{account}"

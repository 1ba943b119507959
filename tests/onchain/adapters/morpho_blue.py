"""Morpho Blue by ``af.venues.IsolatedMarket``, where shares are asked for as what they are worth."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import aftershock as af
from sim.units import SECONDS_PER_YEAR
from sim.world import freeze, thaw
from tests.onchain.adapters import Refused
from tests.onchain.sequences import ALL

PRICE = 10**36
LOAN, COLLATERAL = "loan", "collateral"
LENDERS = ("supply", "withdraw")


class Adapter:
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Panic(17)": ("insufficient balance", "nothing owed"),  # more than the account has, or owes
        "inconsistent input": (
            "bad amount",
            "nothing owed",
        ),  # neither assets nor shares: all of nothing
        "insufficient collateral": ("health too low",),
        "insufficient liquidity": ("no liquidity",),
        "position is healthy": ("not liquidatable",),
        "transfer reverted": ("no liquidity",),  # a flash loan of more than there is
        "transferFrom reverted": ("insufficient balance",),
        "zero assets": ("bad amount",),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {
        "morpho_blue/4/52 operation 26": "a loan of 25,081 is rounded up to 25,082, and what the collateral "
        "covers, 25,082.51, down to 25,081",
        "morpho_blue/4/180 operation 38": "the last share of all, 1e-12 of one, is burned for no asset",
        "morpho_blue/4/278 operation 23": "a debt of 3,850 and a second's interest is rounded up to 3,851, "
        "and what the collateral covers, 3,851.28, down to 3,850",
    }
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {
        "morpho_blue/4/182": "years at the highest rate make a share worth 31 base units, and what is left "
        "of the loans beside bad debt is rounded to a share",
    }
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {}

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        # An oracle of Morpho quotes base units of the loan for one of the collateral, times 1e36.
        self.one = PRICE * 10 ** decimals[LOAN] // 10 ** decimals[COLLATERAL]
        self.market = af.venues.IsolatedMarket(
            COLLATERAL,
            LOAN,
            setup["lltv"],
            {COLLATERAL: setup["price"] / self.one, LOAN: 1.0},
            fee_fraction=setup["fee"],
            decimals={COLLATERAL: decimals[COLLATERAL], LOAN: decimals[LOAN]},
        )
        for symbol in (LOAN, COLLATERAL):
            for number, balance in enumerate(setup[f"{symbol}_balances"]):
                self.market.give(_name(number), symbol, balance / 10 ** decimals[symbol])
        self.seen = [0]

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

    def supply(self, account: int, assets: float, shares: float) -> dict[str, float]:
        amount = assets + shares * self.market.reserve(LOAN).liquidity_index
        minted = self.market.supply(LOAN, amount, account=_name(account))
        return {"assets": amount, "moved": minted}

    def withdraw(self, account: int, assets: float, shares: float | str) -> dict[str, float]:
        name, price = _name(account), self.market.reserve(LOAN).liquidity_index
        amount = math.inf if shares == ALL else assets + float(shares) * price
        paid = self.market.withdraw(LOAN, amount, account=name)
        return {"assets": paid, "moved": paid / price}

    def borrow(self, account: int, assets: float | str, shares: float) -> dict[str, float]:
        books = self.market.reserve(LOAN)
        amount = books.cash if assets == "cash" else float(assets) + shares * books.borrow_index
        taken = self.market.borrow(LOAN, amount, account=_name(account))
        return {"assets": taken, "moved": taken / self.market.reserve(LOAN).borrow_index}

    def repay(self, account: int, assets: float, shares: float | str) -> dict[str, float]:
        name, price = _name(account), self.market.reserve(LOAN).borrow_index
        amount = math.inf if shares == ALL else assets + float(shares) * price
        paid = self.market.repay(LOAN, amount, account=name)
        return {"assets": paid, "moved": paid / price}

    def supply_collateral(self, account: int, pledged: float) -> None:
        self.market.supply(COLLATERAL, pledged, account=_name(account))

    def withdraw_collateral(self, account: int, pledged: float | str) -> None:
        wanted = math.inf if pledged == ALL else float(pledged)
        self.market.withdraw(COLLATERAL, wanted, account=_name(account))

    def liquidate(
        self, account: int, borrower: int, seized: float | str, repaid_shares: float | str
    ) -> dict[str, float]:
        """All of the collateral, or all of the loan, or so much of one of them."""
        name, who = _name(account), _name(borrower)
        if seized == ALL or float(seized) > 0.0:
            some = self.market.supplied(COLLATERAL, who) if seized == ALL else float(seized)
            done = self.market.liquidate(who, seized=some, account=name)
        else:
            price = self.market.reserve(LOAN).borrow_index
            owed = self.market.owed(LOAN, who)
            amount = owed if repaid_shares == ALL else float(repaid_shares) * price
            done = self.market.liquidate(who, amount, account=name)
        return {"seized": done.seized, "repaid": done.repaid}

    def accrue(self, account: int) -> None:
        self.market.accrue()

    def flash_loan(self, account: int, assets: float) -> None:
        self.market.flash_loan(LOAN, assets, account=_name(account))

    def set_price(self, account: int, price: int) -> None:
        self.market.set_price(COLLATERAL, price / self.one)

    def observe(self) -> dict[str, Any]:
        books = self.market.reserve(LOAN)
        names = [_name(number) for number in self.seen]
        scaled = [self.market.scaled(LOAN, name) for name in names]
        return {
            "supply_shares": books.scaled_supply,
            "borrow_shares": books.scaled_debt,
            "fee_shares": books.treasury / books.liquidity_index if books.liquidity_index else 0.0,
            "lent": books.supplied,
            "borrowed": books.borrowed,
            "cash": books.cash,
            "rate_at_target": self.market.rate_at_target_per_year / SECONDS_PER_YEAR,
            "borrow_rate": books.borrow_rate_per_year / SECONDS_PER_YEAR,
            "held_shares": [held for held, _ in scaled],
            "owed_shares": [owed for _, owed in scaled],
            "owed": [self.market.owed(LOAN, name) for name in names],
            "collateral": [self.market.supplied(COLLATERAL, name) for name in names],
            "loan_wallet": [self.market.balance(LOAN, name) for name in names],
            "collateral_wallet": [self.market.balance(COLLATERAL, name) for name in names],
        }


def _name(account: int) -> str:
    return f"account{account}"

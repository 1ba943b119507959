"""Pooled lending in the manner of Aave v3: all is judged at oracle prices.

Receipts and debts are held scaled; what they are worth is their number times an index, written whenever
somebody interacts and looked ahead in between.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any, NamedTuple

from sim.formulas import interest
from sim.formulas.liquidation import health_factor
from tests.reference.exchange import Exchange
from tests.reference.ledger import Account, burn, mint
from tests.reference.oracle import Feed


class Position(NamedTuple):
    """What an account has and owes in one market, in oracle USD."""

    collateral_usd: float
    weighted_usd: float  # collateral times its liquidation threshold
    borrowable_usd: float  # collateral times its loan-to-value
    debt_usd: float

    @property
    def health(self) -> float:
        """Infinite without debt."""
        return health_factor(self.weighted_usd, self.debt_usd)


@dataclasses.dataclass(eq=False)
class Market:
    """Reserves that count together."""

    name: str
    reserves: list[Reserve]
    accounts: list[Account]

    def position(self, account: Account, now_seconds: float) -> Position:
        """Where an account stands."""
        collateral_usd = weighted_usd = borrowable_usd = debt_usd = 0.0
        for reserve in self.reserves:
            value_usd = reserve.collateral_of(account, now_seconds) * reserve.feed.price_usd
            collateral_usd += value_usd
            weighted_usd += value_usd * reserve.threshold_fraction
            borrowable_usd += value_usd * reserve.ltv_fraction
            debt_usd += reserve.debt_of(account, now_seconds) * reserve.feed.price_usd
        return Position(collateral_usd, weighted_usd, borrowable_usd, debt_usd)


@dataclasses.dataclass(eq=False)
class Reserve:
    """One asset of a market."""

    name: str
    market: Market
    account: Account
    asset: Exchange
    feed: Feed
    token: str
    receipt_token: str
    debt_token: str
    ltv_fraction: float
    threshold_fraction: float
    bonus_fraction: float
    base_rate_per_year: float
    slope1_per_year: float
    slope2_per_year: float
    optimal_utilisation: float
    reserve_factor_fraction: float
    supply_cap: float
    borrow_cap: float
    cash: float
    scaled_supply: float  # all receipts of accounts, summed without rounding until it is told
    scaled_debt: float
    treasury_scaled: float
    deficit: float
    liquidity_index: float
    borrow_index: float
    supply_rate_per_year: float
    borrow_rate_per_year: float
    updated_seconds: float

    def __post_init__(self) -> None:
        accounts = self.market.accounts
        self.exact = {
            token: sum((Fraction(each.holding(token)) for each in accounts), Fraction(0))
            for token in (self.receipt_token, self.debt_token)
        }

    def mint(self, token: str, account: Account, scaled: float, cause: str, moves: Any) -> None:
        """Receipts or debts of an account grow, and their sum by as much."""
        before = account.holding(token)
        mint(token, account, scaled, cause, moves)
        self._count(token, account, before)

    def burn(self, token: str, account: Account, scaled: float, cause: str, moves: Any) -> None:
        """They shrink."""
        before = account.holding(token)
        burn(token, account, scaled, cause, moves)
        self._count(token, account, before)

    def _count(self, token: str, account: Account, before: float) -> None:
        change = Fraction(account.holding(token)) - Fraction(before)
        self.exact = {**self.exact, token: self.exact[token] + change}
        self.scaled_supply = float(self.exact[self.receipt_token])
        self.scaled_debt = float(self.exact[self.debt_token])

    def liquidity_index_now(self, now_seconds: float) -> float:
        """Underlying that a receipt is worth now."""
        elapsed_seconds = now_seconds - self.updated_seconds
        growth = interest.linear_growth(self.supply_rate_per_year, elapsed_seconds)
        return self.liquidity_index * growth

    def borrow_index_now(self, now_seconds: float) -> float:
        """Underlying that is owed now for a scaled debt."""
        if self.scaled_debt == 0.0:
            return self.borrow_index
        elapsed_seconds = now_seconds - self.updated_seconds
        growth = interest.series_growth(self.borrow_rate_per_year, elapsed_seconds)
        return self.borrow_index * growth

    def collateral_of(self, account: Account, now_seconds: float) -> float:
        """Underlying that an account's receipts stand for now."""
        return account.holding(self.receipt_token) * self.liquidity_index_now(now_seconds)

    def debt_of(self, account: Account, now_seconds: float) -> float:
        """Underlying that an account owes now."""
        return account.holding(self.debt_token) * self.borrow_index_now(now_seconds)

    def claims_at(self, now_seconds: float) -> float:
        """Underlying that lenders and the treasury have been promised."""
        return (self.scaled_supply + self.treasury_scaled) * self.liquidity_index_now(now_seconds)

    def paid_fraction(self, now_seconds: float) -> float:
        """The share of a claim that something stands behind: a deficit falls on all claims alike."""
        claims = self.claims_at(now_seconds)
        return max(1.0 - self.deficit / claims, 0.0) if claims > 0.0 else 1.0

    def residual(self, now_seconds: float) -> float:
        """Underlying that nobody has claimed: compound interest owed, less linear interest promised."""
        debt = self.scaled_debt * self.borrow_index_now(now_seconds)
        return self.cash + debt + self.deficit - self.claims_at(now_seconds)

    def left_to_treasury(self, now_seconds: float) -> float:
        """Underlying that the reserve owns, less what lenders own of it."""
        owned = self.cash + self.scaled_debt * self.borrow_index_now(now_seconds)
        lent = self.scaled_supply * self.liquidity_index_now(now_seconds)
        return owned - lent * self.paid_fraction(now_seconds)

    def accrue(self, now_seconds: float) -> None:
        """Write both indices; the protocol's share of the interest goes to its treasury."""
        if now_seconds <= self.updated_seconds:
            return
        liquidity_index = self.liquidity_index_now(now_seconds)
        borrow_index = self.borrow_index_now(now_seconds)
        elapsed_seconds = now_seconds - self.updated_seconds
        grown = interest.series_growth_less_one(self.borrow_rate_per_year, elapsed_seconds)
        earned = self.scaled_debt * self.borrow_index * grown
        self.treasury_scaled += earned * self.reserve_factor_fraction / liquidity_index
        self.liquidity_index = liquidity_index
        self.borrow_index = borrow_index
        self.updated_seconds = now_seconds

    def set_rates(self) -> None:
        """Rates follow utilisation after the action; a deficit dilutes what lenders earn."""
        debt = self.scaled_debt * self.borrow_index
        utilisation = debt / (self.cash + debt) if debt > 0.0 else 0.0
        paying = debt / (self.cash + debt + self.deficit) if debt > 0.0 else 0.0
        self.borrow_rate_per_year = interest.borrow_rate_per_year(
            utilisation,
            self.base_rate_per_year,
            self.slope1_per_year,
            self.slope2_per_year,
            self.optimal_utilisation,
        )
        self.supply_rate_per_year = interest.supply_rate_per_year(
            self.borrow_rate_per_year, paying, self.reserve_factor_fraction
        )

"""What lending markets at the prompt have in common: accounts, prices, time, and the verbs of a loan.

An amount of ``math.inf`` means all of it: all that an account has supplied, all that it owes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.venues.venue import ANYONE, Venue
from sim.errors import InputError
from sim.formulas import interest
from sim.formulas.liquidation import health_factor, whole_bps
from sim.ledger import balance
from sim.tables import POOLED
from sim.transaction import BORROW, FLASH_BORROW, FLASH_REPAY, LIQUIDATE, REPAY, SUPPLY, WITHDRAW
from sim.venues import lending

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AccountData(NamedTuple):
    """What a market believes of an account, at oracle prices."""

    collateral_usd: float
    debt_usd: float
    available_usd: float  # that it may still borrow
    health_factor: float  # infinite without debt


class ReserveData(NamedTuple):
    """The books of one asset, in whole tokens, with interest up to now."""

    price_usd: float
    cash: float
    supplied: float
    borrowed: float
    utilisation: float
    supply_rate_per_year: float
    borrow_rate_per_year: float
    liquidity_index: float
    borrow_index: float
    scaled_supply: float
    scaled_debt: float
    treasury: float
    deficit: float


class Liquidated(NamedTuple):
    """What a liquidation did, in whole tokens; ``deficit_usd`` is debt that nobody will pay."""

    repaid: float
    seized: float
    deficit_usd: float


class Lending(Venue):
    """A market with one oracle and one reserve an asset."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The assets of the market."""
        return self._layout.assets

    def _row(self, symbol: str) -> int:
        """Assets, reserves and oracles have the same numbers here."""
        token = self._token(symbol)
        if token >= len(self.symbols):
            raise InputError(None, "token", symbol, "is a claim: name an asset")
        return token

    def _leg(self, kind: int, symbol: str, amount: float, account: str) -> Any:
        row = self._row(symbol)
        return self._call(kind, account, row=row, token_in=row, amount=amount)

    def supply(self, symbol: str, amount: float, account: str = ANYONE) -> float:
        """Lend tokens, or put them up as collateral; returns the scaled receipts minted."""
        return float(self._leg(SUPPLY, symbol, amount, account).amount_out)

    def withdraw(self, symbol: str, amount: float = math.inf, account: str = ANYONE) -> float:
        """Take tokens back; returns how many."""
        return float(self._leg(WITHDRAW, symbol, amount, account).amount_out)

    def borrow(self, symbol: str, amount: float, account: str = ANYONE) -> float:
        """Borrow tokens against all that the account has supplied; returns how many."""
        return float(self._leg(BORROW, symbol, amount, account).amount_out)

    def repay(self, symbol: str, amount: float = math.inf, account: str = ANYONE) -> float:
        """Pay a debt back, never more than is owed; returns how many tokens it took."""
        return float(self._leg(REPAY, symbol, amount, account).amount_in)

    def _liquidate(
        self, borrower: str, collateral: str, debt: str, amount: float, account: str
    ) -> Liquidated:
        row = self._row(debt)
        receipt = self._call(
            LIQUIDATE, account, row=row, token_in=row, token_out=self._row(collateral),
            counterparty=self.account(borrower), amount=amount,
        )  # fmt: skip
        numbers = (receipt.amount_in, receipt.amount_out, receipt.deficit)
        return Liquidated(*map(float, numbers))

    def flash_loan(self, symbol: str, amount: float, account: str = ANYONE) -> float:
        """Borrow for the length of one transaction, in which nothing is done; returns what came back."""
        row = self._row(symbol)
        out = {"kind": FLASH_BORROW, "row": row, "amount": amount}
        return float(self._call_all(account, out, {"kind": FLASH_REPAY, "row": row}).amount_in)

    def set_price(self, symbol: str, price_usd: float) -> None:
        """Let the oracle say another price."""
        if not 0.0 < price_usd < math.inf:
            raise InputError(None, "price_usd", price_usd, "must be above 0 and finite")
        row = self._row(symbol)
        self._world.venues.feeds[row].price_usd = price_usd
        self._world.venues.exchanges[row].market_price_usd = price_usd

    def account_data(self, account: str) -> AccountData:
        """Collateral, debt, what may still be borrowed, and the health factor."""
        venues = self._world.venues
        collateral_usd, weighted_usd, borrowable_usd, debt_usd = lending.position(
            self._world.ledger, venues.markets, venues.emodes, venues.reserves, venues.feeds, 0,
            self.account(account), self.seconds,
        )  # fmt: skip
        if self._world.venues.markets[0].kind == POOLED and collateral_usd > 0.0:
            # A pool knows the mean loan-to-value in whole basis points.
            borrowable_usd = collateral_usd * whole_bps(borrowable_usd / collateral_usd)
        available_usd = max(borrowable_usd - debt_usd, 0.0)
        health = health_factor(weighted_usd, debt_usd)
        return AccountData(*map(float, (collateral_usd, debt_usd, available_usd, health)))

    def supplied(self, symbol: str, account: str = ANYONE) -> float:
        """Tokens that an account has supplied, with interest up to now."""
        reserve = self._world.venues.reserves[self._row(symbol)]
        number = self.account(account)
        return float(lending.collateral_of(self._world.ledger, reserve, number, self.seconds))

    def owed(self, symbol: str, account: str = ANYONE) -> float:
        """Tokens that an account owes, with interest up to now."""
        reserve = self._world.venues.reserves[self._row(symbol)]
        number = self.account(account)
        return float(lending.debt_of(self._world.ledger, reserve, number, self.seconds))

    def scaled(self, symbol: str, account: str = ANYONE) -> tuple[float, float]:
        """Scaled receipts and scaled debt of an account, as the contracts hold them."""
        reserve = self._world.venues.reserves[self._row(symbol)]
        number, ledger = self.account(account), self._world.ledger
        held = balance(ledger, reserve.receipt_token, number)
        return float(held), float(balance(ledger, reserve.debt_token, number))

    def reserve(self, symbol: str) -> ReserveData:
        """The books of an asset."""
        row = self._row(symbol)
        reserve, now = self._world.venues.reserves[row], self.seconds
        liquidity_index = lending.liquidity_index_now(reserve, now)
        borrow_index = lending.borrow_index_now(reserve, now)
        borrowed = reserve.scaled_debt * borrow_index
        numbers = (
            self._world.venues.feeds[row].price_usd, reserve.cash,
            reserve.scaled_supply * liquidity_index, borrowed,
            borrowed / (reserve.cash + borrowed) if borrowed > 0.0 else 0.0,
            reserve.supply_rate_per_year, reserve.borrow_rate_per_year,
            liquidity_index, borrow_index, reserve.scaled_supply, reserve.scaled_debt,
            reserve.treasury_scaled * liquidity_index, reserve.deficit,
        )  # fmt: skip
        return ReserveData(*map(float, numbers))

    def is_collateral(self, symbol: str) -> bool:
        """Whether anything can be borrowed against an asset."""
        return bool(self._world.venues.reserves[self._row(symbol)].threshold_fraction > 0.0)

    def borrow_rate_at(self, symbol: str, utilisation: float) -> float:
        """What borrowing an asset would cost a year at this utilisation."""
        reserve = self._world.venues.reserves[self._row(symbol)]
        return float(
            interest.borrow_rate_per_year(
                utilisation, reserve.base_rate_per_year, reserve.slope1_per_year,
                reserve.slope2_per_year, reserve.optimal_utilisation,
            )
        )  # fmt: skip

    def _repr_html_(self) -> str:
        cells = ("cash", "supplied", "borrowed", "utilisation", "borrow_rate_per_year")
        head = "".join(f"<th>{name.replace('_', ' ')}</th>" for name in ("asset", *cells))
        rows = "".join(
            f"<tr><td>{symbol}</td>"
            + "".join(f"<td>{getattr(self.reserve(symbol), cell):,.6g}</td>" for cell in cells)
            + "</tr>"
            for symbol in self.symbols
        )
        return f"<b>{type(self).__name__}</b><table><tr>{head}</tr>{rows}</table>"

    def plot(self) -> Figure:
        """Rates by utilisation, and what a fall of each collateral would expose to liquidation."""
        from analysis.venues.lending_pictures import rates_and_liquidations

        return rates_and_liquidations(self)

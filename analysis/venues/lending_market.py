"""A pooled lending market at the prompt."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.venues.lending import Lending, Liquidated
from analysis.venues.lending_terms import EmodeTerms, ReserveTerms, check_collateral, terms
from analysis.venues.venue import ANYONE
from scenarios.alone import Claim, world_alone
from scenarios.names import listed, nearest
from sim import accounts
from sim.errors import InputError
from sim.formulas.liquidation import CLOSE_FACTORS
from sim.tables import DEBT_TOKEN, POOLED, RECEIPT_TOKEN, STANDING_TOKEN
from sim.transaction import FLASH_BORROW, FLASH_REPAY, LIQUIDATE, SET_EMODE, USE_COLLATERAL
from sim.venues.lending import accrue, set_rates
from sim.venues.lending_standing import category_of, counts, standing_of

MARKETS = "markets"


def open_lending(
    market: Lending, decimals: Mapping[str, int], n_emodes: int, more: Sequence[Claim] = ()
) -> None:
    """A world of these assets, each with an empty reserve and an oracle of the same number."""
    n = len(decimals)
    claims = [
        Claim(f"{letter}{symbol}", kind, row, MARKETS, row)
        for row, symbol in enumerate(decimals)
        for letter, kind in (("a", RECEIPT_TOKEN), ("d", DEBT_TOKEN))
    ]
    market._open(
        *world_alone(
            decimals,
            [*claims, *more],
            {"markets": 1, "reserves": n, "feeds": n, "emodes": n_emodes},
            {MARKETS: (accounts.MARKET, ("market",))},
        )
    )
    world = market._world
    world.clock.now[0].n_feeds = n
    row = world.venues.markets[0]
    row.n_reserves, row.n_emodes, row.standing_token, row.has_flash_loans = n, n_emodes, -1, 1
    row.account = market._layout.first[market._group(MARKETS)]
    for number, symbol in enumerate(decimals):
        reserve = world.venues.reserves[number]
        reserve.account = row.account
        reserve.token = reserve.asset = reserve.feed = world.venues.feeds[number].asset = number
        reserve.receipt_token = n + 2 * number
        reserve.debt_token = reserve.receipt_token + 1
        reserve.supply_cap = reserve.borrow_cap = math.inf
        reserve.liquidity_index = reserve.borrow_index = 1.0
        reserve.unit = 10.0 ** -decimals[symbol]


class LendingMarket(Lending):
    """Assets lent and borrowed from one pool against each other (Aave v3 technical paper, 2022).

    ``reserves`` are tables of terms by symbol, see :class:`ReserveTerms`; every asset may be lent and
    borrowed, and is collateral if it has a threshold::

        market = af.venues.LendingMarket({
            "ETH": dict(price_usd=2000, ltv_fraction=0.8, threshold_fraction=0.83, bonus_fraction=0.05),
            "USDC": dict(price_usd=1, slope1_per_year=0.05, slope2_per_year=0.6),
        })
        market.supply("USDC", 1e6)
        market.give("alice", "ETH", 10)
        market.supply("ETH", 10, account="alice")
        market.borrow("USDC", 15_000, account="alice")

    ``emodes`` are categories by name, see :class:`EmodeTerms`; ``close_factor`` says whose rules of
    liquidation hold, those since v3.3 or those before (``"v3.0"``).
    """

    def __init__(
        self,
        reserves: Mapping[str, Mapping[str, Any]],
        emodes: Mapping[str, Mapping[str, Any]] | None = None,
        close_factor: str = "v3.3",
        flash_fee_fraction: float = 0.0005,
    ) -> None:
        if not reserves:
            raise InputError(None, "reserves", dict(reserves), "needs one asset at least")
        if close_factor not in CLOSE_FACTORS:
            problem = f"expected one of: {listed(CLOSE_FACTORS)}"
            raise InputError(None, "close_factor", close_factor, problem)
        if not 0.0 <= flash_fee_fraction < 1.0:
            problem = "must be at least 0 and below 1"
            raise InputError(None, "flash_fee_fraction", flash_fee_fraction, problem)
        self._terms = {
            symbol: terms(ReserveTerms, given, f"reserves.{symbol}")
            for symbol, given in reserves.items()
        }
        self._emodes = {
            name: terms(EmodeTerms, given, f"emodes.{name}")
            for name, given in (emodes or {}).items()
        }
        decimals = {symbol: one.decimals for symbol, one in self._terms.items()}
        standing = Claim("standing", STANDING_TOKEN, -1, MARKETS)
        open_lending(self, decimals, len(self._emodes), [standing])
        market = self._world.venues.markets[0]
        market.kind, market.rules = POOLED, CLOSE_FACTORS.index(close_factor)
        market.standing_token = self._token("standing")
        market.flash_fee_fraction = flash_fee_fraction
        for symbol, one in self._terms.items():
            self._write(symbol, one)
            self.set_price(symbol, one.price_usd)
        for number, (name, mode) in enumerate(self._emodes.items()):
            self._open_emode(number, name, mode)

    def _write(self, symbol: str, one: ReserveTerms) -> None:
        """The terms of a reserve from now on."""
        path = f"reserves.{symbol}"
        check_collateral(one.ltv_fraction, one.threshold_fraction, one.bonus_fraction, path)
        reserve = self._world.venues.reserves[self._row(symbol)]
        accrue(reserve, self.seconds)
        reserve.rules = self._world.venues.markets[0].rules
        reserve.ltv_fraction = one.ltv_fraction
        reserve.threshold_fraction = one.threshold_fraction
        reserve.bonus_fraction = one.bonus_fraction
        reserve.base_rate_per_year = one.base_rate_per_year
        reserve.slope1_per_year = one.slope1_per_year
        reserve.slope2_per_year = one.slope2_per_year
        reserve.optimal_utilisation = one.optimal_utilisation_fraction
        reserve.reserve_factor_fraction = one.reserve_factor_fraction
        reserve.supply_cap, reserve.borrow_cap = one.supply_cap, one.borrow_cap
        reserve.liquidation_fee_fraction = one.liquidation_fee_fraction
        reserve.debt_ceiling = one.debt_ceiling
        reserve.is_borrowable = one.is_borrowable
        reserve.is_isolated_loan = one.is_borrowable_in_isolation
        set_rates(reserve)

    def _open_emode(self, number: int, name: str, mode: EmodeTerms) -> None:
        path = f"emodes.{name}"
        check_collateral(mode.ltv_fraction, mode.threshold_fraction, mode.bonus_fraction, path)
        row = self._world.venues.emodes[number]
        row.ltv_fraction = mode.ltv_fraction
        row.threshold_fraction = mode.threshold_fraction
        row.bonus_fraction = mode.bonus_fraction
        row.collateral_bits = self._bits(mode.collateral)
        row.borrowable_bits = self._bits(mode.borrowable)

    def _bits(self, symbols: Iterable[str]) -> int:
        return sum(1 << self._row(symbol) for symbol in symbols)

    def set_terms(self, symbol: str, **changes: Any) -> None:
        """Let governance change the terms of a reserve; interest up to now follows the old ones."""
        given = {**dataclasses.asdict(self._terms[symbol]), **changes}
        self._terms[symbol] = terms(ReserveTerms, given, f"reserves.{symbol}")
        self._write(symbol, self._terms[symbol])
        if "price_usd" in changes:
            self.set_price(symbol, self._terms[symbol].price_usd)

    def use_as_collateral(self, symbol: str, is_used: bool = True, account: str = ANYONE) -> None:
        """Let what an account has supplied count as collateral, or count no longer."""
        self._leg(USE_COLLATERAL, symbol, float(is_used), account)

    def is_used_as_collateral(self, symbol: str, account: str = ANYONE) -> bool:
        """Whether what an account has supplied counts."""
        return bool(counts(self._standing(account), self._row(symbol)))

    def _standing(self, account: str) -> int:
        market = self._world.venues.markets[0]
        return int(standing_of(self._world.ledger, market, self.account(account)))

    def set_emode(self, name: str | None, account: str = ANYONE) -> None:
        """Enter an e-mode, or leave it (None)."""
        if name is not None and name not in self._emodes:
            problem = f"no such e-mode (there are: {listed(self._emodes) or 'none'})"
            raise InputError(None, "emode", name, problem, nearest(name, self._emodes))
        number = 0 if name is None else 1 + list(self._emodes).index(name)
        self._call(SET_EMODE, account, row=0, amount=number)

    def emode(self, account: str = ANYONE) -> str | None:
        """The e-mode that an account is in."""
        return [None, *self._emodes][category_of(self._standing(account))]

    def isolated_debt(self, symbol: str) -> float:
        """Tokens borrowed against a collateral with a debt ceiling."""
        return float(self._world.venues.reserves[self._row(symbol)].isolated_debt)

    def liquidate(
        self,
        borrower: str,
        collateral: str,
        debt: str,
        amount: float = math.inf,
        account: str = ANYONE,
    ) -> Liquidated:
        """Repay up to ``amount`` of a borrower's debt for its collateral and the bonus."""
        return self._liquidate(borrower, collateral, debt, amount, account)

    def flash_liquidate(
        self, borrower: str, collateral: str, debt: str, amount: float, account: str = ANYONE
    ) -> float:
        """The same with the cash of the market itself; returns what the flash loan cost with its fee."""
        row = self._row(debt)
        receipt = self._call_all(
            account,
            {"kind": FLASH_BORROW, "row": row, "amount": amount},
            {
                "kind": LIQUIDATE, "row": row, "token_out": self._row(collateral),
                "counterparty": self.account(borrower), "amount": amount,
            },
            {"kind": FLASH_REPAY, "row": row},
        )  # fmt: skip
        return float(receipt.amount_in)

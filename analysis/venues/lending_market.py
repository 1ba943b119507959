"""A pooled lending market at the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.venues.lending import Lending
from analysis.venues.lending_terms import ReserveTerms, check_collateral, terms
from scenarios.alone import Claim, world_alone
from sim import accounts
from sim.errors import InputError
from sim.tables import DEBT_TOKEN, POOLED, RECEIPT_TOKEN
from sim.venues.lending import set_rates

MARKETS = "markets"


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
    """

    def __init__(self, reserves: Mapping[str, Mapping[str, Any]]) -> None:
        if not reserves:
            raise InputError(None, "reserves", dict(reserves), "needs one asset at least")
        every = {
            symbol: terms(ReserveTerms, given, f"reserves.{symbol}")
            for symbol, given in reserves.items()
        }
        for symbol, one in every.items():
            path = f"reserves.{symbol}"
            check_collateral(one.ltv_fraction, one.threshold_fraction, one.bonus_fraction, path)
        n = len(every)
        claims = [
            Claim(f"{letter}{symbol}", kind, row, MARKETS, row)
            for row, symbol in enumerate(every)
            for letter, kind in (("a", RECEIPT_TOKEN), ("d", DEBT_TOKEN))
        ]
        self._open(
            *world_alone(
                {symbol: one.decimals for symbol, one in every.items()},
                claims,
                {"markets": 1, "reserves": n, "feeds": n},
                {MARKETS: (accounts.MARKET, ("market",))},
            )
        )
        market = self._world.venues.markets[0]
        market.kind, market.n_reserves = POOLED, n
        market.account = self._layout.first[self._group(MARKETS)]
        self._world.clock.now[0].n_feeds = n
        for row, (symbol, one) in enumerate(every.items()):
            self._open_reserve(row, one)
            self.set_price(symbol, one.price_usd)

    def _open_reserve(self, row: int, one: ReserveTerms) -> None:
        """An empty reserve on these terms."""
        reserve = self._world.venues.reserves[row]
        reserve.account = self._world.venues.markets[0].account
        reserve.token = reserve.asset = reserve.feed = row
        self._world.venues.feeds[row].asset = row
        reserve.receipt_token = len(self.symbols) + 2 * row
        reserve.debt_token = reserve.receipt_token + 1
        reserve.ltv_fraction = one.ltv_fraction
        reserve.threshold_fraction = one.threshold_fraction
        reserve.bonus_fraction = one.bonus_fraction
        reserve.base_rate_per_year = one.base_rate_per_year
        reserve.slope1_per_year = one.slope1_per_year
        reserve.slope2_per_year = one.slope2_per_year
        reserve.optimal_utilisation = one.optimal_utilisation_fraction
        reserve.reserve_factor_fraction = one.reserve_factor_fraction
        reserve.supply_cap, reserve.borrow_cap = one.supply_cap, one.borrow_cap
        reserve.liquidity_index = reserve.borrow_index = 1.0
        set_rates(reserve)

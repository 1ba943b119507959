"""Verbs of lenders: pooled and isolated markets, debt positions, loans in bands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.venues import BandedMarket, CollateralizedDebt, IsolatedMarket, LendingMarket
from benchmarks.verbs import bare_markets as bare
from benchmarks.verbs.case import Case, row

N_BANDS = 10


def _indebted(market: LendingMarket | IsolatedMarket, debt: float) -> None:
    """Lenders, and a borrower with 10,000 ether."""
    market.supply("USDC", 1e8)
    market.give("alice", "ETH", 1.1e4)  # some for gas
    market.supply("ETH", 1e4, account="alice")
    market.borrow("USDC", debt, account="alice")


def _borrowed(market: LendingMarket | IsolatedMarket, name: str, chain: Any) -> Iterator[Case]:
    _indebted(market, 1e7)
    borrow = row(1e7, 1.0, 9e7, 10.0, 0.04, 0.83, 2e7, 1e7, 0.0, 0.0)
    yield Case(f"{name}, borrow", market, (lambda: market.borrow("USDC", 10.0, account="alice"),),
               chain, (borrow,))  # fmt: skip


def _liquidated(
    market: LendingMarket | IsolatedMarket, name: str, call: Any, chain: Any
) -> Iterator[Case]:
    _indebted(market, 1.5e7)
    market.set_price("ETH", 1_700.0)
    state = row(1.5e7, 1.0, 8.5e7, 10.0, 0.04, 0.83, 1e4, 1_700.0, 0.05, 1.5e7, 1.0, 0.0)
    yield Case(f"{name}, liquidate", market, (lambda: call(market),), chain, (state,))


def _lending() -> Iterator[Case]:
    def pooled() -> LendingMarket:
        collateral = {"ltv_fraction": 0.8, "threshold_fraction": 0.83, "bonus_fraction": 0.05}
        loan = {"slope1_per_year": 0.04, "slope2_per_year": 0.6}
        return LendingMarket(
            {"ETH": {"price_usd": 2_000, **collateral}, "USDC": {"price_usd": 1, **loan}}
        )

    def isolated() -> IsolatedMarket:
        return IsolatedMarket("ETH", "USDC", 0.83, {"ETH": 2_000, "USDC": 1})

    def of_pooled(market: LendingMarket) -> None:
        market.liquidate("alice", "ETH", "USDC", 10.0)

    def of_isolated(market: IsolatedMarket) -> None:
        market.liquidate("alice", 10.0)

    yield from _borrowed(pooled(), "pooled lending", bare.pooled_borrow)
    yield from _liquidated(pooled(), "pooled lending", of_pooled, bare.pooled_liquidation)
    yield from _borrowed(isolated(), "isolated lending", bare.isolated_borrow)
    yield from _liquidated(isolated(), "isolated lending", of_isolated, bare.isolated_liquidation)


def _debt_positions() -> Iterator[Case]:
    market = CollateralizedDebt(2_000.0)
    market.open("alice", collateral=1e4, debt=1e7)
    market.give("alice", "ETH", 1e3)  # for gas
    yield Case("debt positions, borrow", market, (lambda: market.borrow(10.0, "alice"),),
               bare.debt_borrow, (row(1e7, 1.0, 10.0, 1e7, 1e4, 2e3, 1 / 1.5, 0.0),))  # fmt: skip
    market.set_price(1_400.0)
    number = market.bark("alice")
    (auction,) = market.auctions
    market.open("bob", collateral=1e5, debt=5e7)  # the coin to buy with
    market.give("bob", "ETH", 1e3)
    state = row(auction["lot"], auction["tab"], 0.1, auction["price"], 0.0, 0.99, 90.0, 0.0, 0.0)
    yield Case("debt positions, take", market, (lambda: market.take(number, 0.1, 1e4, "bob"),),
               bare.dutch_take, (state,))  # fmt: skip


def _bands() -> Iterator[Case]:
    market = BandedMarket(3_000.0)
    market.open("alice", collateral=1e4, debt=1e7, n_bands=N_BANDS)
    market.give("alice", "ETH", 1e3)
    effective = row(1e7, 10.0, 1e4, N_BANDS, 100.0, 0.09, 3e3, 0.0)
    yield Case("bands, borrow", market, (lambda: market.borrow_more("alice", 10.0),),
               bare.band_borrow, (effective,))  # fmt: skip
    first = min(number for number, band in market.bands.items() if band.collateral > 0.0)
    edge = market.band(first).upper_price
    market.set_price(edge)
    market.wait(600.0)
    market.set_price(0.995 * edge)
    market.swap(*market.amount_to(0.995 * edge))
    active = market.band(market.active_band)
    swaps = (lambda: market.swap("crvUSD", 100.0), lambda: market.swap("ETH", 100.0 / edge))
    held = (active.coin, active.collateral)
    prices = (0.995 * edge, active.upper_price, 100.0)
    band = row(*held, *prices, 100.0, 100.0 / edge, 0.006)
    yield Case("bands, swap", market, swaps, bare.band_swap, (band,))
    market.wait(600.0)
    market.set_price(0.8 * edge)  # too fast for the bands to be sold
    market.open("bob", collateral=1e5, debt=5e7)  # the coin to pay with
    market.give("bob", "ETH", 1e3)
    coin, collateral = np.full(N_BANDS, 1.0), np.full(N_BANDS, 1e3)
    yield Case("bands, liquidate", market, (lambda: market.liquidate("alice", 1e-4, by="bob"),),
               bare.band_liquidation, (row(1e7, 1e-4, 0.06), coin, collateral))  # fmt: skip


def cases() -> Iterator[Case]:
    """Every kind of lender."""
    yield from _lending()
    yield from _debt_positions()
    yield from _bands()

"""Maker of March 2020 by ``af.venues.CollateralizedDebt`` with English auctions.

Auction 1 of the contract is our number 0. The fee is dripped before each operation there, as ours accrues,
and goes to an account of its own: ``result`` is what auctions alone have left to the protocol.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import aftershock as af
from sim.units import SECONDS_PER_YEAR
from sim.venues import auctions as house
from sim.world import freeze, thaw
from tests.onchain.adapters import Refused
from tests.onchain.sequences import ALL

COLLATERAL, COIN = "ETH", "DAI"


class Adapter:
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Vat/ceiling-exceeded": ("cap exceeded",),
        "Vat/not-safe": ("health too low",),
        "Vat/dust": ("would leave dust",),
        "Cat/not-unsafe": ("not liquidatable",),
        "Flipper/already-finished-tic": ("auction is over",),
        "Flipper/already-finished-end": ("auction is over",),
        "Flipper/lot-not-matching": ("bad amount",),
        "Flipper/higher-than-tab": ("bad amount",),
        "Flipper/bid-not-higher": ("bid too low",),
        "Flipper/insufficient-increase": ("bid too low",),
        "Flipper/not-matching-bid": ("bad amount",),
        "Flipper/lot-not-lower": ("bad amount",),
        "Flipper/insufficient-decrease": ("bid too low",),
        "Flipper/not-finished": ("auction not finished", "auction needs no reset"),
        "Flipper/bid-already-placed": ("auction needs no reset",),
        "": ("insufficient balance", "bad amount"),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {}

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.market = af.venues.CollateralizedDebt(
            setup["price"],
            auction="english",
            liquidation_ratio=setup["ratio"],
            fee_per_year=math.log1p(setup["fee_per_second"]) * SECONDS_PER_YEAR,
            chop_fraction=setup["chop"] - 1.0,
            dust=setup["dust"],
            debt_limit=setup["debt_limit"],
            lump=setup["lump"],
            beg_fraction=setup["beg"] - 1.0,
            ttl_seconds=setup["ttl"],
            tau_seconds=setup["tau"],
        )
        self.names = [f"account{number}" for number in range(len(setup["gems"]))]
        for name, gems, coins in zip(self.names, setup["gems"], setup["coins"], strict=True):
            self.market.give(name, COLLATERAL, gems)
            self.market.give(name, COIN, coins)

    def pass_time(self, seconds: int) -> None:
        self.market.wait(seconds)

    def save(self) -> Any:
        return freeze(self.market._world, {})

    def restore(self, saved: Any) -> None:
        thaw(self.market._world, saved)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            return getattr(self, verb)(**inputs) or {}
        except af.venues.Reverted as reverted:
            raise Refused(reverted.reason) from None

    def set_price(self, account: int, price: float) -> None:
        self.market.set_price(price)

    def lock(self, account: int, size: float) -> None:
        self.market.lock(size, self.names[account])

    def free(self, account: int, size: float) -> None:
        self.market.free(size, self.names[account])

    def borrow(self, account: int, amount: float) -> None:
        self.market.borrow(amount, self.names[account])

    def repay(self, account: int, amount: float | str) -> None:
        self.market.repay(math.inf if amount == ALL else float(amount), self.names[account])

    def bite(self, account: int, owner: int) -> None:
        self.market.bark(self.names[owner], keeper=self.names[account])

    def bid(self, account: int, number: int, amount: float | str, wanted_lot: float) -> None:
        (one,) = (each for each in self.market.auctions if each["number"] == number - 1)
        coin = one["tab"] if amount == ALL else float(amount)
        self.market.bid(number - 1, coin, wanted_lot or None, self.names[account])

    def deal(self, account: int, number: int) -> None:
        self.market.deal(number - 1, self.names[account])

    def restart(self, account: int, number: int) -> None:
        self.market.redo(number - 1, self.names[account])

    def observe(self) -> dict[str, Any]:
        under_way = self.market.auctions
        return {
            **self.observe_debts(),
            "open": [one["number"] + 1 for one in under_way],
            "bidder": [
                self.names.index(one["bidder"]) if one["bidder"] else -1 for one in under_way
            ],
            "bid": [one["bid"] for one in under_way],
            "tab": [one["tab"] for one in under_way],
            "lot": [one["lot"] for one in under_way],
        }

    def observe_debts(self) -> dict[str, Any]:
        market = self.market
        positions = [market.position(name) for name in self.names]
        rows = [row for row in market._world.venues.auctions if row.kind != house.FREE]
        uncovered = sum(float(row.due) for row in rows)
        return {
            "locked": [each["collateral"] for each in positions],
            "owed": [each["debt"] for each in positions],
            "gems": [market.balance(COLLATERAL, name) for name in self.names],
            "coins": [market.balance(COIN, name) for name in self.names],
            "all_owed": market.debt,
            "result": market.surplus - market.deficit - uncovered,
        }

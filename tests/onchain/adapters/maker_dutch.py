"""Maker's Liquidations 2.0 by ``af.venues.CollateralizedDebt`` with Dutch auctions.

Auction 1 of the contract is our number 0. The fee is dripped before each operation there, as ours accrues,
and goes to an account of its own: ``result`` is what auctions and their keepers have left to the protocol.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import aftershock as af
from sim.units import SECONDS_PER_YEAR
from tests.onchain.adapters import maker
from tests.onchain.adapters.maker import COIN, COLLATERAL
from tests.onchain.sequences import ALL


class Adapter(maker.Adapter):
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Vat/ceiling-exceeded": ("cap exceeded",),
        "Vat/not-safe": ("health too low",),
        "Vat/dust": ("would leave dust",),
        "Dog/not-unsafe": ("not liquidatable",),
        "Dog/liquidation-limit-hit": ("no room for another auction",),
        "Dog/dusty-auction-from-partial-liquidation": ("no room for another auction",),
        "Clipper/not-running-auction": ("no such auction",),
        "Clipper/needs-reset": ("auction needs a reset",),
        "Clipper/too-expensive": ("slippage limit",),
        "Clipper/no-partial-purchase": ("would leave dust",),
        "Clipper/cannot-reset": ("auction needs no reset",),
        "": ("insufficient balance", "bad amount"),
    }

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.market = af.venues.CollateralizedDebt(
            setup["price"],
            auction="dutch",
            liquidation_ratio=setup["ratio"],
            fee_per_year=math.log1p(setup["fee_per_second"]) * SECONDS_PER_YEAR,
            chop_fraction=setup["chop"] - 1.0,
            dust=setup["dust"],
            debt_limit=setup["debt_limit"],
            hole=setup["hole"],
            tip=setup["tip"],
            chip_fraction=setup["chip"],
            buf_multiple=setup["buf"],
            cut_fraction=setup["cut"],
            step_seconds=setup["step"],
            tail_seconds=setup["tail"],
            cusp_fraction=setup["cusp"],
        )
        self.names = [f"account{number}" for number in range(len(setup["gems"]))]
        for name, gems, coins in zip(self.names, setup["gems"], setup["coins"], strict=True):
            self.market.give(name, COLLATERAL, gems)
            self.market.give(name, COIN, coins)

    def bark(self, account: int, owner: int) -> None:
        self.market.bark(self.names[owner], keeper=self.names[account])

    def take(
        self, account: int, number: int, size: float | str, most_price: float
    ) -> dict[str, float]:
        wanted = math.inf if size == ALL else float(size)
        paid, received = self.market.take(number - 1, wanted, most_price, self.names[account])
        return {"paid": paid, "received": received}

    def redo(self, account: int, number: int) -> None:
        self.market.redo(number - 1, self.names[account])

    def observe(self) -> dict[str, Any]:
        market, under_way = self.market, self.market.auctions
        return {
            **self.observe_debts(),
            "dirt": float(market._world.venues.cdps[0].dirt),
            "open": [one["number"] + 1 for one in under_way],
            "needs_reset": [int(one["needs_reset"]) for one in under_way],
            "price_now": [one["price"] for one in under_way],
            "tab": [one["tab"] for one in under_way],
            "lot": [one["lot"] for one in under_way],
        }

"""Balancer's weighted mathematics by ``af.venues.WeightedPool``."""

from __future__ import annotations

from typing import Any, ClassVar

import aftershock as af
from tests.onchain.adapters.coins import Coins


class Adapter(Coins):
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "BAL#304": ("more than the pool allows at once",),
        "BAL#305": ("more than the pool allows at once",),
        "BAL#306": ("more than the pool allows at once",),
        "BAL#307": ("more than the pool allows at once",),
        "BAL#507": ("slippage limit",),
        "BAL#506": ("slippage limit",),
        "BAL#505": ("slippage limit",),
        "BAL#208": ("slippage limit",),
        "BAL#207": ("slippage limit",),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {}
    # Of all sequences; none is in the sample.
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {
        f"weighted/4/{number}": "one sale leaves 1e-7 of a reserve or less: what is left lacks the last bit "
        "of the double that was there before it"
        for number in (216, 219)
    }
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        symbols = self.symbols(setup)
        self.pool = af.venues.WeightedPool(
            dict(zip(symbols, setup["reserves"], strict=True)),
            dict(zip(symbols, setup["weights"], strict=True)),
            fee_fraction=setup["fee"],
        )

    def buy(
        self, token_in: int, token_out: int, amount_out: float, most_in: float
    ) -> dict[str, Any]:
        paying = f"token{token_in}"
        return {"amount_in": self.pool.buy(f"token{token_out}", amount_out, paying, most_in)}

    def add_one(self, coin: int, shares: float, most_one: float) -> dict[str, Any]:
        paid = self.pool.mint_shares(shares, f"token{coin}", most_one)
        return {"one": paid[f"token{coin}"]}

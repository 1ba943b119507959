"""StableSwap by ``af.venues.StableSwapPool``.

The contract ramps A for 14 days at least and to twice or half at most, we as Curve for a day and to ten
times or a tenth: no ramp between the two is drawn. Shares of an uneven deposit or withdrawal may need the
wider bar: the contract rounds the fee on every coin to a unit of that coin, and where one is nearly gone
its unit moves the invariant by much.
"""

from __future__ import annotations

from typing import Any, ClassVar

import aftershock as af
from tests.onchain.adapters.coins import Coins


class Adapter(Coins):
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "dy < minDy": ("slippage limit",),
        "mint < min": ("slippage limit",),
        "dy < minAmount": ("slippage limit",),
        "tokenAmount > maxBurnAmount": ("slippage limit",),
        "withdraw more than available": ("no liquidity",),
        "Insufficient ramp time": ("price already waiting",),
        "Wait 1 day before starting ramp": ("price already waiting",),
        "futureA_ is too large": ("bad amount",),
        "futureA_ is too small": ("bad amount",),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {}
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {
        "D does not converge": "Newton's method runs in a circle of integers",
        "Approximation did not converge": "Newton's method runs in a circle of integers",
    }

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.pool = af.venues.StableSwapPool(
            dict(zip(self.symbols(setup), setup["reserves"], strict=True)),
            amplification=setup["amplification"],
            fee_fraction=setup["fee"],
            admin_fee_fraction=setup["admin_fee"],
        )

    def observe(self) -> dict[str, Any]:
        return {
            **super().observe(),
            "protocol_fees": list(self.pool.protocol_fees.values()),
            "virtual_price": self.pool.virtual_price,
            "amplification_now": self.pool.amplification,
        }

    def ramp(self, future_amplification: int, ramp_seconds: int) -> dict[str, Any]:
        self.pool.ramp(future_amplification, ramp_seconds)
        return {}

"""Uniswap v3 by ``af.venues.ConcentratedPool``: one owner, whose positions are known by their ranges.

A ``remove`` takes liquidity out and collects, so that what is paid is its worth and the fees.
"""

from __future__ import annotations

from typing import Any, ClassVar

import aftershock as af
from sim.world import freeze, thaw
from tests.onchain.adapters import Refused
from tests.onchain.sequences import ALL

TOKENS = ("token0", "token1")
MONEY = 1e60  # at the ends of the range of prices one token costs more than anyone has


class Adapter:
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "SPL": ("price limit on the wrong side",),
        "AS": ("bad amount",),
        "TLU": ("not a range of ticks of this pool", "no position"),
        "TLM": ("not a range of ticks of this pool", "no position"),
        "TUM": ("not a range of ticks of this pool", "no position"),
        "LS": ("insufficient balance", "no position"),
        "NP": ("no position",),
        # Without words: no liquidity to add, or a tick off its spacing.
        "": ("bad amount", "not a range of ticks of this pool"),
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {}
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {"SPL": ("limit_x96", "sqrt_price")}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        shift = decimals["token1"] - decimals["token0"]
        self.pool = af.venues.ConcentratedPool(
            TOKENS,
            sqrt_price_x96=setup["start_sqrt_price_x96"],
            fee_fraction=setup["fee"],
            tick_spacing=setup["tick_spacing"],
            decimals={token: decimals[token] for token in TOKENS},
            protocol_fee=(setup["protocol_part0"], setup["protocol_part1"]),
        )
        for token in TOKENS:
            self.pool.give("anyone", token, MONEY)
        # The contract's price and growth of fees are of base units, ours of whole ones.
        self.price_unit = 10.0 ** (shift / 2)
        self.growth_unit = [10.0 ** (decimals[t] - decimals["liquidity"]) for t in TOKENS]
        self.liquidity_unit = 10.0 ** decimals["liquidity"]

    def pass_time(self, seconds: int) -> None:
        self.pool.wait(seconds)

    def save(self) -> Any:
        return freeze(self.pool._world, {})

    def restore(self, saved: Any) -> None:
        thaw(self.pool._world, saved)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            done: dict[str, Any] = getattr(self, verb)(**inputs)
        except af.venues.Reverted as reverted:
            raise Refused(reverted.reason) from None
        return done

    def observe(self) -> dict[str, Any]:
        growth, owed = self.pool.fee_growth, self.pool.protocol_fees
        cumulative_tick, seconds_per_liquidity = self.pool.observe(0.0)
        return {
            "sqrt_price": self.pool.sqrt_price * self.price_unit,
            "tick": self.pool.tick,
            "active_liquidity": self.pool.liquidity,
            "fee_growth0": growth[0] * self.growth_unit[0],
            "fee_growth1": growth[1] * self.growth_unit[1],
            "protocol_fees0": owed["token0"],
            "protocol_fees1": owed["token1"],
            "balance0": self.pool.reserves["token0"],
            "balance1": self.pool.reserves["token1"],
            "cumulative_tick": cumulative_tick,
            "cumulative_seconds_per_liquidity": seconds_per_liquidity / self.liquidity_unit,
        }

    def sell(
        self, token_in: int, token_out: int, amount_in: float, limit_x96: int
    ) -> dict[str, Any]:
        return self._trade(token_in, amount_in, "in", limit_x96)

    def buy(
        self, token_in: int, token_out: int, amount_out: float, limit_x96: int
    ) -> dict[str, Any]:
        return self._trade(token_in, amount_out, "out", limit_x96)

    def _trade(self, token_in: int, amount: float, exact: str, limit_x96: int) -> dict[str, Any]:
        trade = self.pool.trade(TOKENS[token_in], amount, exact, sqrt_price_limit_x96=limit_x96)
        return {"amount_in": trade.paid, "amount_out": trade.received}

    def add(self, lower: int, upper: int, liquidity: float) -> dict[str, Any]:
        paid = self.pool.add_liquidity(lower_tick=lower, upper_tick=upper, liquidity=liquidity)
        return {"amount0": paid["token0"], "amount1": paid["token1"]}

    def remove(self, lower: int, upper: int, liquidity: float | str) -> dict[str, Any]:
        if liquidity == ALL:
            liquidity = self.pool.position(lower_tick=lower, upper_tick=upper).liquidity
        self.pool.remove_liquidity(float(liquidity), lower_tick=lower, upper_tick=upper)
        paid = self.pool.collect(lower_tick=lower, upper_tick=upper)
        return {"amount0": paid["token0"], "amount1": paid["token1"]}

    def collect(self, lower: int, upper: int) -> dict[str, Any]:
        paid = self.remove(lower, upper, 0.0)
        return {"fees0": paid["amount0"], "fees1": paid["amount1"]}

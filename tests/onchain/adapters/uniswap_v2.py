"""Uniswap v2 by ``af.venues.ConstantProductPool``."""

from __future__ import annotations

from typing import Any, ClassVar

import aftershock as af
from sim.formulas import constant_product as curve
from tests.onchain.adapters import Refused
from tests.onchain.adapters.purse import TRADER, Purse

FEE_FRACTION = 0.003  # constants of the contract
PROTOCOL_PART = 1.0 / 6.0


class Adapter:
    REASONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT": ("slippage limit",),
        "UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT": ("bad amount",),
        "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED": ("bad amount",),  # no shares at all
        "UniswapV2Library: INSUFFICIENT_AMOUNT": ("bad amount",),
        "UniswapV2Library: INSUFFICIENT_OUTPUT_AMOUNT": ("bad amount",),
        "ds-math-sub-underflow": ("no liquidity",),  # more is asked for than the pool has
    }
    NOT_COMPARED: ClassVar[dict[str, str]] = {}
    ROUNDED_TO_NOTHING: ClassVar[dict[str, str]] = {
        "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT": "a sale that buys less than one base unit",
        "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED": "a deposit worth less than one share",
        "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED": "a share worth less than one base unit",
    }
    COMPARED: ClassVar[dict[str, tuple[str, str]]] = {}
    EDGES: ClassVar[dict[str, str]] = {}
    KNOWN_DIFFERENCES: ClassVar[dict[str, str]] = {}
    ONLY_IN_INTEGERS: ClassVar[dict[str, str]] = {}

    @staticmethod
    def cannot(setup: dict[str, Any]) -> str:
        return ""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.pool = af.venues.ConstantProductPool(
            {"token0": setup["reserve0"], "token1": setup["reserve1"]},
            FEE_FRACTION,
            protocol_fee_fraction=PROTOCOL_PART if setup["has_protocol_fee"] else 0.0,
        )
        # The contract sums prices of base units.
        self.base_price = 10.0 ** (decimals["token1"] - decimals["token0"])
        self.purse = Purse(self.pool)
        self.purse.take("LP", "anyone")
        self.save, self.restore = self.purse.save, self.purse.restore

    def pass_time(self, seconds: int) -> None:
        self.pool.wait(seconds)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            done: dict[str, Any] = getattr(self, verb)(**inputs)
        except af.venues.Reverted as reverted:
            raise Refused(reverted.reason) from None
        finally:
            self.purse.empty("token0", "token1")
        return done

    def observe(self) -> dict[str, Any]:
        return {
            "reserve0": self.pool.reserves["token0"],
            "reserve1": self.pool.reserves["token1"],
            "share_supply": self.pool.lp_supply,
            "protocol_shares": self.pool.protocol_shares,
            "cumulative_price0": self.pool.price_sums["token0"] * self.base_price,
            "cumulative_price1": self.pool.price_sums["token1"] / self.base_price,
        }

    def sell(
        self, token_in: int, token_out: int, amount_in: float, least_out: float
    ) -> dict[str, Any]:
        symbol = f"token{token_in}"
        self.purse.fill({symbol: amount_in})
        return {"amount_out": self.pool.swap(symbol, amount_in, least_out, account=TRADER)}

    def buy(self, token_in: int, token_out: int, amount_out: float) -> dict[str, Any]:
        """The pool at the prompt has no purchase of its own: what it costs by the formula is sold."""
        reserves = self.pool.reserves
        reserve_in, reserve_out = reserves[f"token{token_in}"], reserves[f"token{token_out}"]
        if amount_out >= reserve_out:
            raise Refused("no liquidity")
        amount_in = curve.amount_in(amount_out, reserve_in, reserve_out, FEE_FRACTION)
        self.sell(token_in, token_out, amount_in, 0.0)
        return {"amount_in": amount_in}

    def add(self, amount0: float, amount1: float) -> dict[str, Any]:
        """The router takes the whole of the side that limits the deposit."""
        reserves = self.pool.reserves
        is_limited_by_1 = amount0 * reserves["token1"] > amount1 * reserves["token0"]
        slack = 1.0 + 1e-12  # the last bit of the other side is the pool's to round
        self.purse.fill({"token0": amount0 * slack, "token1": amount1 * slack})
        shares = self.pool.add_liquidity(
            "token1" if is_limited_by_1 else "token0",
            amount1 if is_limited_by_1 else amount0,
            account=TRADER,
        )
        left = self.purse.empty("token0", "token1")
        return {
            "amount0": amount0 * slack - left["token0"],
            "amount1": amount1 * slack - left["token1"],
            "shares": shares,
        }

    def remove(self, shares: float) -> dict[str, Any]:
        self.pool.remove_liquidity(shares, TRADER)
        paid = self.purse.empty("token0", "token1")
        return {"amount0": paid["token0"], "amount1": paid["token1"]}

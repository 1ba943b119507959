"""Uniswap v2 on its own bytecode: factory, pair and router as they stand on Ethereum.

Source: Adams, Zinsmeister and Robinson (2020), Uniswap v2 Core. The router holds the hash of the
pair's code, so that it works at all only with the pair that is on Ethereum.
"""

from __future__ import annotations

import math
import random
from typing import Any

from tests.onchain.generate.chain import OWNER, Chain, Contract
from tests.onchain.generate.packages import artifact

NAME = "uniswap_v2"
N_SAMPLE, N_FULL = 120, 300
CORE, PERIPHERY = "@uniswap/v2-core", "@uniswap/v2-periphery"
CONTRACTS = [f"{CORE} 1.0.1 UniswapV2Pair", f"{PERIPHERY} 1.1.0-beta.0 UniswapV2Router02"]
UNITS = {
    "reserve0": "token0",
    "reserve1": "token1",
    "has_protocol_fee": "exact",
    "token_in": "exact",
    "token_out": "exact",
    "amount_in": "token{token_in}",
    "amount_out": "token{token_out}",
    "least_out": "token{token_out}",
    "amount0": "token0",
    "amount1": "token1",
    "shares": "shares",
    "share_supply": "shares",
    "protocol_shares": "shares",
    "cumulative_price0": "x112",
    "cumulative_price1": "x112",
}
SUMS: tuple[str, ...] = ("cumulative_price0", "cumulative_price1")
FEWEST = 20
REASONS = [
    "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT",
    "UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT",
    "UniswapV2Library: INSUFFICIENT_OUTPUT_AMOUNT",
    "UniswapV2Library: INSUFFICIENT_AMOUNT",
    "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT",
    "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED",
    "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED",
    "ds-math-sub-underflow",
]
BRANCHES = [
    "the protocol's fee is minted",
    "no protocol fee: k has not grown",
    "the second token limits the deposit",
    "the first token limits the deposit",
    "two operations in one block",
]
TRADER = "0x" + "b2" * 20
PROTOCOL = "0x" + "fe" * 20
NEVER = 2**255  # a deadline
PLENTY = 2**255
# Decimals of pairs that exist: WETH/USDC, WETH/DAI, USDC/USDT, WBTC/WETH, GUSD/WBTC, whole cents and wei.
DECIMALS = [(18, 6), (18, 18), (6, 6), (8, 18), (2, 8), (2, 18)]
FEWEST_BASE_UNITS = 1000


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Two reserves from a dust pool to a very deep one; every fifth pool up to 1e9:1 out of balance."""
    decimals0, decimals1 = rng.choice(DECIMALS)
    depth = 10.0 ** rng.uniform(0.0, 8.0)  # geometric mean, in whole tokens
    tilt = 10.0 ** rng.uniform(*((-4.5, 4.5) if rng.random() < 0.2 else (-1.5, 1.5)))
    shares = (decimals0 + decimals1) // 2  # the square root of their product
    setup = {
        "reserve0": int(depth * tilt * 10**decimals0),
        "reserve1": int(depth / tilt * 10**decimals1),
        "has_protocol_fee": int(rng.random() < 0.5),
    }
    return {"token0": decimals0, "token1": decimals1, "shares": shares}, setup


class Session:
    """A pair of two fresh tokens; one trader, who also provides all liquidity."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain = chain = Chain()
        self.branches: list[str] = []
        factory = chain.deploy(artifact(CORE, "build/UniswapV2Factory.json"), OWNER)
        if setup["has_protocol_fee"]:
            factory.send(OWNER, "setFeeTo", PROTOCOL)
        ether = chain.deploy(artifact(PERIPHERY, "build/WETH9.json"))
        router = artifact(PERIPHERY, "build/UniswapV2Router02.json")
        self.router = chain.deploy(router, factory.address, ether.address)
        token = artifact(PERIPHERY, "build/ERC20.json")
        tokens = [chain.deploy(token, PLENTY, sender=TRADER) for _ in range(2)]
        self.tokens = sorted(tokens, key=lambda each: int(each.address, 16))
        pair = artifact(CORE, "build/UniswapV2Pair.json")
        address = factory.send(OWNER, "createPair", *self._addresses())
        self.pair: Contract = chain.at(pair, address)
        for each in (*self.tokens, self.pair):
            each.send(TRADER, "approve", self.router.address, 2**256 - 1)
        self._add(setup["reserve0"], setup["reserve1"])

    def observe(self) -> dict[str, Any]:
        reserve0, reserve1, _ = self.pair.call("getReserves")
        return {
            "reserve0": reserve0,
            "reserve1": reserve1,
            "share_supply": self.pair.call("totalSupply"),
            "protocol_shares": self.pair.call("balanceOf", PROTOCOL),
            "cumulative_price0": self.pair.call("price0CumulativeLast"),
            "cumulative_price1": self.pair.call("price1CumulativeLast"),
        }

    def grain(self) -> dict[str, int]:
        reserves = self.pair.call("getReserves")[:2]
        supply, least = self.pair.call("totalSupply"), max(min(reserves), 1)
        return {
            "token0": -(-reserves[0] // least),
            "token1": -(-reserves[1] // least),
            "shares": -(-supply // least),
        }

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        for token in self.tokens:
            if rng is None or rng.random() < 0.5:
                token.send(TRADER, "transfer", self.pair.address, 1)
        self.pair.send(TRADER, "sync")
        return {}

    def is_over(self) -> bool:
        return bool(min(self.pair.call("getReserves")[:2]) < FEWEST_BASE_UNITS)

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        before = self.pair.call("balanceOf", PROTOCOL), self.pair.call("kLast")
        answer: dict[str, Any] = getattr(self, f"_{verb}")(**inputs)
        if verb in ("add", "remove") and before[1]:
            grown = self.pair.call("balanceOf", PROTOCOL) > before[0]
            self.branches.append(BRANCHES[0] if grown else BRANCHES[1])
        return answer

    def _sell(
        self, token_in: int, token_out: int, amount_in: int, least_out: int
    ) -> dict[str, Any]:
        amounts = self._send(
            "swapExactTokensForTokens", amount_in, least_out, self._path(token_in), TRADER, NEVER
        )
        return {"amount_out": amounts[1]}

    def _buy(self, token_in: int, token_out: int, amount_out: int) -> dict[str, Any]:
        amounts = self._send(
            "swapTokensForExactTokens", amount_out, PLENTY, self._path(token_in), TRADER, NEVER
        )
        return {"amount_in": amounts[0]}

    def _add(self, amount0: int, amount1: int) -> dict[str, Any]:
        paid0, paid1, shares = self._send(
            "addLiquidity", *self._addresses(), amount0, amount1, 0, 0, TRADER, NEVER
        )
        if paid0 < amount0:
            self.branches.append(BRANCHES[2])
        elif paid1 < amount1:
            self.branches.append(BRANCHES[3])
        return {"amount0": paid0, "amount1": paid1, "shares": shares}

    def _remove(self, shares: int) -> dict[str, Any]:
        amount0, amount1 = self._send(
            "removeLiquidity", *self._addresses(), shares, 0, 0, TRADER, NEVER
        )
        return {"amount0": amount0, "amount1": amount1}

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        seconds = rng.choice([0, 12, 12, 12, 60, 3600, 86_400, 30 * 86_400])
        if seconds == 0:
            self.branches.append(BRANCHES[4])
        reserves = self.pair.call("getReserves")[:2]
        verb = rng.choice(["sell", "sell", "buy", "buy", "add", "remove"])
        return verb, getattr(self, f"_draw_{verb}")(reserves, rng), seconds

    def _draw_sell(self, reserves: tuple[int, int], rng: random.Random) -> dict[str, Any]:
        """A limit in three of ten, around what the router quotes, so that half of them bind."""
        token_in = rng.randrange(2)
        amount = drawn_amount(reserves[token_in], rng, largest=100.0)
        least = 0
        if rng.random() < 0.3 and amount > 0:
            quoted = self.router.call(
                "getAmountOut", amount, reserves[token_in], reserves[1 - token_in]
            )
            least = int(quoted * rng.uniform(0.9, 1.1))
        return {
            "token_in": token_in,
            "token_out": 1 - token_in,
            "amount_in": amount,
            "least_out": least,
        }

    def _draw_buy(self, reserves: tuple[int, int], rng: random.Random) -> dict[str, Any]:
        token_in = rng.randrange(2)
        amount = drawn_amount(reserves[1 - token_in], rng, largest=1.2)
        return {"token_in": token_in, "token_out": 1 - token_in, "amount_out": amount}

    def _draw_add(self, reserves: tuple[int, int], rng: random.Random) -> dict[str, Any]:
        amount0 = drawn_amount(reserves[0], rng, largest=10.0)
        skew = rng.choice([0.5, 0.99, 1.0, 1.01, 2.0])
        return {
            "amount0": amount0,
            "amount1": max(1, int(amount0 * reserves[1] / max(reserves[0], 1) * skew)),
        }

    def _draw_remove(self, reserves: tuple[int, int], rng: random.Random) -> dict[str, Any]:
        held = self.pair.call("balanceOf", TRADER)
        return {"shares": min(drawn_amount(held, rng, largest=2.0), held - held // 1000)}

    def _send(self, name: str, *arguments: Any) -> Any:
        return self.router.send(TRADER, name, *arguments)

    def _addresses(self) -> tuple[str, str]:
        return self.tokens[0].address, self.tokens[1].address

    def _path(self, token_in: int) -> list[str]:
        return [self.tokens[token_in].address, self.tokens[1 - token_in].address]


def drawn_amount(reserve: int, rng: random.Random, largest: float) -> int:
    """Mostly a part of the reserve, over nine orders of magnitude; sometimes dust, sometimes nothing."""
    kind = rng.random()
    if kind < 0.03:
        return 0
    if kind < 0.15:
        return rng.randint(1, 1000)
    return math.ceil(
        reserve * 10.0 ** rng.uniform(-9.0 if kind < 0.4 else -3.0, math.log10(largest))
    )

"""Weighted pools by Balancer's own mathematics: WeightedMath of the package, compiled, in a pool of ours.

The pool keeps balances and shares and takes the fee in the order in which BaseWeightedPool and BasePool
do; there is no vault and no protocol fee. The library's powers are exact to 1e-14 and always rounded
for the pool, so that a trade of a millionth of a balance is known to 1e-8 only: that is counted as
rounding. Source: Martinelli and Mushegian (2019).
"""

from __future__ import annotations

import functools
import random
from typing import Any

from tests.onchain.generate import basket
from tests.onchain.generate.basket import around, drawn_amounts, drawn_part
from tests.onchain.generate.chain import OWNER, Artifact, Chain, Reverted
from tests.onchain.generate.solidity import compile_contract

NAME = "weighted"
N_SAMPLE, N_FULL = 60, 250
POOL, TOOLS = "@balancer-labs/v2-pool-weighted", "@balancer-labs/v2-solidity-utils"
CONTRACTS = [f"{POOL} 2.0.1 WeightedMath", f"{TOOLS} 2.0.0 FixedPoint, LogExpMath"]
UNITS = {**basket.UNITS, "weights": "wad", "fee": "wad", "most_one": "token{coin}"}
SUMS: tuple[str, ...] = ()
FEWEST = 20
REASONS = [
    "BAL#304",  # more than 30 % of a balance in
    "BAL#305",  # more than 30 % out
    "BAL#306",  # shares for one coin: less than 70 % of the invariant left
    "BAL#307",  # one coin for shares: more than three times the invariant
    "BAL#507",  # limit of a swap
    "BAL#506",  # most to pay
    "BAL#505",  # least to receive
    "BAL#208",  # least shares to mint
    "BAL#207",  # most shares to burn
]
BRANCHES = [
    "two coins",
    "three coins or more",
    "a weight below 5 %",
    "coins of different decimals",
    "a deposit of one coin",
    "a deposit of every coin",
    "one coin is a thousandth of another or less",
]
ANY = 2**128  # as the most: no limit
POWER_ERROR = 2**46  # one part in so many of a power, 1.4e-14


@functools.cache
def _pool() -> Artifact:
    name = "WeightedPoolOfMath"
    packages = {f"{POOL}/": POOL, f"{TOOLS}/": TOOLS}
    return compile_contract("solc-0.7.6", f"{name}.sol", name, packages)


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Two to six coins; weights from 1 % up; every fifth pool up to 1e9:1 out of balance."""
    n = rng.choice([2, 2, 3, 4, 6])
    decimals = [rng.choice([6, 18, 18, 8]) for _ in range(n)]
    parts = [10**16 + int(10**18 * rng.random() ** 3) for _ in range(n)]
    weights = [max(part * 10**18 // sum(parts), 10**16) for part in parts]
    weights[weights.index(max(weights))] += 10**18 - sum(weights)
    depth = 10.0 ** rng.uniform(2.0, 8.0)
    tilt = 4.5 if rng.random() < 0.2 else 1.0
    setup = {
        "reserves": [
            max(int(depth * 10.0 ** rng.uniform(-tilt, tilt) * 10**d), basket.FEWEST_BASE_UNITS)
            for d in decimals
        ],
        "weights": weights,
        "fee": rng.choice([10**12, 10**14, 3 * 10**15, 10**17]),
    }
    return {**{f"token{k}": d for k, d in enumerate(decimals)}, "shares": 18}, setup


class Session:
    """A pool of coins that are only numbers."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain = Chain()
        self.branches: list[str] = []
        self.decimals = [d for name, d in decimals.items() if name != "shares"]
        self.setup, self.n = setup, len(self.decimals)
        scaling = [10 ** (18 - d) for d in self.decimals]
        self.pool = self.chain.deploy(
            _pool(), setup["reserves"], setup["weights"], scaling, setup["fee"]
        )
        self.touched: dict[str, int] = {}

    def observe(self) -> dict[str, Any]:
        return {"reserves": self._reserves(), "share_supply": self._supply()}

    def grain(self) -> dict[str, int]:
        """One of the coarsest coin, by the value that weights and balances give it."""
        weights = self.setup["weights"]
        values = [
            weight / reserve for weight, reserve in zip(weights, self._reserves(), strict=True)
        ]
        most = max(values)
        grain = {f"token{k}": max(1, int(most / value)) for k, value in enumerate(values)}
        return {**grain, "shares": max(1, int(most / 10**18 * self._supply()))}

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        """Each power is rounded for the pool, by its relative error of the balance it is of."""
        for k, reserve in enumerate(self._reserves()):
            if rng is None or rng.random() < 0.5:
                self.pool.send(OWNER, "give", k, 1 + reserve // POWER_ERROR)
        return self.touched

    def is_over(self) -> bool:
        return min(self._reserves()) < basket.FEWEST_BASE_UNITS // 100

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        self.touched = {}
        answer: dict[str, Any] = getattr(self, verb)(**inputs)
        levels = [r * 10 ** (18 - d) for r, d in zip(self._reserves(), self.decimals, strict=True)]
        for number, is_met in enumerate((
            self.n == 2,
            self.n > 2,
            min(self.setup["weights"]) < 5 * 10**16,
            len(set(self.decimals)) > 1,
            verb == "add" and sum(map(bool, inputs["amounts"])) == 1,
            verb == "add" and all(inputs["amounts"]),
            max(levels) > 1000 * min(levels),
        )):  # fmt: skip
            if is_met:
                self.branches.append(BRANCHES[number])
        return answer

    def sell(self, token_in: int, token_out: int, amount_in: int, least_out: int) -> dict[str, Any]:
        bought = self._send("sell", token_in, token_out, amount_in, least_out)
        self.touched = {"amount_out": self._reserves()[token_out] // POWER_ERROR}
        return {"amount_out": bought}

    def buy(self, token_in: int, token_out: int, amount_out: int, most_in: int) -> dict[str, Any]:
        paid = self._send("buy", token_in, token_out, amount_out, most_in)
        self.touched = {"amount_in": self._reserves()[token_in] // POWER_ERROR}
        return {"amount_in": paid}

    def add(self, amounts: list[int], least_shares: int) -> dict[str, Any]:
        shares = self._send("add", amounts, least_shares)
        self.touched = {"shares": self.n * self._supply() // POWER_ERROR}
        return {"shares": shares}

    def add_one(self, coin: int, shares: int, most_one: int) -> dict[str, Any]:
        paid = self._send("addOne", coin, shares, most_one)
        self.touched = {"one": self._reserves()[coin] // POWER_ERROR}
        return {"one": paid}

    def remove(self, shares: int) -> dict[str, Any]:
        return {"paid": list(self._send("remove", shares))}

    def remove_one(self, coin: int, shares: int, least_one: int) -> dict[str, Any]:
        before = self._reserves()[coin]
        paid = self._send("removeOne", coin, shares, least_one)
        self.touched = {"one": before // POWER_ERROR}
        return {"one": paid}

    def remove_amounts(self, amounts: list[int], most_shares: int) -> dict[str, Any]:
        before = self._supply()
        shares = self._send("removeAmounts", amounts, most_shares)
        self.touched = {"shares": self.n * before // POWER_ERROR}
        return {"shares": shares}

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        verbs = ["sell"] * 4 + ["buy"] * 4 + ["add"] * 2 + ["add_one"] * 2 + ["remove"]
        verb = rng.choice([*verbs, "remove_one", "remove_one", "remove_amounts", "remove_amounts"])
        return verb, getattr(self, f"_draw_{verb}")(rng), 12

    def _draw_sell(self, rng: random.Random) -> dict[str, Any]:
        token_in, token_out = rng.sample(range(self.n), 2)
        amount = drawn_part(self._reserves()[token_in], rng, *_span(rng))
        least = self._limit(0, rng, "sell", token_in, token_out, amount, 0)
        return {
            "token_in": token_in, "token_out": token_out, "amount_in": amount, "least_out": least,
        }  # fmt: skip

    def _draw_buy(self, rng: random.Random) -> dict[str, Any]:
        token_in, token_out = rng.sample(range(self.n), 2)
        amount = drawn_part(self._reserves()[token_out], rng, *_span(rng))
        most = self._limit(ANY, rng, "buy", token_in, token_out, amount, ANY)
        return {
            "token_in": token_in, "token_out": token_out, "amount_out": amount, "most_in": most,
        }  # fmt: skip

    def _draw_add(self, rng: random.Random) -> dict[str, Any]:
        amounts = drawn_amounts(self._reserves(), rng, 0.0)
        return {"amounts": amounts, "least_shares": self._limit(0, rng, "add", amounts, 0)}

    def _draw_add_one(self, rng: random.Random) -> dict[str, Any]:
        coin = rng.randrange(self.n)
        shares = drawn_part(self._supply(), rng, *_span(rng, 0.1, 0.6))
        # A small weight takes a share to a high power: far beyond the limit, the library overflows.
        most = 10.0 ** (6.0 * self.setup["weights"][coin] / 10**18) - 1.0
        shares = (
            shares if rng.random() < 0.1 and most > 2.5 else min(shares, int(most * self._supply()))
        )
        return {
            "coin": coin,
            "shares": shares,
            "most_one": self._limit(ANY, rng, "addOne", coin, shares, ANY),
        }

    def _draw_remove(self, rng: random.Random) -> dict[str, Any]:
        return {"shares": drawn_part(self._supply(), rng)}

    def _draw_remove_one(self, rng: random.Random) -> dict[str, Any]:
        coin = rng.randrange(self.n)
        shares = drawn_part(self._supply(), rng, *_span(rng))
        return {
            "coin": coin,
            "shares": shares,
            "least_one": self._limit(0, rng, "removeOne", coin, shares, 0),
        }

    def _draw_remove_amounts(self, rng: random.Random) -> dict[str, Any]:
        amounts = drawn_amounts(self._reserves(), rng, -0.5)
        most = self._limit(ANY, rng, "removeAmounts", amounts, ANY)
        return {"amounts": amounts, "most_shares": most}

    def _limit(self, none: int, rng: random.Random, name: str, *arguments: Any) -> int:
        """In three of ten, one around what the pool would answer now."""
        if rng.random() < 0.7:
            return none
        try:
            return around(int(self.pool.call(name, *arguments)), rng)
        except Reverted:
            return none

    def _send(self, name: str, *arguments: Any) -> Any:
        return self.pool.send(OWNER, name, *arguments)

    def _supply(self) -> int:
        return int(self.pool.call("supply"))

    def _reserves(self) -> list[int]:
        return list(self.pool.call("reserves"))


def _span(rng: random.Random, middle: float = -0.6, highest: float = -0.3) -> tuple[float, float]:
    """Powers of ten of a part: mostly within what a pool allows, in one of eight around the end of it."""
    return (-0.6 if middle < 0.0 else 0.2, highest) if rng.random() < 0.12 else (-6.0, middle)

"""StableSwap on its own bytecode: Connext's StableSwap and its library, as the package carries them.

It is Saddle's port of Curve's contract to Solidity, by the same rules: A as Curve stores it (A n^(n-1)
of the paper; here with two more digits, ``A_PRECISION`` 100), the fee of an exchange taken from what is
bought, a fee of n / (4 (n - 1)) of it on what a deposit or withdrawal shifts, the protocol's part of both,
and Newton's method until it moves by at most one unit. Curve's own Vyper source is in no package.
A ramp must be slower (14 days) and shorter (twofold) than Curve allows. Source: Egorov (2019).
"""

from __future__ import annotations

import math
import random
from typing import Any

from eth_utils import keccak

from tests.onchain.generate import basket
from tests.onchain.generate.basket import around, drawn_amounts, drawn_part
from tests.onchain.generate.chain import OWNER, Chain, Reverted
from tests.onchain.generate.packages import artifact

NAME = "stable_swap"
N_SAMPLE, N_FULL = 78, 250
PACKAGE = "@connext/smart-contracts"
BUILD = "artifacts/contracts/core/connext"
CONTRACTS = [f"{PACKAGE} 2.4.0 StableSwap", f"{PACKAGE} 2.4.0 SwapUtilsExternal"]
UNITS = {
    **basket.UNITS,
    "amplification": "exact",
    "amplification_now": "percent",
    "future_amplification": "exact",
    "ramp_seconds": "seconds",
    "fee": "e10",
    "admin_fee": "e10",
    "protocol_fees": "token{i}",
    "virtual_price": "wad",
}
SUMS: tuple[str, ...] = ()
FEWEST = 20
REASONS = [
    "dy < minDy",
    "mint < min",
    "dy < minAmount",
    "tokenAmount > maxBurnAmount",
    "withdraw more than available",
    "Insufficient ramp time",
    "futureA_ is too large",
    "futureA_ is too small",
    "Wait 1 day before starting ramp",
]  # "D does not converge" is met about once in a thousand operations, and then ends a sequence
BRANCHES = [
    "two coins",
    "three coins",
    "four coins",
    "coins of different decimals",
    "a part of the fee is the protocol's",
    "while A is being ramped",
    "a deposit of one coin",
    "a deposit of every coin",
    "one coin is a thousandth of another or less",
]
TRADER = "0x" + "b2" * 20
PLENTY, NEVER = 2**200, 2**255
DAY = 86_400
# Of the pool's storage, where the lists balances and adminFees begin: their lengths are in slots 260 and 261.
BALANCES_SLOT, FEES_SLOT = (
    int.from_bytes(keccak(slot.to_bytes(32, "big")), "big") for slot in (260, 261)
)


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """Two to four coins, of a thousand to a billion, up to 1e9:1 out of balance in every fifth pool."""
    n = rng.randint(2, 4)
    decimals = [rng.choice([6, 18, 18, 8]) for _ in range(n)]
    depth = 10.0 ** rng.uniform(3.0, 9.0)
    tilt = 4.5 if rng.random() < 0.1 else 0.7
    setup = {
        "reserves": [
            max(int(depth * 10.0 ** rng.uniform(-tilt, tilt) * 10**d), basket.FEWEST_BASE_UNITS)
            for d in decimals
        ],
        "amplification": rng.choice([1, 10, 85, 100, 200, 1000, 2000]),
        "fee": rng.choice([0, 1_200_000, 4_800_000, 30_000_000]),
        "admin_fee": rng.choice([0, 5_000_000_000]),
    }
    return {**{f"token{k}": d for k, d in enumerate(decimals)}, "shares": 18}, setup


class Session:
    """A pool of fresh coins; one trader, who provides all liquidity."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain = chain = Chain()
        self.branches: list[str] = []
        self.decimals = [d for name, d in decimals.items() if name != "shares"]
        self.setup, self.n = setup, len(self.decimals)
        self.is_uneven = False
        library = chain.deploy(_built("libraries", "SwapUtilsExternal"))
        swap = _built("helpers", "StableSwap").linked(SwapUtilsExternal=library.address)
        target = chain.deploy(_built("helpers", "LPToken"))
        self.pool = chain.deploy(swap)
        token = artifact("@uniswap/v2-periphery", "build/ERC20.json")
        self.tokens = [chain.deploy(token, PLENTY, sender=TRADER) for _ in self.decimals]
        self.pool.send(
            OWNER, "initialize", [each.address for each in self.tokens], self.decimals, "LP", "LP",
            setup["amplification"], setup["fee"], setup["admin_fee"], target.address,
        )  # fmt: skip
        storage = self.pool.call("swapStorage")
        self.shares = chain.at(_built("helpers", "LPToken"), storage[-1])
        for each in (*self.tokens, self.shares):
            each.send(TRADER, "approve", self.pool.address, 2**256 - 1)
        self._send("addLiquidity", setup["reserves"], 0)

    def observe(self) -> dict[str, Any]:
        seen = {
            "reserves": self._reserves(),
            "protocol_fees": [self.pool.call("getAdminBalance", k) for k in range(self.n)],
            "share_supply": self.shares.call("totalSupply"),
            "amplification_now": self.pool.call("getAPrecise"),
        }
        if not self._is_stuck():
            seen["virtual_price"] = self.pool.call("getVirtualPrice")
        return seen

    def _is_stuck(self) -> bool:
        """Whether Newton's method runs in a circle, as it may far out of balance."""
        try:
            self.pool.call("getVirtualPrice")
        except Reverted:
            return True
        return False

    def grain(self) -> dict[str, int]:
        """One of the coarsest coin is worth one of the others, or as much as the pool is bent."""
        levels = [r * 10 ** (18 - d) for r, d in zip(self._reserves(), self.decimals, strict=True)]
        coarsest = 10 ** (18 - min(self.decimals))
        grain = {
            f"token{k}": max(1, coarsest // 10 ** (18 - d)) for k, d in enumerate(self.decimals)
        }
        return {**grain, "shares": max(coarsest, max(levels) // 2**52)}

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        """Newton's method leaves one unit of the invariant open: the books of the coins take it.

        An uneven deposit or withdrawal rounds its fee on every coin, brought or not, between the two
        invariants whose difference the shares are: there one unit of each book moves one of the two alone.
        """
        before = self._worth() if self.is_uneven else 0
        books = [*range(BALANCES_SLOT, BALANCES_SLOT + self.n)]
        books += range(FEES_SLOT, FEES_SLOT + self.n) if self.setup["admin_fee"] else ()
        for slot in books:
            if rng is None or rng.random() < 0.5:
                self._store(slot, self._load(slot) + 1)
        after = self._worth() if before else 0
        if not after:
            return {}
        return {"shares": (after - before) * self.shares.call("totalSupply") // before}

    def _worth(self) -> int:
        """The invariant a share, or 0."""
        return 0 if self._is_stuck() else int(self.pool.call("getVirtualPrice"))

    def _load(self, slot: int) -> int:
        return int(self.chain.evm.storage(self.pool.address, slot))

    def _store(self, slot: int, value: int) -> None:
        self.chain.evm.insert_account_storage(self.pool.address, slot, value)

    def is_over(self) -> bool:
        return min(self._reserves()) < basket.FEWEST_BASE_UNITS // 100 or self._is_stuck()

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        now = self.pool.call("getAPrecise")
        answer: dict[str, Any] = getattr(self, verb)(**inputs)
        self.is_uneven = self.setup["fee"] > 0 and verb in ("add", "remove_amounts")
        reserves = [
            r * 10 ** (18 - d) for r, d in zip(self._reserves(), self.decimals, strict=True)
        ]
        for number, is_met in enumerate((
            self.n == 2,
            self.n == 3,
            self.n == 4,
            len(set(self.decimals)) > 1,
            self.setup["admin_fee"] > 0 and self.setup["fee"] > 0,
            now not in (100 * self.setup["amplification"], self.pool.call("swapStorage")[1]),
            verb == "add" and sum(map(bool, inputs["amounts"])) == 1,
            verb == "add" and all(inputs["amounts"]),
            max(reserves) > 1000 * min(reserves),
        )):  # fmt: skip
            if is_met:
                self.branches.append(BRANCHES[number])
        return answer

    def sell(self, token_in: int, token_out: int, amount_in: int, least_out: int) -> dict[str, Any]:
        return {"amount_out": self._send("swap", token_in, token_out, amount_in, least_out)}

    def add(self, amounts: list[int], least_shares: int) -> dict[str, Any]:
        return {"shares": self._send("addLiquidity", amounts, least_shares)}

    def remove(self, shares: int) -> dict[str, Any]:
        return {"paid": list(self._send("removeLiquidity", shares, [0] * self.n))}

    def remove_one(self, coin: int, shares: int, least_one: int) -> dict[str, Any]:
        return {"one": self._send("removeLiquidityOneToken", shares, coin, least_one)}

    def remove_amounts(self, amounts: list[int], most_shares: int) -> dict[str, Any]:
        return {"shares": self._send("removeLiquidityImbalance", amounts, most_shares)}

    def ramp(self, future_amplification: int, ramp_seconds: int) -> dict[str, Any]:
        end = self.chain.seconds + ramp_seconds
        self.pool.send(OWNER, "rampA", future_amplification, end)
        return {}

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        seconds = rng.choice([0, 12, 12, 60, 3600, DAY, 3 * DAY])
        verbs = ["sell"] * 6 + ["add"] * 3 + ["remove", "remove_one", "remove_one"]
        verb = rng.choice([*verbs, "remove_amounts", "remove_amounts", "ramp"])
        inputs: dict[str, Any] = getattr(self, f"_draw_{verb}")(rng)
        return verb, inputs, seconds

    def _draw_sell(self, rng: random.Random) -> dict[str, Any]:
        token_in, token_out = rng.sample(range(self.n), 2)
        amount = drawn_part(
            self._reserves()[token_in], rng, -7.0, 0.5 if rng.random() < 0.1 else -0.3
        )
        limit = 0
        if rng.random() < 0.3:
            limit = self._quoted("calculateSwap", token_in, token_out, amount, rng=rng)
        return {
            "token_in": token_in, "token_out": token_out, "amount_in": amount, "least_out": limit,
        }  # fmt: skip

    def _draw_add(self, rng: random.Random) -> dict[str, Any]:
        amounts = drawn_amounts(self._reserves(), rng, 0.5)
        limit = 0
        if rng.random() < 0.3:
            limit = self._quoted("calculateTokenAmount", amounts, True, rng=rng)
        return {"amounts": amounts, "least_shares": limit}

    def _draw_remove(self, rng: random.Random) -> dict[str, Any]:
        return {"shares": drawn_part(self._held(), rng)}

    def _draw_remove_one(self, rng: random.Random) -> dict[str, Any]:
        coin = rng.randrange(self.n)
        level = self._reserves()[coin] * 10 ** (18 - self.decimals[coin])
        shares = min(drawn_part(self._held(), rng, -6.0, -0.5), int(0.9 * level))
        limit = 0
        if rng.random() < 0.4:
            limit = self._quoted("calculateRemoveLiquidityOneToken", shares, coin, rng=rng)
        return {"coin": coin, "shares": shares, "least_one": limit}

    def _draw_remove_amounts(self, rng: random.Random) -> dict[str, Any]:
        amounts = drawn_amounts(self._reserves(), rng, -0.3)
        most = self._held() - self._held() // 1000
        if rng.random() < 0.1:
            amounts[0] = self._reserves()[0] * 11 // 10
        elif rng.random() < 0.4:
            most = min(most, self._quoted("calculateTokenAmount", amounts, False, rng=rng) or most)
        return {"amounts": amounts, "most_shares": most}

    def _draw_ramp(self, rng: random.Random) -> dict[str, Any]:
        now = self.pool.call("getAPrecise") / 100
        part = rng.choice([0.05, 0.6, 0.7, 1.5, 1.9, 11.0])
        future = math.ceil(now * part) if part < 1.0 else max(1, int(now * part))
        if part == 0.05 and now < 60:  # too few whole numbers to be out of every bound
            future = math.ceil(11 * now)
        return {
            "future_amplification": future,
            "ramp_seconds": rng.choice([3600, 15 * DAY, 20 * DAY, 30 * DAY]),
        }

    def _quoted(self, name: str, *arguments: Any, rng: random.Random) -> int:
        try:
            return around(self.pool.call(name, *arguments), rng)
        except Reverted:
            return 0

    def _send(self, name: str, *arguments: Any) -> Any:
        return self.pool.send(TRADER, name, *arguments, NEVER)

    def _held(self) -> int:
        return int(self.shares.call("balanceOf", TRADER))

    def _reserves(self) -> list[int]:
        return [int(self.pool.call("getTokenBalance", k)) for k in range(self.n)]


def _built(folder: str, name: str) -> Any:
    return artifact(PACKAGE, f"{BUILD}/{folder}/{name}.sol/{name}.json")

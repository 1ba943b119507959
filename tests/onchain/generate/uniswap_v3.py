"""Uniswap v3 on its own bytecode: factory and pool as the package carries them, called by a harness of ours.

Source: Adams, Zinsmeister, Salem, Keefer and Robinson (2021), Uniswap v3 Core. A position is known by
its range: there is one owner. ``remove`` is burn and collect, as a position manager does it.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from typing import Any

from eth_utils import keccak

from tests.onchain.generate.chain import OWNER, Artifact, Chain
from tests.onchain.generate.packages import artifact
from tests.onchain.generate.solidity import compile_contract
from tests.onchain.generate.uniswap_v3_lives import (
    FEWEST_BASE_UNITS,
    HIGHEST_LIMIT,
    LOWEST_LIMIT,
    MAX_SQRT_PRICE,
    MIN_SQRT_PRICE,
    WIDE,
    Life,
    draw_setup,
)
from tests.onchain.sequences import ALL

__all__ = ["BRANCHES", "Session", "draw_setup"]

NAME = "uniswap_v3"
N_SAMPLE, N_FULL = 60, 300
CORE = "@uniswap/v3-core"
BUILD = "artifacts/contracts"
CONTRACTS = [f"{CORE} 1.0.1 UniswapV3Factory", f"{CORE} 1.0.1 UniswapV3Pool"]
UNITS = {
    "sqrt_price": "x96",
    "start_sqrt_price_x96": "exact",
    "limit_x96": "exact",
    "fee": "pips",
    "tick_spacing": "exact",
    "protocol_part0": "exact",  # one part in so many of the fee is the protocol's; 0 is none
    "protocol_part1": "exact",
    "lower": "exact",
    "upper": "exact",
    "tick": "exact",
    "token_in": "exact",
    "token_out": "exact",
    "amount_in": "token{token_in}",
    "amount_out": "token{token_out}",
    "amount0": "token0",
    "amount1": "token1",
    "fees0": "token0",
    "fees1": "token1",
    "balance0": "token0",
    "balance1": "token1",
    "protocol_fees0": "token0",
    "protocol_fees1": "token1",
    "liquidity": "liquidity",
    "active_liquidity": "liquidity",
    "fee_growth0": "x128",
    "fee_growth1": "x128",
    "cumulative_tick": "exact",
    "cumulative_seconds_per_liquidity": "x128",
}
SUMS: tuple[str, ...] = (
    "fee_growth0", "fee_growth1", "protocol_fees0", "protocol_fees1",
    "cumulative_tick", "cumulative_seconds_per_liquidity",
)  # fmt: skip
FEWEST = 20
NO_REASON = ""  # a require without words: no liquidity to add, or a tick off its spacing
REASONS = ["SPL", "AS", "TLU", "TLM", "TUM", "LS", "NP", NO_REASON]
BRANCHES = [
    "exact input",
    "exact output",
    "crosses one tick",
    "crosses five ticks or more",
    "passes a gap without liquidity",
    "stops at the price limit",
    "stops exactly on a tick of a position",
    "runs out of liquidity",
    "a part of the fee is the protocol's",
    "position below the price",
    "position around the price",
    "position above the price",
    "position over the full range",
    "more liquidity for a position that has fees",
]
MOST_TOKENS = 10**12  # in a pool; no token that is traded has more
PLENTY, RESERVED = 2**255, 2**254
DOUBLE = 2**52
# What a session remembers of the operations that it has done.
MEMORY = (
    "branches", "positions", "fee_roundings", "rounded", "n_steps", "fee_rounded", "least_liquidity",
    "token_in_of_swap", "is_at_limit", "most_held",
)  # fmt: skip
TICK_AT, TICK_BITS = 160, 24  # of the first slot, above the sqrt price
FEE_GROWTH_SLOT, PROTOCOL_FEES_SLOT = 1, 3  # of the pool's storage: slot0 0, fee growth 1 and 2


@functools.cache
def _caller() -> Artifact:
    return compile_contract(
        "solc-0.7.6", "ConcentratedCaller.sol", "ConcentratedCaller", {f"{CORE}/": CORE}
    )


class Session:
    """A pool of two fresh tokens, empty at first."""

    def __init__(self, decimals: dict[str, int], setup: dict[str, Any]) -> None:
        self.chain = chain = Chain()
        self.branches: list[str] = []
        self.spacing, self.protocol_part = setup["tick_spacing"], setup["protocol_part0"]
        self.unit = 10 ** decimals["liquidity"]
        self.most = [10 ** decimals[f"token{k}"] * MOST_TOKENS for k in range(2)]
        self.positions: dict[tuple[int, int], int] = {}
        # By position and token: roundings of a fee since the fees were last paid.
        self.fee_roundings: dict[tuple[int, int], list[int]] = {}
        self.rounded: dict[
            str, int
        ] = {}  # what the last operation returned, by this many base units
        self.most_held = [0, 0]
        self.fee = setup["fee"]
        self.n_steps, self.fee_rounded, self.least_liquidity = 1, 1, 1
        self.token_in_of_swap: list[int] = []
        self.is_at_limit = False
        factory = chain.deploy(
            artifact(CORE, f"{BUILD}/UniswapV3Factory.sol/UniswapV3Factory.json")
        )
        if setup["fee"] == 100:
            factory.send(OWNER, "enableFeeAmount", 100, 1)
        self.caller = chain.deploy(_caller())
        token = artifact("@uniswap/v2-periphery", "build/ERC20.json")
        tokens = [chain.deploy(token, PLENTY) for _ in range(2)]
        self.tokens = sorted(tokens, key=lambda each: int(each.address, 16))
        for each in self.tokens:
            each.send(OWNER, "transfer", self.caller.address, PLENTY - RESERVED)
        pool = artifact(CORE, f"{BUILD}/UniswapV3Pool.sol/UniswapV3Pool.json")
        address = factory.send(OWNER, "createPool", *self._addresses(), setup["fee"])
        self.pool = chain.at(pool, address)
        self.pool.send(OWNER, "initialize", setup["start_sqrt_price_x96"])
        parts = setup["protocol_part0"], setup["protocol_part1"]
        self.pool.send(OWNER, "setFeeProtocol", *parts)

    def observe(self) -> dict[str, Any]:
        sqrt_price, tick = self.pool.call("slot0")[:2]
        (cumulative,), (per_liquidity,) = self.pool.call("observe", [0])
        protocol_fees = self.pool.call("protocolFees")
        return {
            "sqrt_price": sqrt_price,
            "tick": tick,
            "active_liquidity": self.pool.call("liquidity"),
            "fee_growth0": self.pool.call("feeGrowthGlobal0X128"),
            "fee_growth1": self.pool.call("feeGrowthGlobal1X128"),
            "protocol_fees0": protocol_fees[0],
            "protocol_fees1": protocol_fees[1],
            "balance0": self.tokens[0].call("balanceOf", self.pool.address),
            "balance1": self.tokens[1].call("balanceOf", self.pool.address),
            "cumulative_tick": cumulative,
            "cumulative_seconds_per_liquidity": per_liquidity,
        }

    def grain(self) -> dict[str, int]:
        price = (self.pool.call("slot0")[0] / 2**96) ** 2
        return {"token0": math.ceil(1.0 / price), "token1": math.ceil(price)}

    def round_again(self, rng: random.Random | None) -> dict[str, int]:
        """As many roundings as the swap had steps: of the fee, of what is paid, and so of the price."""
        n = self.n_steps if rng is None else rng.randint(0, self.n_steps)
        for k, token in enumerate(self.tokens):
            held = token.call("balanceOf", self.pool.address)
            self.most_held[k] = max(self.most_held[k], held)
            # Of a running sum in doubles the last bit of its largest value is lost.
            token.send(OWNER, "transfer", self.pool.address, n + self.most_held[k] // DOUBLE)
        part = 1.0 if rng is None else rng.random()
        rounded = {name: int(each * part) for name, each in self.rounded.items()}
        if not self.token_in_of_swap:
            return rounded
        in_ = self.token_in_of_swap[0]
        growth = FEE_GROWTH_SLOT + in_
        self._store(growth, self._load(growth) + self.fee_rounded * 2**128 // self.least_liquidity)
        if self.protocol_part:
            self._store(
                PROTOCOL_FEES_SLOT, self._load(PROTOCOL_FEES_SLOT) + (self.fee_rounded << 128 * in_)
            )
        self._move_price(n * (-1 if rng and rng.random() < 0.5 else 1))
        return rounded

    def _move_price(self, n: int) -> None:
        """By n base units of the coarser token, not over a position's edge nor where a limit has set it."""
        packed = self._load(0)
        sqrt_price = packed % 2**160
        moved = (
            sqrt_price + n * max(2**96, sqrt_price * sqrt_price // 2**96) // self.least_liquidity
        )
        if self.is_at_limit or not MIN_SQRT_PRICE < moved < MAX_SQRT_PRICE:
            return
        tick, now = self.pool.call("slot0")[1], self.caller.call("tickAt", moved)
        low, high = sorted((tick, now))
        if not any(low < edge <= high for range_ in self.open_ranges() for edge in range_):
            rest = packed >> TICK_AT + TICK_BITS << TICK_AT + TICK_BITS
            self._store(0, rest + (now % 2**TICK_BITS << TICK_AT) + moved)

    def _load(self, slot: int) -> int:
        return int(self.chain.evm.storage(self.pool.address, slot))

    def _store(self, slot: int, value: int) -> None:
        self.chain.evm.insert_account_storage(self.pool.address, slot, value)

    def is_over(self) -> bool:
        root, active = self.pool.call("slot0")[0] / 2**96, self.pool.call("liquidity")
        return 0 < active * min(root, 1.0 / root) < FEWEST_BASE_UNITS / 100

    def do(self, verb: str, inputs: dict[str, Any]) -> dict[str, Any]:
        self.n_steps, self.token_in_of_swap, self.rounded = 1, [], {}
        answer: dict[str, Any] = getattr(self, verb)(**inputs)
        return answer

    def sell(self, token_in: int, token_out: int, amount_in: int, limit_x96: int) -> dict[str, Any]:
        return self._swap(token_in, amount_in, limit_x96)

    def buy(self, token_in: int, token_out: int, amount_out: int, limit_x96: int) -> dict[str, Any]:
        return self._swap(token_in, -amount_out, limit_x96)

    def add(self, lower: int, upper: int, liquidity: int) -> dict[str, Any]:
        amount0, amount1 = self.caller.send(
            OWNER, "add", self.pool.address, lower, upper, liquidity
        )
        before = self.positions.get((lower, upper), 0)
        self.positions[lower, upper] = before + liquidity
        tick = self.pool.call("slot0")[1]
        side = 9 if tick >= upper else 10 if tick >= lower else 11
        self.branches.append(BRANCHES[side])
        if upper - lower > WIDE:
            self.branches.append(BRANCHES[12])
        if before and any(self._position(lower, upper)[3:]):
            self.branches.append(BRANCHES[13])
        return {"amount0": amount0, "amount1": amount1}

    def remove(self, lower: int, upper: int, liquidity: int | str) -> dict[str, Any]:
        """What the liquidity was worth and the fees: all is paid out."""
        held = self.positions.get((lower, upper), 0)
        amount = held if liquidity == ALL else int(liquidity)
        paid0, paid1 = self.caller.send(OWNER, "remove", self.pool.address, lower, upper, amount)
        self.positions[lower, upper] = held - amount
        self._pay_fees(lower, upper, "amount")
        return {"amount0": paid0, "amount1": paid1}

    def collect(self, lower: int, upper: int) -> dict[str, Any]:
        paid0, paid1 = self.caller.send(OWNER, "remove", self.pool.address, lower, upper, 0)
        self._pay_fees(lower, upper, "fees")
        return {"fees0": paid0, "fees1": paid1}

    def _pay_fees(self, lower: int, upper: int, name: str) -> None:
        """Each rounding of a fee since the last time may have moved what is paid by a base unit."""
        counted = self.fee_roundings.pop((lower, upper), [0, 0])
        self.rounded = {f"{name}{k}": n for k, n in enumerate(counted)}

    def _swap(self, token_in: int, amount: int, limit: int) -> dict[str, Any]:
        is_sale_of_0 = token_in == 0
        bound = LOWEST_LIMIT if is_sale_of_0 else HIGHEST_LIMIT
        before = self.pool.call("slot0")
        amounts = self.caller.send(OWNER, "swap", self.pool.address, is_sale_of_0, amount, limit)
        self.token_in_of_swap = [token_in]
        self._note_branches(before, amount, limit, bound)
        return {"amount_in": amounts[token_in], "amount_out": -amounts[1 - token_in]}

    def _note_branches(self, before: Any, amount: int, limit: int, bound: int) -> None:
        after = self.pool.call("slot0")
        low, high = sorted((before[1], after[1]))
        edges = {tick for range_ in self.open_ranges() for tick in range_}
        crossed = sorted(tick for tick in edges if low < tick <= high)
        steps = sorted({low, *crossed, high})
        has_gap = any(
            not any(lower <= left and right <= upper for lower, upper in self.open_ranges())
            for left, right in itertools.pairwise(steps)
        )
        is_at_limit = self.is_at_limit = after[0] == limit
        self.least_liquidity = min(filter(None, map(self._active, steps)), default=1)
        touched = self._count_steps(steps)
        self.rounded = self._rounded_by_steps(before[0], after[0], amount > 0)
        fee = self.rounded["amount_in"] * self.fee // 10**6
        self.fee_rounded = self.n_steps + fee
        for position in touched:
            self.fee_roundings[position][self.token_in_of_swap[0]] += fee
        for number, is_met in enumerate((
            amount > 0,
            amount < 0,
            len(crossed) == 1,
            len(crossed) >= 5,
            has_gap and limit != bound,
            is_at_limit and limit != bound,
            is_at_limit and any(self.sqrt_price(tick) == limit for tick in edges),
            is_at_limit and limit == bound,
            self.protocol_part > 0,
        )):  # fmt: skip
            if is_met:
                self.branches.append(BRANCHES[number])

    def _count_steps(self, ticks: list[int]) -> set[tuple[int, int]]:
        """A step ends at a tick of a position, and at the end of a word of the bitmap; each rounds once.

        Returns the positions that earned in it.
        """
        self.n_steps = 1
        touched = set()
        for left, right in itertools.pairwise(ticks):
            if not self._active(left):
                continue
            n = 1 + right // self.spacing // 256 - left // self.spacing // 256
            self.n_steps += n
            for lower, upper in self.open_ranges():
                if lower <= left and right <= upper:
                    counted = self.fee_roundings.setdefault((lower, upper), [0, 0])
                    counted[self.token_in_of_swap[0]] += n
                    touched.add((lower, upper))
        return touched

    def _rounded_by_steps(self, before: int, after: int, is_exact_in: bool) -> dict[str, int]:
        """A base unit a step of what is counted down, and what that is worth of the other token."""
        if self.is_at_limit:
            return {"amount_in": self.n_steps, "amount_out": self.n_steps}
        prices = [(root / 2**96) ** 2 for root in (before, after)]
        is_0_given = (self.token_in_of_swap[0] == 0) == is_exact_in
        worth = max(prices) if is_0_given else 1.0 / min(prices)
        other = self.n_steps * (1 + math.ceil(worth))
        names = ("amount_in", "amount_out") if is_exact_in else ("amount_out", "amount_in")
        return dict(zip(names, (self.n_steps, other), strict=True))

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        """What is done next."""
        return Life(self, MEMORY).draw(rng)

    def open_ranges(self) -> list[tuple[int, int]]:
        """Ranges in which there is liquidity."""
        return [range_ for range_, liquidity in self.positions.items() if liquidity]

    def _active(self, tick: int) -> int:
        """Liquidity at a tick."""
        return sum(n for (lower, upper), n in self.positions.items() if lower <= tick < upper)

    def sqrt_price(self, tick: int) -> int:
        """Of a tick, in 2^-96."""
        return int(self.caller.call("sqrtPriceAt", tick))

    def _position(self, lower: int, upper: int) -> Any:
        packed = bytes.fromhex(self.caller.address[2:])
        packed += b"".join((tick % 2**24).to_bytes(3, "big") for tick in (lower, upper))
        return self.pool.call("positions", keccak(packed))

    def _addresses(self) -> tuple[str, str]:
        return self.tokens[0].address, self.tokens[1].address

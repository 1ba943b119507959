"""Random lives of a concentrated pool: which range, how much, how far, and what cannot be.

Amounts reach from dust to many times what is there; a part of all calls is on the wrong side of a limit.
"""

from __future__ import annotations

import copy
import math
import random
from typing import Any

from tests.onchain.generate.chain import Reverted
from tests.onchain.sequences import ALL

MIN_TICK, MAX_TICK = -887_272, 887_272
FEWEST_BASE_UNITS = 1e6
LAST_FINE_TICK = 450_000  # beyond, a price in 2^-96 has fewer digits than a tick's price needs
MIN_SQRT_PRICE = 4295128739
MAX_SQRT_PRICE = 1461446703485210103287273052203988822378723970342
# The last prices that a trade is sent to. A double cannot tell the contract's last from the tick beyond.
LOWEST_LIMIT, HIGHEST_LIMIT = MIN_SQRT_PRICE + 1, MAX_SQRT_PRICE - MAX_SQRT_PRICE // 2**44
N_DRAWS = 8
WIDE = 1_700_000  # ticks: the full range
FEES = {100: 1, 500: 10, 3000: 60, 10_000: 200}  # pips -> tick spacing
DECIMALS = [(18, 6), (18, 18), (6, 6), (8, 18), (6, 18)]


def draw_setup(rng: random.Random) -> tuple[dict[str, int], dict[str, Any]]:
    """A price within nine orders of magnitude of 1 in base units, any fee; half with a protocol fee."""
    decimals0, decimals1 = rng.choice(DECIMALS)
    fee = rng.choice(list(FEES))
    price = 10.0 ** (rng.uniform(-4.0, 4.0) + decimals1 - decimals0)
    has_protocol_fee = rng.random() < 0.5
    setup = {
        "start_sqrt_price_x96": int(math.sqrt(price) * 2**96),
        "fee": fee,
        "tick_spacing": FEES[fee],
        "protocol_part0": rng.randint(4, 10) if has_protocol_fee else 0,
        "protocol_part1": rng.randint(4, 10) if has_protocol_fee else 0,
    }
    liquidity = (decimals0 + decimals1) // 2  # of the square root of their product
    return {"token0": decimals0, "token1": decimals1, "liquidity": liquidity}, setup


class Life:
    """What is done next in a ``session``; ``memory`` names what that remembers of what it has done."""

    def __init__(self, session: Any, memory: tuple[str, ...]) -> None:
        self.session, self.memory = session, memory

    def draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        """The first drawn after which the pool holds amounts that a token can have."""
        for _ in range(N_DRAWS):
            drawn = self._draw(rng)
            if self._is_thinkable(*drawn):
                return drawn
        return "collect", self._draw_position("collect", rng), 12

    def _is_thinkable(self, verb: str, inputs: dict[str, Any], seconds: int) -> bool:
        kept = copy.deepcopy({name: getattr(self.session, name) for name in self.memory})
        saved = self.session.chain.save()
        self.session.chain.advance(seconds)
        try:
            self.session.do(verb, inputs)
        except Reverted:
            return True
        finally:
            held = [
                token.call("balanceOf", self.session.pool.address) for token in self.session.tokens
            ]
            self.session.chain.restore(saved)
            vars(self.session).update(kept)
        return all(amount <= most for amount, most in zip(held, self.session.most, strict=True))

    def _draw(self, rng: random.Random) -> tuple[str, dict[str, Any], int]:
        seconds = rng.choice([0, 12, 12, 12, 60, 3600, 86_400])
        is_young = len(self.session.open_ranges()) < 2
        verb = rng.choice(
            ["add"]
            if is_young
            else ["sell"] * 4 + ["buy"] * 4 + ["add"] * 2 + ["remove", "collect"]
        )
        if verb in ("sell", "buy"):
            return verb, self._draw_swap(verb, rng), seconds
        if verb == "add":
            lower, upper = self._draw_range(rng)
            liquidity = 0 if rng.random() < 0.03 else self._draw_liquidity(lower, upper, rng)
            return verb, {"lower": lower, "upper": upper, "liquidity": liquidity}, seconds
        return verb, self._draw_position(verb, rng), seconds

    def _draw_range(self, rng: random.Random) -> tuple[int, int]:
        """Mostly a fresh range near the price, sometimes one that exists, sometimes one that cannot be."""
        space = self.session.spacing
        least, most = -(-MIN_TICK // space) * space, MAX_TICK // space * space
        kind = rng.random()
        if kind < 0.10:
            return rng.choice((
                (0, 0), (space, 0), (1, 7 * space + 1),
                *((least - space, 0), (0, most + space)) * 2,
            ))  # fmt: skip
        if kind < 0.16:
            return least, most
        if kind < 0.36 and self.session.open_ranges():
            return rng.choice(self.session.open_ranges())
        tick = min(max(self.session.pool.call("slot0")[1], -LAST_FINE_TICK), LAST_FINE_TICK)
        width = math.ceil(10.0 ** rng.uniform(0.0, 4.3) / space)
        middle = tick // space + round(rng.uniform(-1.0, 1.0) * width)
        lower = (middle - rng.randint(0, width)) * space
        lower = min(max(lower, least), most - space)
        return lower, min(lower + (1 + width) * space, most)

    def _draw_liquidity(self, lower: int, upper: int, rng: random.Random) -> int:
        """Over nine orders of magnitude; for a position that is there, sometimes dust.

        At least so much that a base unit is a small part of what it holds: below, all is rounding.
        """
        if rng.random() < 0.2 and self.session.positions.get((lower, upper)):
            return rng.randint(1, 1000)
        root = self.session.pool.call("slot0")[0] / 2**96
        least = FEWEST_BASE_UNITS * max(root, 1.0 / root)
        return int(max(self.session.unit * 10.0 ** rng.uniform(-2.0, 7.0), least))

    def _draw_position(self, verb: str, rng: random.Random) -> dict[str, Any]:
        """A position that is there, or that was, or (one in twelve) one that never was."""
        held = list(self.session.positions)
        lower, upper = rng.choice(held)
        if rng.random() < 0.08:
            lower, upper = self._draw_range(rng)
        if verb == "collect":
            return {"lower": lower, "upper": upper}
        liquidity = self.session.positions.get((lower, upper), self.session.unit)
        part = rng.choice([1.0, 1.0, rng.random(), rng.random() ** 8, rng.choice([0.5, 2.0])])
        amount = ALL if part == 1.0 else max(1, int(liquidity * part))
        return {"lower": lower, "upper": upper, "liquidity": amount}

    def _draw_swap(self, verb: str, rng: random.Random) -> dict[str, Any]:
        """Amounts from dust to many times what is there; half with a price limit, some on the wrong side."""
        token_in = rng.randrange(2)
        sqrt_price, tick = self.session.pool.call("slot0")[:2]
        root = sqrt_price / 2**96
        liquidity = self.session.pool.call("liquidity") or self.session.unit
        virtual = (liquidity / root, liquidity * root)
        given = virtual[token_in if verb == "sell" else 1 - token_in]
        amount = max(0, int(given * 10.0 ** rng.uniform(-7.0, 1.0)))
        if rng.random() < 0.05:
            amount = rng.choice([0, rng.randint(1, 1000)])
        inputs = {"token_in": token_in, "token_out": 1 - token_in}
        limit = self._draw_limit(token_in, sqrt_price, tick, rng)
        if rng.random() < 0.15 and self.session.open_ranges():  # far, over many ticks
            limit = self.session.sqrt_price(self._furthest(token_in == 0))
            limit = min(max(limit, LOWEST_LIMIT), HIGHEST_LIMIT)
            amount = int(given * 10.0 ** rng.uniform(0.0, 3.0))
        inputs["amount_in" if verb == "sell" else "amount_out"] = amount
        return {**inputs, "limit_x96": limit}

    def _draw_limit(self, token_in: int, sqrt_price: int, tick: int, rng: random.Random) -> int:
        down = token_in == 0
        kind = rng.random()
        if kind < 0.15:  # none: routers give the last price that there is
            return LOWEST_LIMIT if down else HIGHEST_LIMIT
        if kind < 0.20:  # on the wrong side, or beyond all prices
            return rng.choice(
                [sqrt_price + (1 if down else -1) * (sqrt_price // 10**12 + 1), 1, 2**160 - 1]
            )
        edges = sorted({edge for range_ in self.session.open_ranges() for edge in range_})
        beyond = [edge for edge in edges if (edge < tick if down else edge > tick + 1)]
        if kind < 0.45 and beyond:
            limit = self.session.sqrt_price(rng.choice(beyond))
            return min(max(limit, LOWEST_LIMIT), HIGHEST_LIMIT)
        move = 10.0 ** rng.uniform(-5.0, 1.0)
        limit = int(sqrt_price / (1.0 + move) if down else sqrt_price * (1.0 + move))
        return min(max(limit, LOWEST_LIMIT), HIGHEST_LIMIT)

    def _furthest(self, is_down: bool) -> int:
        """The last tick of a position on this side, the full range apart."""
        narrow = [
            each for each in self.session.open_ranges() if each[1] - each[0] < WIDE
        ] or self.session.open_ranges()
        edges = [edge for range_ in narrow for edge in range_]
        return min(edges) if is_down else max(edges)

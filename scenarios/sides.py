"""One pool as many sellers of a token meet it, each alone: what sales pay, how far they carry the price.

The answers are those of ``sim/venues/any_pool.py``, for whole rows of numbers at a time and at the state of
this moment. A kind of pool joins with a class here.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from scenarios.moments import of_one
from sim.formulas import concentrated as ticks
from sim.formulas import constant_product
from sim.tables import CONCENTRATED, CONSTANT_PRODUCT
from sim.venues import any_pool
from sim.venues.ticks import NONE
from sim.world import World


class Side(Protocol):
    """A pool that buys a token."""

    fee_fraction: float
    value_out_usd: float
    marginal_price: float  # what the next token brings after the fee

    def pays(self, amount: np.ndarray) -> np.ndarray:
        """Tokens for each of these sales."""

    def sale_to(self, price: np.ndarray) -> np.ndarray:
        """The sales after which the next token brings these prices."""


class ConstantProductSide:
    """Reserves x and y with ``x y = k``."""

    def __init__(self, reserve_in: float, reserve_out: float, fee_fraction: float) -> None:
        self.reserve_in, self.reserve_out = reserve_in, reserve_out
        self.fee_fraction, self.value_out_usd = fee_fraction, 0.0
        self.marginal_price = (1.0 - fee_fraction) * reserve_out / reserve_in

    def pays(self, amount: np.ndarray) -> np.ndarray:
        """Tokens for each of these sales."""
        return constant_product.amount_out(
            amount, self.reserve_in, self.reserve_out, self.fee_fraction
        )

    def sale_to(self, price: np.ndarray) -> np.ndarray:
        """The sales after which the next token brings these prices."""
        kept = 1.0 - self.fee_fraction
        end = np.sqrt(kept * self.reserve_in * self.reserve_out / price)
        return np.maximum(end - self.reserve_in, 0.0) / kept


class ConcentratedSide:
    """Stretches of equal liquidity from the price of now on, each with what was sold and paid before it."""

    def __init__(
        self,
        world: World,
        p: int,
        is_zero_in: bool,
        lower: int = 0,
        upper: int = 0,
        without: float = 0.0,  # liquidity between these two ticks that is not there
    ) -> None:
        pool, table = world.venues.pools[p], world.venues.ticks
        state = world.venues.concentrated[pool.state]
        self.fee_fraction, self.value_out_usd = float(pool.fee_fraction), 0.0
        self.is_zero_in = is_zero_in
        own = without if lower <= state.tick < upper else 0.0
        liquidity = float(state.liquidity) - own
        start, row = float(state.sqrt_price), int(state.tick_below)
        row = row if is_zero_in else int(table[row].above)
        stretches = []
        sold = paid = 0.0
        while True:
            end = float(table[row].sqrt_price)
            liquidity = max(liquidity, 0.0) if liquidity > 0.5 * state.liquidity_unit else 0.0
            stretches.append((start, liquidity, sold, paid))
            amount1 = liquidity * abs(end - start)
            amount0 = amount1 / (start * end)
            sold += (amount0 if is_zero_in else amount1) / (1.0 - self.fee_fraction)
            paid += amount1 if is_zero_in else amount0
            following = int(table[row].below if is_zero_in else table[row].above)
            if following == NONE:
                break
            net = float(table[row].liquidity_net)
            net -= without * ((int(table[row].tick) == lower) - (int(table[row].tick) == upper))
            liquidity += -net if is_zero_in else net
            start, row = end, following
        stretches.append((end, 0.0, sold, paid))
        self.start, self.liquidity, self.sold, self.paid = np.array(stretches).T
        here = np.flatnonzero(self.liquidity > 0.0)
        root = self.start[here[0]] if len(here) else 0.0
        kept = 1.0 - self.fee_fraction
        self.marginal_price = 0.0
        if root > 0.0:
            self.marginal_price = float(kept * root * root if is_zero_in else kept / (root * root))

    def pays(self, amount: np.ndarray) -> np.ndarray:
        """Tokens for each of these sales; what finds no liquidity is not sold."""
        k = np.searchsorted(self.sold, amount, "right") - 1
        start, liquidity = self.start[k], self.liquidity[k]
        usable = (amount - self.sold[k]) * (1.0 - self.fee_fraction)
        deep = np.maximum(liquidity, 1e-300)
        if self.is_zero_in:
            more = deep * ticks.fall_by_sale(usable, deep, start)
        else:
            more = usable / (start * (start + usable / deep))
        return self.paid[k] + np.where(liquidity > 0.0, more, 0.0)

    def sale_to(self, price: np.ndarray) -> np.ndarray:
        """The sales after which the next token brings these prices."""
        kept = 1.0 - self.fee_fraction
        root = np.sqrt(price / kept) if self.is_zero_in else np.sqrt(kept / price)
        order = -self.start if self.is_zero_in else self.start
        k = np.searchsorted(order, -root if self.is_zero_in else root, "right") - 1
        is_passed = k < 0  # it brings less than that already
        k = np.maximum(k, 0)
        amount1 = self.liquidity[k] * np.abs(root - self.start[k])
        amount = amount1 / (root * self.start[k]) if self.is_zero_in else amount1
        return np.where(is_passed, 0.0, self.sold[k] + amount / kept)


class AskedSide:
    """A pool of any other kind: asked once for each sale, as an agent asks it."""

    def __init__(self, world: World, p: int, token_in: int, token_out: int) -> None:
        self.fee_fraction, self.value_out_usd = float(world.venues.pools[p].fee_fraction), 0.0
        seconds = float(world.clock.now[0].seconds)
        self._asked = world.ledger, world.venues, p, seconds, 0.0, 0.0, 0.0, token_in, token_out
        self.marginal_price = float(any_pool.marginal_price(*self._asked))

    def pays(self, amount: np.ndarray) -> np.ndarray:
        """Tokens for each of these sales."""
        return np.array(
            [any_pool.pays(*self._asked, one) if one > 0.0 else 0.0 for one in of_one(amount)]
        )

    def sale_to(self, price: np.ndarray) -> np.ndarray:
        """The sales after which the next token brings these prices."""
        return np.array([any_pool.sale_to(*self._asked, one) for one in of_one(price)])


def side_of(world: World, p: int, token_in: int, token_out: int) -> Side | None:
    """A pool as a seller of ``token_in`` meets it; None where there is nothing to be had."""
    pool = world.venues.pools[p]
    if not any_pool.trades(world.venues, p, token_in, token_out):
        return None
    is_zero_in = token_in == pool.token0
    side: Side
    if pool.kind == CONSTANT_PRODUCT:
        if pool.reserve0 <= 0.0 or pool.reserve1 <= 0.0:
            return None
        reserves = (pool.reserve0, pool.reserve1) if is_zero_in else (pool.reserve1, pool.reserve0)
        side = ConstantProductSide(*reserves, pool.fee_fraction)
    elif pool.kind == CONCENTRATED:
        side = ConcentratedSide(world, p, is_zero_in)
    else:
        side = AskedSide(world, p, token_in, token_out)
    side.value_out_usd = world.tokens[token_out].value_usd
    return side if side.marginal_price > 0.0 else None

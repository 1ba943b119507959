"""Verbs of pools."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.venues import ConcentratedPool, ConstantProductPool, StableSwapPool, WeightedPool
from benchmarks.verbs import bare_pools as bare
from benchmarks.verbs.case import PROMISED_OF_CURVES, Case, row


def _constant_product() -> Iterator[Case]:
    pool = ConstantProductPool({"ETH": 1e4, "USDC": 2e7})
    pool.account()
    swaps = (lambda: pool.swap("ETH", 1.0), lambda: pool.swap("USDC", 2e3))
    yield Case("constant product, swap", pool, swaps, bare.constant_product_swap,
               (row(1e4, 2e7, 1.0, 2e3, 0.003),))  # fmt: skip
    books = (1e4, 2e7, pool.lp_supply)
    yield Case("constant product, add", pool, (lambda: pool.add_liquidity("ETH", 1.0),),
               bare.proportional_liquidity, (row(*books, 1.0),))  # fmt: skip
    yield Case("constant product, remove", pool, (lambda: pool.remove_liquidity(1.0),),
               bare.proportional_liquidity, (row(*books, -1.0),))  # fmt: skip


def _concentrated() -> Iterator[Case]:
    pool = ConcentratedPool(("ETH", "USDC"), 2_000.0)
    lower, upper = 70_020, 82_020
    pool.add_liquidity(liquidity=1e6, lower_tick=lower, upper_tick=upper)

    def add() -> None:
        pool.add_liquidity(liquidity=10.0, lower_tick=lower, upper_tick=upper)

    def remove() -> None:
        pool.remove_liquidity(10.0, lower, upper)

    swaps = (lambda: pool.swap("ETH", 1.0), lambda: pool.swap("USDC", 2e3))
    root = pool.sqrt_price
    yield Case("concentrated, swap", pool, swaps, bare.concentrated_swap,
               (row(root, 1e6, 1.0, 2e3, 0.003, 0.0, 0.0, 0.0),))  # fmt: skip
    ends = [pool.price_of(tick) ** 0.5 for tick in (lower, upper)]
    for name, sign, call in (("add", 1.0, add), ("remove", -1.0, remove)):
        state = row(root, *ends, 1e6, sign * 10.0, 0.0, 0.0)
        yield Case(f"concentrated, {name}", pool, (call,), bare.concentrated_liquidity, (state,))


def _stable_swap() -> Iterator[Case]:
    pool = StableSwapPool({"USDC": 1e7, "USDT": 1.1e7}, 100.0, 0.0004, 0.5)
    levels = (1e7, 1.1e7)
    swaps = (lambda: pool.swap("USDC", 1e3), lambda: pool.swap("USDT", 1e3))
    yield Case("StableSwap, swap", pool, swaps, bare.stable_swap,
               (row(200.0, 0.0004, 1e3), row(*levels)), PROMISED_OF_CURVES)  # fmt: skip
    for name, sign, call in (
        ("add", 1.0, lambda: pool.add_liquidity({"USDC": 1e3})),
        ("remove amounts", -1.0, lambda: pool.remove_amounts({"USDC": 1e3})),
    ):
        state = (
            row(200.0, 0.0002, 2.1e7),
            row(*levels),
            row(sign * 1e3, 0.0),
            np.zeros(2),
        )
        yield Case(f"StableSwap, {name}", pool, (call,), bare.stable_liquidity, state,
                   PROMISED_OF_CURVES)  # fmt: skip


def _weighted() -> Iterator[Case]:
    pool = WeightedPool({"ETH": 1e4, "USDC": 5e6}, {"ETH": 0.8, "USDC": 0.2}, 0.003)
    swaps = (lambda: pool.swap("ETH", 1.0), lambda: pool.swap("USDC", 2e3))
    yield Case("weighted, swap", pool, swaps, bare.weighted_swap,
               (row(1e4, 5e6, 0.8, 0.2, 1.0, 2e3, 0.003),), PROMISED_OF_CURVES)  # fmt: skip
    coins = pool._world.venues.coins.copy()
    yield Case("weighted, add", pool, (lambda: pool.add_liquidity({"ETH": 1.0}),),
               bare.weighted_liquidity, (row(pool.lp_supply, 0.003), coins, row(1.0, 0.0)),
               PROMISED_OF_CURVES)  # fmt: skip


def cases() -> Iterator[Case]:
    """Every kind of pool."""
    yield from _constant_product()
    yield from _concentrated()
    yield from _stable_swap()
    yield from _weighted()

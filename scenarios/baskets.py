"""Pools of several coins are opened: their rows, and what their first providers bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scenarios.layout import Layout
from sim.formulas import stable_swap
from sim.tables import STABLE_SWAP, WEIGHTED
from sim.venues.any_pool import is_basket
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.world import Pool

KINDS = {"stable_swap": STABLE_SWAP, "weighted": WEIGHTED}


def baskets(scenario: Scenario) -> list[Pool]:
    """The pools whose tokens are rows of COIN, in order."""
    return [pool for pool in scenario.pools if pool.kind in KINDS]


def fill_baskets(world: World, scenario: Scenario, layout: Layout) -> None:
    """Rows of BASKET and COIN, without liquidity."""
    venues, first = world.venues, 0
    for b, pool in enumerate(baskets(scenario)):
        row, basket = venues.pools[layout.pools.index(pool.name)], venues.baskets[b]
        row.kind, row.state = KINDS[pool.kind], b
        basket.pool, basket.first_coin = layout.pools.index(pool.name), first
        basket.n_coins, basket.protocol_fee_fraction = len(pool.tokens), pool.protocol_fee_fraction
        row.protocol_fee_fraction = 0.0  # that of the basket counts
        _set_amplification(basket, pool)
        for k, token in enumerate(pool.tokens):
            coin = venues.coins[first + k]
            coin.pool, coin.token, coin.asset = basket.pool, *(layout.assets.index(token),) * 2
            coin.rate = pool.rates[k] if pool.rates else 1.0
            coin.weight = pool.weights[k] if pool.weights else 0.0
        first += len(pool.tokens)


def _set_amplification(basket: np.record, pool: Pool) -> None:
    basket.initial_amplification = basket.future_amplification = pool.amplification or 0.0
    basket.initial_seconds = basket.future_seconds = -math.inf
    start, duration = pool.ramp_start_seconds, pool.ramp_duration_seconds
    if pool.ramp_amplification is not None and start is not None and duration is not None:
        basket.future_amplification = pool.ramp_amplification
        basket.initial_seconds = start
        basket.future_seconds = start + duration


def deposit(world: World, p: int, value_usd: float) -> float:
    """Bring coins worth so much, in the proportion that leaves no gap to the outside; shares for them."""
    row = world.venues.pools[p]
    assert is_basket(row)
    basket = world.venues.baskets[row.state]
    coins = world.venues.coins[basket.first_coin : basket.first_coin + basket.n_coins]
    prices = [float(world.venues.exchanges[coin.asset].market_price_usd) for coin in coins]
    if row.kind == STABLE_SWAP:
        return _deposit_stable(basket, coins, prices, value_usd)
    for coin, price in zip(coins, prices, strict=True):
        coin.balance += coin.weight * value_usd / price
    logs = (
        coin.weight * math.log(coin.weight * value_usd / price)
        for coin, price in zip(coins, prices, strict=True)
    )
    return len(coins) * math.exp(math.fsum(logs))


def _deposit_stable(
    basket: np.record, coins: np.ndarray, prices: Sequence[float], value_usd: float
) -> float:
    ann = basket.n_coins * float(basket.initial_amplification)
    levels = np.zeros(len(coins))
    worth = np.array([price / coin.rate for coin, price in zip(coins, prices, strict=True)])
    stable_swap.levels_at_prices(levels, worth, len(coins), ann, 1.0)
    shares = value_usd / math.fsum(levels * worth)
    for coin, level in zip(coins, levels.tolist(), strict=True):
        coin.balance += shares * level / coin.rate
    return float(shares)

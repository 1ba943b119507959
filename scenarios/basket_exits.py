"""What a provider of a pool of several coins would get who left now: his part, sold for one coin."""

from __future__ import annotations

import numpy as np

from sim.formulas import stable_swap, weighted
from sim.tables import STABLE_SWAP
from sim.venues.stable_swap import ann_now
from sim.world import World


def sold_usd(world: World, p: int, part: float, held: np.ndarray) -> tuple[float, int]:
    """USD for ``part`` of a pool and what is ``held`` of each coin, and how many sales that takes.

    All is sold, coin after coin, into the pool that remains, for the cash or, where it has none, for its
    first coin. Who owns the whole pool has nobody to sell to.
    """
    row = world.venues.pools[p]
    basket = world.venues.baskets[row.state]
    coins = world.venues.coins[basket.first_coin : basket.first_coin + basket.n_coins]
    value_usd = np.array([world.tokens[coin.token].value_usd for coin in coins])
    amounts = part * np.array([coin.balance for coin in coins]) + held
    assets = [int(coin.asset) for coin in coins]
    cash = world.clock.now[0].cash_asset
    home = assets.index(cash) if cash in assets else 0
    kept = 1.0 - row.fee_fraction
    usd = amounts[home] * value_usd[home]
    others = [k for k in range(len(coins)) if k != home and amounts[k] > 0.0]
    if world.clock.now[0].has_pool_depth == 0:
        return float(usd + kept * sum(amounts[k] * value_usd[k] for k in others)), len(others)
    left = (1.0 - part) * np.array([coin.balance for coin in coins])
    for k in others if part < 1.0 else ():
        bought = _bought(world, row, basket, coins, left, k, home, float(amounts[k]))
        usd += kept * bought * value_usd[home]
        left[k] += amounts[k]
        left[home] -= kept * bought
    return float(usd), len(others)


def _bought(
    world: World, row: np.record, basket: np.record, coins: np.ndarray,
    left: np.ndarray, i: int, j: int, amount: float,
) -> float:  # fmt: skip
    """What a sale would buy before the fee, at balances that are not the pool's."""
    if row.kind == STABLE_SWAP:
        levels = left * np.array([coin.rate for coin in coins])
        ann = ann_now(basket, world.clock.now[0].seconds)
        invariant = stable_swap.invariant_of(levels, len(levels), ann)
        pull = stable_swap.product_term(levels, len(levels), invariant) / ann
        sold = amount * coins[i].rate
        return float(stable_swap.level_out(levels[i], levels[j], pull, sold) / coins[j].rate)
    # In parts, because a swap has a limit: along the curve that makes no difference.
    weight_in, weight_out = coins[i].weight, coins[j].weight
    return float(weighted.amount_out(amount, left[i], weight_in, left[j], weight_out))

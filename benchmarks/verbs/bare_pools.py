"""The arithmetic of a pool's verb on one row that cannot be avoided, each call waiting for the one before.

No account, no journal, no check: what is left of a verb if only its formula and its own row are kept.
``s`` is the row, (k,) float64.
"""

from __future__ import annotations

import math

from sim.compile import entry
from sim.formulas import concentrated, constant_product, weighted
from sim.formulas import stable_swap as stable


@entry
def constant_product_swap(n, s):
    """``s``: reserves of both, amount of each that comes in, fee."""
    for k in range(n):
        i = k % 2
        bought = constant_product.amount_out(s[2 + i], s[i], s[1 - i], s[4])
        s[i] += s[2 + i]
        s[1 - i] -= bought


@entry
def proportional_liquidity(n, s):
    """``s``: reserves of both, LP shares, token0 that comes in (negative: shares that go out)."""
    for _ in range(n):
        part = s[3] / s[0] if s[3] > 0.0 else s[3] / s[2]
        s[0] += part * s[0]
        s[1] += part * s[1]
        s[2] += part * s[2]


@entry
def concentrated_swap(n, s):
    """``s``: sqrt price, liquidity, amount of each that comes in, fee, fee growth of each."""
    for k in range(n):
        usable = s[2 + k % 2] * (1.0 - s[4])
        if k % 2 == 0:
            move = -concentrated.fall_by_sale(usable, s[1], s[0])
            bought = concentrated.amount1_of(s[1], -move)
        else:
            move = concentrated.move_by_amount1(usable, s[1])
            bought = concentrated.amount0_of(s[1], move, s[0], s[0] + move)
        s[0] += move
        s[5 + k % 2] += (s[2 + k % 2] - usable) / s[1]
        s[7] += bought


@entry
def concentrated_liquidity(n, s):
    """``s``: sqrt price, of the lower and of the upper tick, liquidity, what is added to it, both tokens."""
    for _ in range(n):
        amount0, amount1 = concentrated.amounts_of_range(s[4], s[0], 0.0, s[1], 0.0, s[2], 0.0)
        s[3] += s[4]
        s[5] += amount0
        s[6] += amount1


@entry
def stable_swap(n, s, levels):
    """``s``: A n, fee, amount that comes in; two levels."""
    for k in range(n):
        i = k % 2
        invariant = stable.invariant_of(levels, 2, s[0])
        pull = stable.product_term(levels, 2, invariant) / s[0]
        bought = stable.level_out(levels[i], levels[1 - i], pull, s[2])
        levels[i] += s[2]
        levels[1 - i] -= bought * (1.0 - s[1])


@entry
def stable_liquidity(n, s, levels, asked, changes):
    """``s``: A n, fee on what is shifted, LP shares; the invariant's growth, without the fee and after it."""
    for _ in range(n):
        invariant = stable.invariant_of(levels, 2, s[0])
        term = stable.product_term(levels, 2, invariant)
        free = stable.growth(levels, asked, 2, s[0], invariant, term)
        for k in range(2):
            changes[k] = asked[k] - s[1] * abs(free * levels[k] - asked[k])
        s[2] += s[2] * stable.growth(levels, changes, 2, s[0], invariant, term)
        levels[0] += changes[0]
        levels[1] += changes[1]


@entry
def weighted_swap(n, s):
    """``s``: balances, weights, amount of each that comes in, fee."""
    for k in range(n):
        i = k % 2
        usable = s[4 + i] * (1.0 - s[6])
        bought = weighted.amount_out(usable, s[i], s[2 + i], s[1 - i], s[3 - i])
        s[i] += s[4 + i]
        s[1 - i] -= bought


@entry
def weighted_liquidity(n, s, coins, asked):
    """``s``: LP shares, fee; the growth of the invariant."""
    for _ in range(n):
        grown = weighted.deposit_log_growth(coins, 0, 2, asked, s[1])
        s[0] += s[0] * math.expm1(grown)
        for k in range(2):
            coins[k].balance = coins[k].balance + asked[k]

"""Mint and burn: a coin that a protocol turns into one dollar's worth of a volatile token, and back.

Nothing else stands behind the coin. Below its peg it pays to buy it, burn it and sell the new volatile
tokens; the lower their price, the more of them a coin makes, so that in a run the supply explodes and the
peg is lost with the token. What slows this down is a spread from two virtual pools, equal at rest, whose
product is constant: burning coin fills one and drains the other, and they return by themselves.

Both pools are in the unit of the coin. ``delta`` is by how much the coin's is above ``base_pool``.
Source: Terra Core, x/market, keeper/swap.go and keeper/keeper.go (Columbus-4 and -5).
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def burn_spread(offered, base_pool, delta, min_spread_fraction):
    """What is kept back of the value when so much coin is burned for the volatile token."""
    coin_pool = base_pool + delta
    volatile_pool = base_pool * base_pool / coin_pool
    return max(1.0 - volatile_pool / (coin_pool + offered), min_spread_fraction)


@formula
def mint_spread(offered, base_pool, delta, min_spread_fraction):
    """The same when volatile tokens worth so much are burned for coin."""
    coin_pool = base_pool + delta
    volatile_pool = base_pool * base_pool / coin_pool
    return max(1.0 - coin_pool / (volatile_pool + offered), min_spread_fraction)


@formula
def recovered(delta, blocks, recovery_blocks):
    """What is left of ``delta`` after so many blocks, each of which takes the same share of the rest."""
    return delta * math.pow(1.0 - 1.0 / recovery_blocks, blocks)


@formula
def most_burned(base_pool, delta, spread_fraction):
    """The coin that can be burned at once before the pools ask for a larger spread than this."""
    coin_pool = base_pool + delta
    volatile_pool = base_pool * base_pool / coin_pool
    return max(volatile_pool / (1.0 - spread_fraction) - coin_pool, 0.0)


@formula
def most_minted(base_pool, delta, spread_fraction):
    """The value of volatile tokens that can be burned at once before the pools ask for more than this."""
    coin_pool = base_pool + delta
    volatile_pool = base_pool * base_pool / coin_pool
    return max(coin_pool / (1.0 - spread_fraction) - volatile_pool, 0.0)

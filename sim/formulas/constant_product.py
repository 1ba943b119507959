"""Constant-product pools: the marginal price falls as one side is sold, which is how a forced sale travels.

Source: Adams, Zinsmeister and Robinson (2020), Uniswap v2 Core; Angeris and Chitra (2020), Improved
Price Oracles: Constant Function Market Makers.
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def amount_out(amount_in, reserve_in, reserve_out, fee_fraction):
    """Tokens received for ``amount_in``: ``y g dx / (x + g dx)`` with ``g = 1 - fee``."""
    charged = amount_in * (1.0 - fee_fraction)
    return charged * reserve_out / (reserve_in + charged)


@formula
def frictionless_out(amount_in, price, fee_fraction):
    """Tokens received for ``amount_in`` at ``price``, less the fee, whatever the size: infinite depth."""
    return amount_in * (1.0 - fee_fraction) * price


@formula
def amount_in(amount_out, reserve_in, reserve_out, fee_fraction):
    """Tokens to pay for ``amount_out`` (which must be less than ``reserve_out``)."""
    return reserve_in * amount_out / ((reserve_out - amount_out) * (1.0 - fee_fraction))


@formula
def log_move(amount_in, amount_out, reserve_in, reserve_out):
    """By how much a trade raises the log price of what it buys (exact to 1e-16 of the price)."""
    before = reserve_in * (reserve_out - amount_out)
    return math.log((reserve_in + amount_in) * reserve_out / before)


@formula
def spot_price(reserve_base, reserve_quote):
    """Quote tokens a unit of base, before fees and impact."""
    return reserve_quote / reserve_base


@formula
def shares_for_deposit(amount0, reserve0, lp_supply):
    """LP shares for a deposit in the pool's own proportion."""
    return amount0 * lp_supply / reserve0


@formula
def first_shares(amount0, amount1):
    """LP shares of the first deposit: the geometric mean."""
    return math.sqrt(amount0 * amount1)


@formula
def amount_in_to_slippage(reserve_in, fee_fraction, slippage_fraction):
    """The largest sale whose average fill is at most ``slippage_fraction`` below the price after fee."""
    return reserve_in * slippage_fraction / ((1.0 - slippage_fraction) * (1.0 - fee_fraction))


@formula
def sale_to(reserve_in, reserve_out, fee_fraction, price):
    """The sale after which the next token brings ``price`` after the fee; 0 if it brings no more now."""
    kept = 1.0 - fee_fraction
    return max(math.sqrt(kept * reserve_in * reserve_out / price) - reserve_in, 0.0) / kept


@formula
def arbitrage_amount_in(reserve_in, reserve_out, fee_fraction, price, depth):
    """How much to sell into the pool so that its marginal price meets an outside market's.

    The token sold is bought outside, where it costs ``price`` (in the other token) and where buying
    ``n`` moves that price to ``price / (1 - n price / depth)``; equal margins give a quadratic in ``n``.
    Returns 0 where the pool already pays no more than the outside costs. ``depth`` may be infinite.
    """
    kept = 1.0 - fee_fraction
    value = kept * reserve_in * reserve_out
    c = price * reserve_in * reserve_in - value
    if c >= 0.0:
        return 0.0
    a = price * kept * kept
    b = 2.0 * price * reserve_in * kept + value * price / depth
    return -2.0 * c / (b + math.sqrt(b * b - 4.0 * a * c))

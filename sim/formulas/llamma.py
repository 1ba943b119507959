"""Soft liquidation in bands (LLAMMA): collateral that sells itself as its price falls, and buys itself back.

A borrower's collateral is spread over bands, each between two prices a factor ``(A - 1) / A`` apart. In a
band the price of the pool moves with the third power of the oracle's price ``p``, so that it runs ahead of
the market on the way down and on the way up, and arbitrageurs convert the band for their own profit. What a
hard liquidation would dump at once is sold over the whole fall; the cost is paid at every turn of the price.

A band with ``x`` coin and ``y`` collateral, whose upper edge is the oracle price ``P``, keeps
``(f + x)(g + y) = A^2 y0^2 p`` with ``f = A y0 p^2 / P`` and ``g = (A - 1) y0 P / p``, where ``y0`` is what
the band would hold of collateral alone at ``p = P``. All amounts come from differences written out, never
from the invariant less a reserve.
Source: Egorov (2022), crvUSD white paper; contracts AMM and Controller of curve-stablecoin.
"""

from __future__ import annotations

import math

from sim.compile import formula, kernel

MIN_BANDS, MAX_BANDS = 4, 50  # of one loan
MAX_SKIPPED = 1024  # empty bands that one trade passes
DEAD_SHARES = 1e-15  # shares of every band that nobody owns; the contract counts in 1e-18
UNIT = 1e-18
FEE_MEMORY_SECONDS = 120.0  # by then the fee for a jump of the oracle price is gone
LARGEST_MOVE = 1.25  # of the oracle price between two trades that are that close
PART_OF_GAP = 0.25  # of the distance between the oracle and a band far from it, as a fee


@formula
def log_ratio(amplification):
    """How much lower the log price is one band further down."""
    return math.log1p(1.0 / (amplification - 1.0))


@formula
def upper_edge(base_price, amplification, band):
    """The oracle price at which a band begins to be sold; its lower edge is the upper one of the next."""
    return base_price * math.exp(-band * log_ratio(amplification))


@formula
def anchor(x, y, price, edge, amplification):
    """``y0``: the collateral a band would hold at its upper edge (the positive root of the invariant)."""
    b = 0.0
    if x > 0.0:
        b = edge / price * (amplification - 1.0) * x
    if y > 0.0:
        b += amplification * price * price / edge * y
    if x > 0.0 and y > 0.0:
        root = math.sqrt(b * b + 4.0 * amplification * price * y * x)
        return (b + root) / (2.0 * amplification * price)
    return b / (amplification * price)


@formula
def virtual_coin(y0, price, edge, amplification):
    """``f``: coin that the band behaves as if it had beside its own."""
    return amplification * y0 * price / edge * price


@formula
def virtual_collateral(y0, price, edge, amplification):
    """``g``: collateral that the band behaves as if it had beside its own."""
    return (amplification - 1.0) * y0 * edge / price


@formula
def price_at_bottom(price, edge):
    """The pool's price in a band that holds collateral alone: ``p^3 / P^2``."""
    return price * price / edge * price / edge


@kernel
def price_in_band(x, y, price, edge, amplification):
    """The pool's price: coin for the next bit of collateral, before the fee."""
    step = amplification / (amplification - 1.0)
    lowest = price_at_bottom(price, edge)
    if x <= 0.0 and y <= 0.0:
        return lowest * step
    if x <= 0.0:
        return lowest
    if y <= 0.0:
        return lowest * step * step
    y0 = anchor(x, y, price, edge, amplification)
    f = virtual_coin(y0, price, edge, amplification)
    g = virtual_collateral(y0, price, edge, amplification)
    return (f + x) / (g + y)


@formula
def gap_fee(price, edge, amplification):
    """The fee of a band whose prices the oracle has left behind: a quarter of the distance."""
    step = amplification / (amplification - 1.0)
    lowest = price_at_bottom(price, edge)
    highest = lowest * step * step
    if price < lowest:
        return (lowest - price) * PART_OF_GAP / lowest
    if price > highest:
        return (price - highest) * PART_OF_GAP / price
    return 0.0


@kernel
def limited_price(price, old_price, old_fee, elapsed_seconds):
    """The oracle price that trades go by, and the least fee: what makes a jump of it not worth exploiting.

    Within two minutes of the last trade the price moves by a quarter at most, and the fee is
    ``1 - (lower / higher)^3`` of that move and what is left of the fee before it.
    """
    left = 1.0 - min(elapsed_seconds / FEE_MEMORY_SECONDS, 1.0)
    if left <= 0.0:
        return price, 0.0
    ratio = old_price / price if price > old_price else price / old_price
    if ratio < 1.0 / LARGEST_MOVE:
        ratio = 1.0 / LARGEST_MOVE
        price = old_price * LARGEST_MOVE if price > old_price else old_price / LARGEST_MOVE
    gap = 1.0 - ratio
    fee = old_fee + gap * (1.0 + ratio + ratio * ratio)  # 1 - r^3, written out
    return price, min(fee * left, 1.0 - UNIT)


@kernel
def coin_if_sold(x, y, price, edge, amplification):
    """Coin that a band ends with if the oracle price falls slowly through it: what a loan is covered by."""
    step = amplification / (amplification - 1.0)
    lower = edge / step
    middle = price * price / lower * price / edge
    mean = math.sqrt(edge * lower)  # the price at which a whole band is sold slowly
    if x <= 0.0 or y <= 0.0:
        if price > edge:
            return (y if y > 0.0 else x / middle) * mean
        if price < lower:
            return x if x > 0.0 else y * middle
    y0 = anchor(x, y, price, edge, amplification)
    f = virtual_coin(y0, price, edge, amplification)
    g = virtual_collateral(y0, price, edge, amplification)
    if price > edge:
        return (y + x * (g + y) / f) * mean
    if price < lower:
        return x + y * (f + x) / g
    # Traded at this oracle price until the pool's price is the oracle's.
    kept_y = amplification * y0 * (price - lower) / price
    kept_x = max((f + x) * ((g + y) / (g + kept_y)) - f, 0.0)
    return kept_x + kept_y * math.sqrt(lower * price)


@kernel
def collateral_if_bought(x, y, price, edge, amplification):
    """Collateral that a band ends with if the oracle price rises slowly through it."""
    step = amplification / (amplification - 1.0)
    lower = edge / step
    middle = price * price / lower * price / edge
    mean = math.sqrt(edge * lower)
    if x <= 0.0 or y <= 0.0:
        if price > edge:
            return y if y > 0.0 else x / middle
        if price < lower:
            return (x if x > 0.0 else y * middle) / mean
    y0 = anchor(x, y, price, edge, amplification)
    f = virtual_coin(y0, price, edge, amplification)
    g = virtual_collateral(y0, price, edge, amplification)
    if price > edge:
        return y + x * (g + y) / f
    if price < lower:
        return (x + y * (f + x) / g) / mean
    kept_y = amplification * y0 * (price - lower) / price
    kept_x = max((f + x) * ((g + y) / (g + kept_y)) - f, 0.0)
    return kept_y + kept_x / math.sqrt(edge * price)


@kernel
def effective_collateral(collateral, n_bands, amplification, discount_fraction):
    """Coin that collateral in ``n_bands`` brings in a slow fall, over the upper edge of its first band."""
    shrink = (amplification - 1.0) / amplification
    dead = DEAD_SHARES / max(collateral / n_bands, DEAD_SHARES)
    part = collateral * (1.0 - min(discount_fraction + dead, 1.0)) * math.sqrt(shrink) / n_bands
    total = part
    for _ in range(1, n_bands):
        part = part * shrink
        total += part
    return total


@kernel
def first_band(effective, edge, debt, amplification):
    """How many bands below the active one (whose upper edge is ``edge``) a loan must begin to be covered."""
    bands = math.log(effective * edge / debt) / log_ratio(amplification)
    return math.floor(bands)


@formula
def part_removed(fraction, discount_fraction):
    """Share of the bands that goes with a share of the debt in a hard liquidation.

    Between the share itself and the share at half the discount, so that what is left is healthier.
    """
    if fraction >= 1.0:
        return 1.0
    half = (1.0 + 0.5 * discount_fraction) / (1.0 + discount_fraction)
    return (half * (1.0 - fraction) + fraction) * fraction

"""A number as the sum of two floats: the float nearest to it, and what rounding has left over.

Where small things are added to large ones and taken out again (liquidity on a tick, fees since the first
day, a price near the edge of a range), one float keeps sixteen digits of the large one and forgets the
small one; two keep thirty-two. Source: Dekker (1971), A Floating-Point Technique for Extending the Available
Precision; Knuth (1997), The Art of Computer Programming, volume 2, for the exact sum.
"""

from __future__ import annotations

from sim.compile import formula

SPLITTER = 134_217_729.0  # 2^27 + 1 cuts a float into two halves whose products are exact


@formula
def exact_sum(a, b):
    """``a + b`` as a float and what rounding has taken from it."""
    total = a + b
    second = total - a
    return total, (a - (total - second)) + (b - second)


@formula
def exact_product(a, b):
    """``a b`` as a float and what rounding has taken from it."""
    product = a * b
    cut = SPLITTER * a
    a_high = cut - (cut - a)
    a_low = a - a_high
    cut = SPLITTER * b
    b_high = cut - (cut - b)
    b_low = b - b_high
    rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, rest


@formula
def add(number, rest, other, other_rest):
    """The sum of two such numbers."""
    total, error = exact_sum(number, other)
    return exact_sum(total, error + (rest + other_rest))


@formula
def difference(number, rest, other, other_rest):
    """How far the first lies above the second, as one float: the rests count where the rest cancels."""
    return (number - other) + (rest - other_rest)


@formula
def multiply(number, rest, other, other_rest):
    """The product of two such numbers."""
    product, error = exact_product(number, other)
    return exact_sum(product, error + (number * other_rest + rest * other))

"""Sums over many holders that do not depend on their order: the exact sum, rounded once, as by ``math.fsum``.

``math.fsum`` takes one number at a time, and a snapshot of ten thousand vaults has forty thousand. Here the
leading bits of all numbers, so few that adding them up is exact, are split off and added at once, then the
next ones, until nothing is left; what remains is a sum of three or four numbers.

Source: Rump, Ogita and Oishi (2008), Accurate Floating-Point Summation Part I: Faithful Rounding, for the
splitting of a vector.
"""

from __future__ import annotations

import math

import numpy as np

FEW = 300  # fewer numbers than these are added up one at a time as fast
LARGEST = 2.0**900  # beyond which the splitting would overflow


def exact_sum(numbers: np.ndarray) -> float:
    """The sum of a row of numbers (n,), to the last bit that of ``math.fsum``."""
    return float(exact_sums(numbers[None])[0])


def exact_sums(rows: np.ndarray) -> np.ndarray:
    """The sum of each row of numbers (n_rows, n)."""
    left = np.asarray(rows)
    largest = float(np.abs(left).max()) if left.size >= FEW else math.inf
    if not largest < LARGEST:
        return np.array([math.fsum(row) for row in left.tolist()])
    sums = [np.zeros(len(left))]
    while largest > 0.0:
        # A power of two so large that n leading parts, multiples of its last bit, add up without rounding.
        split = 2.0 ** (math.frexp(largest)[1] + left.shape[1].bit_length() + 1)
        leading = (split + left) - split
        sums.append(leading.sum(axis=1))
        left = left - leading
        largest = float(np.abs(left).max())
    return np.array([math.fsum(parts) for parts in np.transpose(sums).tolist()])

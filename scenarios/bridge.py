"""A random walk that must pass through given points: Brownian bridges, drawn forwards.

The usual construction subtracts the end of a free walk from all of it, so that each price knows all later
draws. Here each step pulls towards the next point with what is left of the variance, which gives the same
law from the draws up to that step only: with T the variance of the whole bridge and t that of its steps
so far, the noise has variance t (T - t) / T. Source: Glasserman (2004), Monte Carlo Methods in Financial
Engineering, section 3.1.
"""

from __future__ import annotations

import numpy as np


def bridge_noise(
    normals: np.ndarray,  # (n_rows - 1,) standard normal draws, one a step
    step_variance: np.ndarray,  # (n_rows - 1,) of the log price
    knot_rows: np.ndarray,  # (n_knots,) ascending, the first is row 0
) -> np.ndarray:
    """Noise around the line through the knots: 0 at each of them, and at every row after the last."""
    n_rows = len(normals) + 1
    elapsed = np.concatenate(([0.0], np.cumsum(step_variance)))
    rows = np.arange(n_rows)
    # The bridge that a row belongs to begins before the row and ends at it or after it.
    place = np.searchsorted(knot_rows, rows, side="left")
    begins = knot_rows[np.maximum(place - 1, 0)]
    ends = knot_rows[np.minimum(place, len(knot_rows) - 1)]
    left = np.maximum(elapsed[ends] - elapsed, 0.0)  # (n_rows,) variance to the next knot
    left_before = np.maximum(elapsed[ends[1:]] - elapsed[:-1], 0.0)
    shrink = left[1:] * left_before
    is_open = shrink > 0.0
    pulls = np.zeros(n_rows)
    pulls[1:][is_open] = normals[is_open] * np.sqrt(step_variance[is_open] / shrink[is_open])
    pulled = np.cumsum(pulls)
    return left * (pulled - pulled[begins])


def fold(log_price: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Reflect at both bounds, as often as needed, what lies outside of them."""
    outside = (log_price < low) | (log_price > high)
    bottom, width = low[outside], (high - low)[outside]
    folded = log_price.copy()
    with np.errstate(invalid="ignore"):
        beyond = np.where(width > 0.0, np.mod(log_price[outside] - bottom, 2.0 * width), 0.0)
    folded[outside] = bottom + (width - np.abs(beyond - width))
    return folded

"""What an ensemble says of each number: its median over seeds, how sure that is, and how far it spreads.

The interval of the median comes from order statistics: it assumes nothing of the distribution, whose tails
are the very question, and it shrinks as one over the square root of the number of seeds.
Source: David and Nagaraja (2003), Order Statistics, chapter 7.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario

LEVEL = 0.95
NAMES = "n n_undefined mean median median_low median_high p05 p95".split()
NOT_NUMBERS = ("seed", "prices_sha256", "birth_sha256")


def spread(values: np.ndarray, level: float = LEVEL) -> dict[str, Any]:
    """Mean, median with its interval, and the 5 % and 95 % quantiles; NaN is undefined and left out."""
    known = np.sort(values[np.isfinite(values)])
    n = len(known)
    told: dict[str, Any] = {"n": n, "n_undefined": len(values) - n}
    if not n:
        return told | dict.fromkeys(NAMES[2:])
    low, high = median_interval(known, level)
    p05, median, p95 = np.quantile(known, [0.05, 0.5, 0.95]).tolist()
    mean = math.fsum(known.tolist()) / n
    return told | dict(zip(NAMES[2:], (mean, median, low, high, p05, p95), strict=True))


def median_interval(ordered: np.ndarray, level: float) -> tuple[float | None, float | None]:
    """The order statistics that enclose the median with this probability at least; null if none do."""
    rank = _rank(len(ordered), 0.5 * (1.0 - level))
    if rank < 0:
        return None, None
    return float(ordered[rank]), float(ordered[len(ordered) - 1 - rank])


def _rank(n: int, tail: float) -> int:
    """The largest k with P(at most k of n fall below the median) <= tail; -1 if there is none."""
    log_each = -n * math.log(2.0)
    below = 0.0
    for k in range(n):
        log_ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        below += math.exp(log_ways + log_each)
        if below > tail:
            return k - 1
    return n - 1


def numbers(members: pl.LazyFrame, name: str) -> np.ndarray:
    """A column of the members table as float64; NaN where it is undefined."""
    import polars as pl

    column = members.select(pl.col(name).cast(pl.Float64).fill_null(math.nan))
    return column.collect()[name].to_numpy()


def number_names(columns: list[str]) -> list[str]:
    """The columns of the members table that are numbers of a summary."""
    return [name for name in columns if name not in NOT_NUMBERS]


def summary_of(
    scenario: Scenario, members: pl.LazyFrame, undefined: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """``summary.json`` of an ensemble."""
    names = number_names(members.collect_schema().names())
    return {
        "title": scenario.title,
        "n_seeds": len(numbers(members, "seed")),
        "level": LEVEL,
        "numbers": {name: spread(numbers(members, name)) for name in names},
        "undefined": {name: dict(told) for name, told in undefined.items()},
    }

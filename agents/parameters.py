"""How a strategy declares its parameters: the fields of a frozen dataclass are the keys of a scenario file.

A *per-vault* parameter may be a number or a distribution, and becomes a column; a *shared* one is the
same for the whole cohort. The name of a field carries its unit. Bounds are checked when a scenario is
read, on the support of the distribution.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Distribution:
    """A number for each vault, drawn by quantile so that changing the law keeps every vault's rank.

    ``constant``: ``low`` for all; ``uniform``: between ``low`` and ``high``; ``normal``: mean ``centre``,
    standard deviation ``spread``, cut off at ``low`` and ``high``; ``lognormal``: median ``centre``,
    log standard deviation ``spread``, cut off likewise.
    """

    distribution: str
    low: float
    high: float
    centre: float = 0.0
    spread: float = 0.0


def constant(value: float) -> Distribution:
    """The same number for every vault."""
    return Distribution("constant", value, value, value)


def uniform(low: float, high: float) -> Distribution:
    """Every number between two bounds equally likely."""
    return Distribution("uniform", low, high)


def normal(mean: float, std: float, low: float, high: float) -> Distribution:
    """A normal law, cut off at two bounds (quantiles of the cut-off law, no mass at the bounds)."""
    return Distribution("normal", low, high, mean, std)


def lognormal(median: float, sigma: float, low: float, high: float) -> Distribution:
    """A lognormal law, cut off at two bounds."""
    return Distribution("lognormal", low, high, median, sigma)


def per_vault(default: float | Distribution, low: float, high: float) -> Any:
    """A parameter of each vault: a number or a distribution, within ``[low, high]``."""
    law = default if isinstance(default, Distribution) else constant(default)
    return dataclasses.field(default=law, metadata={"low": low, "high": high, "per_vault": True})


def shared(default: float | bool, low: float = 0.0, high: float = float("inf")) -> Any:
    """A parameter of the whole cohort, within ``[low, high]``."""
    return dataclasses.field(
        default=default, metadata={"low": low, "high": high, "per_vault": False}
    )

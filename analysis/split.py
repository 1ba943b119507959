"""How much of a loss is the shock, how much the agents' own rules, how much the aftershocks.

Three runs on the same draws: F, frozen, in which nobody acts; P, price-taking, in which everybody acts and
every channel is frictionless; A, in which everything is as the scenario says. Then

    shock = loss(F),    own rules = loss(P) - loss(F),    aftershocks = loss(A) - loss(P).

The last two may be negative: deleveraging can save money. Each loss "at worst" is that of its own run's
worst block. The amplification is ``1 + aftershocks / shock``, a ratio of sums over seeds, told only where
the shock exceeds 1 % of what there was to lose: a ratio to almost nothing says nothing.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from scenarios.streams import generator

LEAST_SHOCK = 0.01  # of NAV at the start, for an amplification to mean something
LEVEL = 0.95
RESAMPLES = 9_999


@dataclasses.dataclass(frozen=True)
class Split:
    """The parts of one loss, as means over seeds in USD; intervals are null for a single seed."""

    who: str
    when: str
    n: int
    nav_at_start_usd: float
    shock_usd: float
    own_rules_usd: float
    own_rules_interval_usd: tuple[float, float] | None
    aftershocks_usd: float
    aftershocks_interval_usd: tuple[float, float] | None
    amplification: float | None
    amplification_interval: tuple[float, float] | None
    amplification_undefined: str | None

    @property
    def loss_usd(self) -> float:
        """The whole loss, that of A."""
        return self.shock_usd + self.own_rules_usd + self.aftershocks_usd

    def row(self) -> dict[str, Any]:
        """One row of a table: every part in USD and as a share of NAV at the start."""
        told = dataclasses.asdict(self) | {"loss_usd": self.loss_usd}
        for name in (
            "own_rules_interval_usd",
            "aftershocks_interval_usd",
            "amplification_interval",
        ):
            low, high = told.pop(name) or (None, None)
            stem = name.replace("_interval", "")
            told |= {f"{stem}_low": low, f"{stem}_high": high}
        for name in ("loss", "shock", "own_rules", "aftershocks"):
            part = told[f"{name}_usd"]
            told[f"{name}_fraction"] = (
                part / self.nav_at_start_usd if self.nav_at_start_usd else None
            )
        return told


def split(
    who: str,
    when: str,
    nav_usd: np.ndarray,
    frozen: np.ndarray,
    taking: np.ndarray,
    full: np.ndarray,
) -> Split:
    """Split one loss: NAV at the start and the losses of F, P and A, seed by seed, each (n,) USD."""
    n = len(full)
    start, shock = _mean(nav_usd), _mean(frozen)
    reason = None
    if not shock > LEAST_SHOCK * start:
        reason = f"the shock is {_share(shock, start)} of what there was to lose, not more than 1 %"
    return Split(
        who,
        when,
        n,
        start,
        shock,
        _mean(taking - frozen),
        _interval(_mean_of_differences, taking, frozen),
        _mean(full - taking),
        _interval(_mean_of_differences, full, taking),
        None if reason else float(_amplification(frozen, taking, full)),
        None if reason else _interval(_amplification, frozen, taking, full),
        reason,
    )


def _mean(values: np.ndarray) -> float:
    return math.fsum(values.tolist()) / len(values)


def _share(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.2f} %" if whole else "all"


def _mean_of_differences(one: np.ndarray, other: np.ndarray, axis: int = -1) -> Any:
    return np.mean(one - other, axis=axis)


def _amplification(frozen: np.ndarray, taking: np.ndarray, full: np.ndarray, axis: int = -1) -> Any:
    return 1.0 + np.sum(full - taking, axis=axis) / np.sum(frozen, axis=axis)


def _interval(statistic: Any, *samples: np.ndarray) -> tuple[float, float] | None:
    """Bootstrap interval over seeds, which stay together; percentile, for few seeds leave BCa undefined."""
    from scipy.stats import bootstrap

    if len(samples[0]) < 2:
        return None
    found = bootstrap(
        samples,
        statistic,
        paired=True,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method="percentile",
        random_state=generator(0, "analysis.split"),
    ).confidence_interval
    return float(found.low), float(found.high)

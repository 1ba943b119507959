"""Two ensembles on the same draws: the difference of a number, seed by seed, with its interval.

What both scenarios share (the luck of the draw) cancels within a pair; only what differs remains. Pairs
of different draws would compare luck, so they are refused.
Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 14 (BCa intervals).
"""

from __future__ import annotations

import dataclasses
import html
import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.ensemble_names import resolve
from analysis.ensemble_seeds import seeds_text
from scenarios.streams import generator
from sim.errors import InputError

if TYPE_CHECKING:
    from analysis.ensemble import Ensemble

LEVEL = 0.95
RESAMPLES = 9_999
BATCH_NUMBERS = 4_000_000  # of resampled values held at once


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The mean of ``one - other`` over seeds, and an interval that holds it 95 times in 100."""

    name: str
    n: int  # pairs
    n_undefined: int  # pairs left out, because the number is undefined in one of the two
    mean_of_one: float
    mean_of_other: float
    difference: float
    low: float
    high: float
    level: float = LEVEL

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval says which of the two is larger."""
        return self.low > 0.0 or self.high < 0.0

    def __str__(self) -> str:
        left_out = f", {self.n_undefined} undefined" if self.n_undefined else ""
        return (
            f"{self.name}: {self.difference:+.4g} ({self.level:.0%} interval {self.low:+.4g} to "
            f"{self.high:+.4g}; {self.mean_of_one:.4g} less {self.mean_of_other:.4g}, "
            f"{self.n} pairs{left_out})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"


def compare(one: Ensemble, other: Ensemble, name: str, same_prices: bool) -> Comparison:
    """Pair two ensembles by seed; refuses different draws."""
    refuse_other_draws(one, other, same_prices)
    full = resolve(name, one.names)
    here, there = one.values(full), other.values(resolve(full, other.names))
    known = np.isfinite(here) & np.isfinite(there)
    n = int(known.sum())
    if n < 2:
        problem = f"is defined in {n} of {len(known)} pairs, and an interval takes two at least"
        raise InputError(None, None, full, problem)
    here, there = here[known], there[known]
    low, high = mean_interval(here - there)
    one_mean, other_mean, difference = (
        math.fsum(values.tolist()) / n for values in (here, there, here - there)
    )
    return Comparison(full, n, len(known) - n, one_mean, other_mean, difference, low, high)


def mean_interval(differences: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Bootstrap interval (BCa) of a mean; the same draws of the bootstrap in every call."""
    from scipy.stats import bootstrap

    if np.ptp(differences) == 0.0:  # nothing to resample
        return float(differences[0]), float(differences[0])
    found = bootstrap(
        (differences,),
        np.mean,
        confidence_level=level,
        n_resamples=RESAMPLES,
        batch=max(1, BATCH_NUMBERS // len(differences)),
        method="BCa",
        random_state=generator(0, "analysis.bootstrap"),
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def refuse_other_draws(one: Ensemble, other: Ensemble, same_prices: bool = True) -> None:
    """Refuse to pair ensembles of other seeds, other code or other fundamental prices."""
    if one.seeds != other.seeds:
        problem = f"one has the seeds {seeds_text(one.seeds)}, the other {seeds_text(other.seeds)}"
        raise InputError(None, None, None, f"only the same draws can be paired: {problem}")
    if one.manifest["code_hash"] != other.manifest["code_hash"]:
        problem = "they were made by different versions of the model; run one of them again"
        raise InputError(None, None, None, problem)
    drawn = [many.members.select("seed", "prices_sha256").collect() for many in (one, other)]
    differ = (drawn[0]["prices_sha256"] != drawn[1]["prices_sha256"]).to_numpy()
    if same_prices and differ.any():
        first = int(drawn[0]["seed"][int(np.argmax(differ))])
        problem = (
            f"the fundamental prices differ (in seed {first}, and {int(differ.sum())} of {len(differ)} "
            "pairs): same_prices=False pairs them by seed all the same, if the shock is what you compare"
        )
        raise InputError(None, None, None, problem)

"""One measured number, what was promised of it, and whether that was kept."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Measure:
    """``target`` is the largest value promised, or None where nothing was."""

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the promise was kept; None where there was none."""
        return None if self.target is None else self.value <= self.target

    @property
    def verdict(self) -> str:
        """One honest sentence; empty where nothing was promised."""
        if self.target is None:
            return ""
        told = f"{self.value:.3g} {self.unit}".strip()
        most = f"{self.target:.3g} {self.unit}".strip()
        if self.is_met:
            return f"{self.name}: met, {told} where at most {most} were promised."
        if self.target == 0.0:
            return f"{self.name}: not met, {told} where none were promised."
        return f"{self.name}: not met, {told} are {self.value / self.target:.2f} times the {most} promised."


def best_seconds(prepare: Callable[[], object], work: Callable[[], object], repeats: int) -> float:
    """Least wall time of ``work``: the one least disturbed. ``prepare`` is not counted."""
    seconds = []
    for _ in range(repeats):
        prepare()
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)

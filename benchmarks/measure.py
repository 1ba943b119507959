"""One measured number, what was promised of it, and whether that was kept."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable


def number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


@dataclasses.dataclass(frozen=True)
class Measure:
    """``target`` is the largest value promised, ``least`` the smallest; None where nothing was."""

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""
    least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the promise was kept; None where there was none."""
        if self.least is not None:
            return self.value >= self.least
        return None if self.target is None else self.value <= self.target

    @property
    def promise(self) -> str:
        """What was promised, as text; empty where nothing was."""
        if self.least is not None:
            return f"at least {number(self.least)}"
        return "" if self.target is None else f"at most {number(self.target)}"

    @property
    def verdict(self) -> str:
        """One honest sentence; empty where nothing was promised."""
        told = f"{number(self.value)} {self.unit}".strip()
        if self.least is not None:
            least = f"{number(self.least)} {self.unit}".strip()
            if self.is_met:
                return f"{self.name}: met, {told} where at least {least} were promised."
            return f"{self.name}: not met, {told} are {self.value / self.least:.2f} of the {least} promised."
        if self.target is None:
            return ""
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

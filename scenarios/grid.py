"""The slots of a run: row 0 is birth, row k is slot k, recorded time 0 is the last row of the burn-in.

A block happens at one moment, so a window of time takes the slots whose moment lies within it, its start
included and its end not. A window that no slot falls into would do nothing in silence: it is refused.
"""

from __future__ import annotations

import dataclasses
import math

from scenarios.schema.world import Time
from sim.errors import InputError
from sim.units import SECONDS_PER_YEAR

_ROUNDING = 1e-9  # of a slot: a moment this close after a slot counts as that slot


@dataclasses.dataclass(frozen=True)
class Grid:
    """Where the rows of a run lie in time."""

    slot_seconds: float
    burn_in_row: int  # recorded time 0
    horizon_row: int  # where recorded time ends, but for the time to settle
    n_rows: int  # birth included

    @classmethod
    def of(cls, time: Time) -> Grid:
        """The rows of a scenario's time."""
        horizon_row = time.burn_in_blocks + time.horizon_blocks
        n_rows = horizon_row + time.settle_blocks + 1
        return cls(time.slot_seconds, time.burn_in_blocks, horizon_row, n_rows)

    @property
    def slot_years(self) -> float:
        """The length of a slot in years."""
        return self.slot_seconds / SECONDS_PER_YEAR

    def nearest(self, seconds: float) -> int:
        """The row whose time is nearest to a moment after the recorded start."""
        return self.burn_in_row + math.floor(seconds / self.slot_seconds + 0.5)

    def seconds(self, row: int) -> float:
        """The time of a row, in seconds after the recorded start."""
        return (row - self.burn_in_row) * self.slot_seconds

    def window(self, shock: str, start_seconds: float, duration_seconds: float) -> tuple[int, int]:
        """First row of a shock and the row after its last; a duration of 0 is for good."""
        key = f"shocks.{shock}.start_seconds"
        # Nothing is drawn for row 0: a world without burn-in is shocked in its first block.
        first = max(self._at_or_after(start_seconds), 1)
        self.refuse_late(key, start_seconds, first)
        if duration_seconds == 0.0:
            return first, self.n_rows
        end = self._at_or_after(start_seconds + duration_seconds)
        if end <= first:
            key = f"shocks.{shock}.duration_seconds"
            problem = f"no slot falls into it: slots are {self.slot_seconds:g} s apart"
            raise InputError(None, key, duration_seconds, problem)
        return first, min(end, self.n_rows)

    def refuse_late(self, key: str, value: object, row: int) -> None:
        """Refuse what begins only after the horizon."""
        if row > self.horizon_row:
            ends = self.seconds(self.horizon_row)
            raise InputError(None, key, value, f"begins after the horizon, which is at {ends:g} s")

    def _at_or_after(self, seconds: float) -> int:
        return self.burn_in_row + math.ceil(seconds / self.slot_seconds - _ROUNDING)

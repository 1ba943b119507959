"""What a run says while it goes on: remarks and a bar on the standard error of a terminal, or nothing."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from sim.compile import JIT_IS_OFF, is_compiled

if TYPE_CHECKING:
    from scenarios.schema import Scenario


class Progress:
    """Remarks, a bar with blocks a second and time left, and how long everything took."""

    def __init__(self, shown: bool) -> None:
        self.shown = shown
        self.seconds: dict[str, float] = {}
        self._bar: Any = None
        self._since = time.perf_counter()

    def say(self, line: str) -> None:
        """One line for whoever waits."""
        if self.shown:
            print(line, file=sys.stderr, flush=True)

    def say_if_compiling(self) -> None:
        """Why the first blocks take so long, if they will."""
        if not JIT_IS_OFF and not is_compiled():
            self.say("Compiling the model: once for each version of the code, some ten seconds ...")

    def begin(self, scenario: Scenario, n_slots: int, slot: int) -> None:
        """Show the bar, on a terminal only."""
        if self.shown and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=n_slots,
                initial=slot,
                desc=scenario.name or "run",
                unit=" blocks",
                file=sys.stderr,
                dynamic_ncols=True,
                leave=False,
            )

    def advance(self, blocks: int) -> None:
        """That many blocks more."""
        if self._bar is not None:
            self._bar.update(blocks)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def lap(self, name: str) -> None:
        """Book the time since the last call under a name."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now

"""What a run says while it goes on: remarks and a bar on the standard error of a terminal, or nothing."""

from __future__ import annotations

import sys
import threading
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
        self._lock = threading.Lock()  # members of an ensemble report from several threads
        self._members: tuple[str, int, int] | None = None  # name, done, of how many
        self._since = time.perf_counter()

    def say(self, line: str) -> None:
        """One line for whoever waits."""
        if self.shown:
            print(line, file=sys.stderr, flush=True)

    def say_if_compiling(self) -> None:
        """Why the first blocks take so long, if they will."""
        from scenarios import step

        if self.shown and not JIT_IS_OFF and not is_compiled(step.run):
            self.say(
                "Compiling the model, each part when it is first reached, once for each version ..."
            )

    def begin(self, scenario: Scenario, n_slots: int, slot: int) -> None:
        """Show the bar, on a terminal only."""
        self._show(scenario.name or "run", n_slots, slot)

    def begin_many(self, scenario: Scenario, n_members: int, n_slots: int, done: int) -> None:
        """Show the bar of an ensemble, whose members have this many slots each."""
        name = scenario.name or "ensemble"
        self._members = (name, done, n_members)
        self._show(f"{name} {done}/{n_members}", n_members * n_slots, done * n_slots)

    def _show(self, name: str, total: int, initial: int) -> None:
        if self.shown and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=total,
                initial=initial,
                desc=name,
                unit=" blocks",
                file=sys.stderr,
                dynamic_ncols=True,
                leave=False,
            )

    def advance(self, blocks: int) -> None:
        """That many blocks more."""
        with self._lock:
            if self._bar is not None:
                self._bar.update(blocks)

    def member(self, blocks: int) -> None:
        """One member more, and those of its blocks that nobody has told of."""
        with self._lock:
            if self._bar is not None and self._members is not None:
                name, done, n_members = self._members
                self._members = (name, done + 1, n_members)
                self._bar.set_description(f"{name} {done + 1}/{n_members}", refresh=False)
                self._bar.update(blocks)

    def end(self) -> None:
        """Take the bar away."""
        with self._lock:
            if self._bar is not None:
                self._bar.close()
                self._bar = None

    def lap(self, name: str) -> None:
        """Book the time since the last call under a name."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now

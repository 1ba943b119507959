"""Who runs the members of an ensemble: threads, processes, or an executor of the user's own.

Compiled blocks release the GIL, so threads share one engine and no start-up. Members come back in order
of seeds whatever order they end in, and only a few wait at any time.
"""

from __future__ import annotations

import collections
import concurrent.futures as futures
import contextlib
import multiprocessing
import multiprocessing.context
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from analysis.ensemble_member import Member, run_member
from analysis.ensemble_rules import Executor, run_elsewhere, told_rules
from scenarios.python_cohorts import rules_of
from sim.errors import AftershockError, InputError

if TYPE_CHECKING:
    from analysis.drive import Stop
    from scenarios.schema import Scenario

WAITING = 2  # members a worker may be ahead of the slowest
LOOK_SECONDS = 0.2  # from one look at whether the user wants an end to the next
SWITCH_SECONDS = 0.0001


class MemberFailed(AftershockError):
    """A member could not be run: names its seed, and keeps the exit code of what went wrong."""

    def __init__(self, seed: int, cause: AftershockError) -> None:
        self.seed, self.exit_code = seed, cause.exit_code
        super().__init__(f"seed {seed}: {cause}")


class Stopped(Exception):
    """Tells a thread to leave its member as it is."""


def n_workers(workers: int | None) -> int:
    """How many members run at once: as asked for, or one for each core that this process may use."""
    if workers is None:
        has_mask = hasattr(os, "sched_getaffinity")
        return len(os.sched_getaffinity(0)) if has_mask else os.cpu_count() or 1
    if type(workers) is not int or not 1 <= workers <= 1024:
        raise InputError(None, "workers", workers, "expected a whole number between 1 and 1024")
    return workers


class Crew:
    """Workers while an ensemble runs."""

    def __init__(self, scenario: Scenario, workers: int, executor: Executor) -> None:
        self.scenario, self.workers = scenario, workers
        self._stop = threading.Event()
        self._own: futures.Executor | None = None
        if executor == "threads":
            self._own = futures.ThreadPoolExecutor(workers, "aftershock")
        elif executor == "processes":
            # Only a user's rule needs the user's script; without one it is not run a second time.
            context = Apart() if not rules_of(scenario) else multiprocessing.get_context("spawn")
            self._own = futures.ProcessPoolExecutor(workers, context, _settle_in)
        self._pool = executor if isinstance(executor, futures.Executor) else self._own
        self.shares_memory = isinstance(self._pool, futures.ThreadPoolExecutor)

    def members(
        self, seeds: Sequence[int], every: int, advance: Callable[[int], object], stop: Stop
    ) -> Generator[Member, None, None]:
        """Run these seeds; yields members in this order, until the user asks for an end."""
        pool = self._pool
        assert pool is not None
        waiting: collections.deque[tuple[int, futures.Future[Member]]] = collections.deque()
        left = iter(seeds)

        def tell(blocks: int) -> None:
            if self._stop.is_set():
                raise Stopped
            advance(blocks)

        def submit() -> None:
            for seed in left:
                if self.shares_memory:
                    future = pool.submit(run_member, self.scenario, seed, every, tell)
                else:
                    rules = told_rules(self.scenario)
                    future = pool.submit(run_elsewhere, rules, self.scenario, seed, every)
                waiting.append((seed, future))
                return

        try:
            for _ in range(WAITING * self.workers):
                submit()
            while waiting:
                seed, future = waiting.popleft()
                while not future.done():
                    futures.wait([future], LOOK_SECONDS)
                    if stop.requested:
                        return
                member = _result(seed, future)
                submit()
                yield member
        finally:
            self._stop.set()
            for _, future in waiting:
                future.cancel()

    @contextlib.contextmanager
    def working(self) -> Iterator[Crew]:
        """Give our workers up at the end; what they had begun they leave at the next stretch."""
        # A thread that comes back from a compiled stretch waits this long for the GIL, five
        # milliseconds unless told otherwise: as long as the stretch itself took.
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            yield self
        finally:
            sys.setswitchinterval(before)
            if self._own is not None:
                self._own.shutdown(wait=True, cancel_futures=True)


def _result(seed: int, future: futures.Future[Member]) -> Member:
    try:
        return future.result()
    except futures.BrokenExecutor as error:
        problem = (
            "a worker process ended; does the script call this under `if __name__ == '__main__':`?"
        )
        raise AftershockError(f"seed {seed}: {problem}") from error
    except AftershockError as error:
        raise MemberFailed(seed, error) from error
    except Exception as error:  # of a user's rule: its own traceback says more than we could
        error.add_note(f"in seed {seed}")
        raise


def _settle_in() -> None:
    """A worker leaves Ctrl-C to the parent, and is one thread: there is a worker for each core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["POLARS_MAX_THREADS"] = "1"


class _Process(multiprocessing.context.SpawnProcess):
    """A process that does not import the script which started it."""

    def start(self) -> None:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = script


class Apart(multiprocessing.context.SpawnContext):
    """Fresh processes that know our modules and nothing else, so that a script needs no guard."""

    Process = _Process

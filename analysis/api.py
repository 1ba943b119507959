"""What ``import aftershock as af`` offers for running: ``af.run``, ``af.ensemble`` and ``af.open``."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from analysis.compare import Compared
from analysis.ensemble import Ensemble, open_ensemble
from analysis.ensemble_seeds import Seeds, seeds_of
from analysis.run import Run, open_run
from analysis.unfinished import is_ensemble_folder

if TYPE_CHECKING:
    from analysis.ensemble_rules import Executor
    from scenarios.schema import Scenario


def run(
    scenario: Scenario | str | os.PathLike[str],
    seed: int = 7,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
    force: bool = False,
) -> Run:
    """Run a scenario (or the name of a preset, or a file) under a seed.

    In memory, or into the folder ``out``; an interrupted run into a folder is resumed by the same call.
    """
    from analysis.execute import in_memory, into_folder
    from analysis.progress import Progress
    from scenarios.load import load

    what = load(scenario) if isinstance(scenario, (str, os.PathLike)) else scenario
    if out is None:
        return in_memory(what, seed, Progress(progress))
    return into_folder(what, seed, out, Progress(progress), force)


def ensemble(
    scenario: Scenario | str | os.PathLike[str],
    seeds: Seeds = 200,
    out: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    executor: Executor = None,
    progress: bool = True,
    force: bool = False,
    paths_every_blocks: int | None = None,
) -> Ensemble:
    """Run a scenario under many seeds: so many from 0 on, a range, a list, or a text as in ``0:200``.

    In memory, or into the folder ``out``; an interrupted ensemble into a folder is resumed by the same
    call. ``workers`` members run at once (default: one a core), in threads, or in processes where there are
    many or a cohort's rule is Python; ``executor`` may say which, or be one of ``concurrent.futures``.
    """
    from analysis.ensemble_execute import in_memory, into_folder
    from analysis.ensemble_plan import Plan
    from analysis.progress import Progress
    from scenarios.load import load

    what = load(scenario) if isinstance(scenario, (str, os.PathLike)) else scenario
    shown = Progress(progress)
    plan = Plan(what, seeds_of(seeds), paths_every_blocks, workers, executor, shown)
    return in_memory(plan) if out is None else into_folder(plan, out, force)


def compare(
    scenario: Scenario | str | os.PathLike[str],
    seeds: Seeds = 30,
    channels: str | Iterable[str] = "all",
    out: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    progress: bool = True,
    force: bool = False,
) -> Compared:
    """Split the losses of a scenario into shock, own rules and aftershocks, on the same draws.

    Runs it as it is, price-taking and frozen, and without each of ``channels`` (``all``, ``none``, or names).
    """
    from analysis.compare_execute import Order, channels_of, in_memory, into_folder
    from analysis.progress import Progress
    from scenarios.load import load

    what = load(scenario) if isinstance(scenario, (str, os.PathLike)) else scenario
    order = Order(what, seeds_of(seeds), channels_of(channels), workers, Progress(progress))
    return in_memory(order) if out is None else into_folder(order, out, force)


def open_folder(path: str | os.PathLike[str]) -> Run | Ensemble | Compared:
    """A run folder as a :class:`Run`, that of an ensemble or a comparison as one."""
    from analysis.compare_execute import is_comparison, open_compared

    if is_comparison(pathlib.Path(os.path.abspath(path))):
        return open_compared(path)
    is_many = is_ensemble_folder(pathlib.Path(os.path.abspath(path)))
    return open_ensemble(path) if is_many else open_run(path)


__all__ = [
    "Compared",
    "Ensemble",
    "Run",
    "compare",
    "ensemble",
    "open_ensemble",
    "open_folder",
    "open_run",
    "run",
]

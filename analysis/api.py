"""What ``import aftershock as af`` offers for running: ``af.run`` and ``af.open``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from analysis.run import Run, open_run

if TYPE_CHECKING:
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


__all__ = ["Run", "open_run", "run"]

"""Figures that stand alone in a paper: one file each, whose docstring is the caption.

A new figure of a run is a new file here with a function ``draw(run) -> Drawn``; one of an ensemble stands in
``figures_many``, one of a comparison in ``figures_compared``. Every result says where its figures are.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any, TypeAlias

from scenarios.names import listed, nearest
from sim.errors import InputError

if TYPE_CHECKING:
    from analysis.compare import Compared
    from analysis.ensemble import Ensemble
    from analysis.figure_style import Drawn
    from analysis.run import Run

    Result: TypeAlias = Run | Ensemble | Compared

OF_A_RUN = "analysis.figures"


def package(of: Any = None) -> str:
    """Where the figures of a result are; those of a run, if none is given."""
    return str(getattr(of, "FIGURES", OF_A_RUN))


def names(of: Any = None) -> list[str]:
    """The figures that there are of a result."""
    home = importlib.import_module(package(of))
    return sorted(module.name for module in pkgutil.iter_modules(home.__path__))


def draw(name: str, of: Result) -> Drawn:
    """A figure by name; raises NoData where there is nothing to draw."""
    known = names(of)
    if name not in known:
        problem = f"there is no such figure (there are: {listed(known)})"
        raise InputError(None, None, name, problem, nearest(name, known))
    from analysis.figure_style import style

    with style():
        drawn: Drawn = importlib.import_module(f"{package(of)}.{name}").draw(of)
    return drawn


def caption(name: str, of: Any = None) -> str:
    """What stands below a figure."""
    return inspect.getdoc(importlib.import_module(f"{package(of)}.{name}")) or ""

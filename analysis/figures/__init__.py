"""Figures that stand alone in a paper: one file each, whose docstring is the caption.

A new figure is a new file here with a function ``draw(run) -> Drawn``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

from scenarios.names import listed, nearest
from sim.errors import InputError

if TYPE_CHECKING:
    from analysis.figure_style import Drawn
    from analysis.run import Run


def names() -> list[str]:
    """The figures that there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def draw(name: str, run: Run) -> Drawn:
    """A figure by name; raises NoData where there is nothing to draw."""
    if name not in names():
        problem = f"there is no such figure (there are: {listed(names())})"
        raise InputError(None, None, name, problem, nearest(name, names()))
    from analysis.figure_style import style

    with style():
        drawn: Drawn = importlib.import_module(f"analysis.figures.{name}").draw(run)
    return drawn


def caption(name: str) -> str:
    """What stands below a figure."""
    return inspect.getdoc(importlib.import_module(f"analysis.figures.{name}")) or ""

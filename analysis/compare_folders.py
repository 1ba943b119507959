"""Two results side by side: two ensembles paired by seed, or two runs of one seed, of the same draws.

Results of other draws are refused: their difference would be luck.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

from analysis.api import open_folder
from analysis.compare import FULL, Compared
from analysis.ensemble import Ensemble
from analysis.ensemble_compare import compare, refuse_other_draws
from analysis.ensemble_headline import FIRST
from analysis.ensemble_numbers import flat
from analysis.run import Run
from sim.errors import InputError

if TYPE_CHECKING:
    import polars as pl


@dataclasses.dataclass(frozen=True)
class SideBySide:
    """A document for machines and lines for readers."""

    document: dict[str, Any]
    lines: list[str]


def side_by_side(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> SideBySide:
    """Open both folders and take the second from the first."""
    here, there = open_folder(one), open_folder(other)
    if isinstance(here, Ensemble) and isinstance(there, Ensemble):
        return _ensembles(here, there)
    if isinstance(here, Run) and isinstance(there, Run):
        return _runs(here, there)
    if isinstance(here, Compared) or isinstance(there, Compared):
        problem = (
            "is a comparison already, or is set beside one: name an ensemble inside of each, as in "
            f"{os.path.join(one, FULL)} {os.path.join(other, FULL)}"
        )
        raise InputError(None, "compare", str(other), problem)
    kinds = " and ".join(type(what).__name__ for what in (here, there))
    raise InputError(
        None, "compare", str(other), f"expected two runs or two ensembles, got {kinds}"
    )


def _ensembles(here: Ensemble, there: Ensemble) -> SideBySide:
    refuse_other_draws(here, there)
    told, lines = {}, [f"{here!r}", f"less {there!r}"]
    for name in FIRST:
        try:
            found = compare(here, there, name, same_prices=True)
        except InputError as undefined:  # in all pairs but one
            told[name] = {"undefined": str(undefined)}
            continue
        told[name] = vars(found)
        lines.append(str(found))
    return SideBySide({"kind": "ensembles", "differences": told}, lines)


def _runs(here: Run, there: Run) -> SideBySide:
    _refuse_other_paths(here, there)
    numbers = [flat(run.summary) for run in (here, there)]
    told, lines = {}, [f"{here!r}", f"beside {there!r}"]
    for name in FIRST:
        one, two = (found.get(name) for found in numbers)
        told[name] = {"one": one, "other": two}
        lines.append(f"{FIRST[name]}: {_text(one)} and {_text(two)}")
    return SideBySide({"kind": "runs", "numbers": told}, lines)


def _text(number: Any) -> str:
    return "undefined" if number is None else f"{number:.6g}"


def _refuse_other_paths(here: Run, there: Run) -> None:
    if here.seed != there.seed:
        problem = (
            f"only the same draws can be paired: one has seed {here.seed}, the other {there.seed}"
        )
        raise InputError(None, None, None, problem)
    if here.manifest["code_hash"] != there.manifest["code_hash"]:
        problem = "they were made by different versions of the model; run one of them again"
        raise InputError(None, None, None, problem)
    if not _fundamental(here).equals(_fundamental(there)):
        raise InputError(
            None, "compare", None, "their fundamental prices differ: not the same draws"
        )


def _fundamental(run: Run) -> pl.DataFrame:
    import polars.selectors as cs

    return run.blocks.select("block", cs.starts_with("fundamental_price_usd.")).collect()

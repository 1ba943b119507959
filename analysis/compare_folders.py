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
from analysis.ensemble_headline import FIRST, in_columns, said
from analysis.ensemble_numbers import flat
from analysis.run import Run
from sim.errors import InputError

if TYPE_CHECKING:
    import polars as pl

OF_A_RUN = {"settled": "Came to rest"}  # what a single run calls it


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
    told, rows = {}, [("mean of the seeds", "one", "other", "one less other", "95 % interval")]
    for name, label in FIRST.items():
        try:
            found = compare(here, there, name, same_prices=True)
        except InputError as undefined:  # in all pairs but one
            told[name] = {"undefined": str(undefined)}
            rows.append((label, "undefined", "", "", ""))
            continue
        told[name] = vars(found)
        means = (found.mean_of_one, found.mean_of_other, found.difference)
        one, other, less, low, high = (said(name, x) for x in (*means, found.low, found.high))
        rows.append((label, one, other, less, f"{low} to {high}"))
    lines = [*_names(here, there), *in_columns(rows)]
    return SideBySide({"kind": "ensembles", "differences": told}, lines)


def _runs(here: Run, there: Run) -> SideBySide:
    _refuse_other_paths(here, there)
    numbers = [flat(run.summary) for run in (here, there)]
    told, rows = {}, [("", "one", "other")]
    for name, label in FIRST.items():
        one, other = (found.get(name) for found in numbers)
        told[name] = {"one": one, "other": other}
        rows.append((OF_A_RUN.get(name, label), _text(name, one), _text(name, other)))
    lines = [*_names(here, there), *in_columns(rows)]
    return SideBySide({"kind": "runs", "numbers": told}, lines)


def _names(here: Run | Ensemble, there: Run | Ensemble) -> list[str]:
    """Which is one and which the other."""
    return [f"{which:<7}{what!r}" for which, what in (("one", here), ("other", there))]


def _text(name: str, number: Any) -> str:
    if isinstance(number, bool):
        return "yes" if number else "no"
    return "undefined" if number is None else said(name, number)


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
        raise InputError(None, None, None, "their fundamental prices differ: not the same draws")


def _fundamental(run: Run) -> pl.DataFrame:
    import polars.selectors as cs

    return run.blocks.select("block", cs.starts_with("fundamental_price_usd.")).collect()

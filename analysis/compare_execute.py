"""Run a scenario frozen, price-taking and full, and without each channel, on the same seeds.

In memory, or into a folder with one ensemble a run; whatever was finished there before is taken as it is.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from analysis import ensemble_execute
from analysis.compare import FROZEN, FULL, PRICE_TAKING, Compared, without
from analysis.ensemble import Ensemble, open_ensemble
from analysis.ensemble_manifest import ensemble_id
from analysis.ensemble_plan import Plan
from analysis.execute import output_folder
from analysis.files import read_json, write_json
from analysis.progress import Progress
from analysis.unfinished import MANIFEST, is_ensemble_folder
from scenarios.names import nearest
from scenarios.schema.world import CHANNELS
from sim.errors import DamagedRun, InputError, OutputExists

if TYPE_CHECKING:
    from scenarios.schema import Scenario

SUMMARY, SCHEMA = "comparison.json", "aftershock comparison 1"
TABLE, FIGURES, REPORT = "splits.csv", "figures", "report.html"


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be compared: a scenario, seeds, channels to switch off alone, and on how many workers."""

    scenario: Scenario
    seeds: tuple[int, ...]
    channels: tuple[str, ...]
    workers: int | None
    progress: Progress

    def variants(self) -> dict[str, Scenario]:
        """Every run by name, the full one first."""
        named = {
            FULL: self.scenario,
            PRICE_TAKING: self.scenario.price_taking(),
            FROZEN: self.scenario.frozen(),
        }
        return named | {without(name): self.scenario.without(name) for name in self.channels}

    def plan(self, scenario: Scenario) -> Plan:
        """One of them as an ensemble."""
        return Plan(scenario, self.seeds, None, self.workers, None, self.progress)


def channels_of(text: str | Iterable[str]) -> tuple[str, ...]:
    """``all``, ``none``, or names separated by commas."""
    words = [word.strip() for word in text.split(",")] if isinstance(text, str) else list(text)
    if words in (["all"], ["none"]):
        return CHANNELS if words == ["all"] else ()
    for word in words:
        if word not in CHANNELS:
            problem = f"no such channel (there are: {', '.join(CHANNELS)}, or: all, none)"
            raise InputError(None, "channels", word, problem, nearest(word, CHANNELS))
    return tuple(name for name in CHANNELS if name in words)


def in_memory(order: Order) -> Compared:
    """Run all of them without writing anything."""
    return Compared(_run(order, lambda name, plan: ensemble_execute.in_memory(plan)))


def into_folder(order: Order, out: str | os.PathLike[str], force: bool = False) -> Compared:
    """Run all of them into a folder; what it holds of the same comparison already is not run again."""
    folder = output_folder(out)
    _refuse(folder, force)

    def make(name: str, plan: Plan) -> Ensemble:
        place = folder / name
        if place.exists() and _is_of(place, plan):
            return open_ensemble(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        return ensemble_execute.into_folder(plan, place, force=True)

    compared = Compared(_run(order, make), folder)
    write_json(folder / SUMMARY, {"schema": SCHEMA, **compared.summary})
    compared.table().write_csv(folder / TABLE)
    return compared


def open_compared(path: str | os.PathLike[str]) -> Compared:
    """A folder of a comparison as a :class:`Compared`; every file is verified before it is read."""
    folder = pathlib.Path(os.path.abspath(path))
    try:
        names = [str(name) for name in read_json(folder / SUMMARY)["runs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedRun(f"{folder / SUMMARY}: cannot be read ({error}).") from None
    return Compared({name: open_ensemble(folder / name) for name in names}, folder)


def is_comparison(folder: pathlib.Path) -> bool:
    """Whether a folder holds a finished comparison."""
    try:
        return read_json(folder / SUMMARY).get("schema") == SCHEMA
    except (OSError, ValueError, AttributeError):
        return False


def _run(order: Order, make: Callable[[str, Plan], Ensemble]) -> dict[str, Ensemble]:
    runs = {}
    variants = order.variants()
    for k, (name, scenario) in enumerate(variants.items(), 1):
        order.progress.say(f"{k} of {len(variants)}: {name.replace('_', ' ')}")
        runs[name] = make(name, order.plan(scenario))
    return runs


def _is_of(place: pathlib.Path, plan: Plan) -> bool:
    if not is_ensemble_folder(place):
        return False
    told = read_json(place / MANIFEST)["ensemble_id"]
    return bool(told == ensemble_id(plan.scenario, plan.seeds, plan.every))


def _refuse(folder: pathlib.Path, force: bool) -> None:
    if not os.path.lexists(folder):
        return
    if is_comparison(folder) and not force:
        raise OutputExists(
            f"{folder}: exists already; choose another --out, or --force to replace it."
        )
    parts = list(folder.iterdir()) if folder.is_dir() else [folder]
    ours = [is_ensemble_folder(p) or p.name in (SUMMARY, TABLE, FIGURES, REPORT) for p in parts]
    unfinished = [p.name.endswith(".partial") for p in parts]
    if folder.is_symlink() or not all(a or b for a, b in zip(ours, unfinished, strict=True)):
        raise OutputExists(
            f"{folder}: holds what is no comparison of Aftershock, and is left as it is."
        )

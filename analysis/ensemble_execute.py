"""Run an ensemble: in memory, or into a folder that appears under its name only when it is whole.

A killed ensemble goes on after the last batch of members that was safe. Neither that nor the number of
workers changes a byte.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analysis import ensemble_manifest, identity, manifest
from analysis.drive import Stop, listening
from analysis.ensemble import Ensemble, open_ensemble
from analysis.ensemble_numbers import reasons, schema_of, wide
from analysis.ensemble_paths import n_blocks
from analysis.ensemble_plan import Plan
from analysis.ensemble_rows import MEMBERS, PATHS, Rows, RowsOnDisk
from analysis.ensemble_summary import summary_of
from analysis.ensemble_workers import Crew
from analysis.execute import copy_inputs, output_folder
from analysis.files import sha256_of, write_json, write_text
from analysis.unfinished import MANIFEST, Unfinished, refuse_existing, unfinished
from sim.errors import DamagedRun, Interrupted

if TYPE_CHECKING:
    pass


def in_memory(plan: Plan) -> Ensemble:
    """Run without writing anything."""
    rows = Rows(plan.scenario)
    _drive(plan, rows, lambda: None)
    members = list(rows.members())
    frames = {MEMBERS: wide(members, schema_of(members)).lazy(), PATHS: rows.kept.lazy()[PATHS]}
    document = ensemble_manifest.manifest_of(plan.scenario, plan.seeds, plan.every)
    summary = summary_of(plan.scenario, frames[MEMBERS], reasons(members))
    return Ensemble(document, summary, tables=frames, scenario=plan.scenario)


def into_folder(plan: Plan, out: str | os.PathLike[str], force: bool = False) -> Ensemble:
    """Run into a folder, or finish what an interrupted attempt at the same ensemble has begun."""
    folder, progress = output_folder(out), plan.progress
    refuse_existing(folder, force)
    plan.refuse_too_large(folder)
    name = ensemble_manifest.ensemble_id(plan.scenario, plan.seeds, plan.every)
    begun = datetime.datetime.now(datetime.UTC)
    with unfinished(folder, name, identity.writer(), force) as place:
        progress.say(plan.size_line)
        rows = _begin(plan, place)
        resumed_at = rows.n
        progress.lap("begin")

        def save() -> None:
            place.remember(slot=rows.n, parts=rows.written)

        try:
            _drive(plan, rows, save)
        except Interrupted as error:
            raise Interrupted(f"{error} The same command goes on from there.") from None
        progress.lap("run")
        _write_all(plan, rows, place)
        progress.lap("write")
        write_json(place.folder / "timing.json", _timing(plan, resumed_at, begun))
        place.finish()
    return open_ensemble(folder)


def _drive(plan: Plan, rows: Rows, save: Callable[[], None]) -> None:
    """Run what is left; whatever happens, the members before it are safe."""
    progress, stop = plan.progress, Stop()
    stop.is_worth_saving = True
    left = plan.seeds[rows.n :]
    n_slots = n_blocks(plan.scenario) + plan.scenario.time.burn_in_blocks
    crew = Crew(plan.scenario, min(plan.workers, max(len(left), 1)), plan.executor)
    if left:
        progress.say_if_compiling()
        plan.warm_up()
    members = crew.members(left, plan.every, progress.advance, stop)
    with listening(stop), crew.working(), contextlib.closing(members):
        progress.begin_many(plan.scenario, len(plan.seeds), n_slots, rows.n)
        try:
            for member in members:
                progress.member(0 if crew.shares_memory else n_slots)
                if rows.add(member):
                    rows.flush()
                    save()
        finally:
            progress.end()
            rows.flush()
            save()
    if rows.n < len(plan.seeds):
        raise Interrupted(f"stopped after {rows.n} of {len(plan.seeds)} members.")


def _begin(plan: Plan, place: Unfinished) -> RowsOnDisk:
    """The members of an earlier attempt, or none."""
    folder = place.work / "parts"
    if place.state is not None:
        try:
            rows = RowsOnDisk(plan.scenario, folder, place.state["parts"])
            if rows.n:
                plan.progress.say(f"Resuming {place.folder.name} after {rows.n} members.")
            return rows
        except (DamagedRun, OSError, ValueError, KeyError) as error:
            plan.progress.say(f"Starting anew: what was done cannot be used ({error})")
            place.forget()
    return RowsOnDisk(plan.scenario, folder, {})


def _write_all(plan: Plan, rows: RowsOnDisk, place: Unfinished) -> None:
    """Tables, inputs, scenario, summary, and last the manifest that vouches for them."""
    import polars as pl

    folder, scenario = place.folder, plan.scenario
    tables = rows.merge(folder)
    members = pl.scan_parquet(folder / tables[MEMBERS]["file"])
    files = copy_inputs(scenario, folder)
    write_text(folder / "scenario.toml", scenario.to_toml("inputs"))
    write_json(folder / "summary.json", summary_of(scenario, members, reasons(rows.members())))
    for name in ("scenario.toml", "summary.json"):
        files[name] = sha256_of(folder / name)
    document = ensemble_manifest.manifest_of(scenario, plan.seeds, plan.every)
    document |= {"tables": tables, "files": files}
    write_json(folder / MANIFEST, manifest.sealed(document))


def _timing(plan: Plan, resumed_at: int, begun: datetime.datetime) -> dict[str, Any]:
    """Wall times and facts of the host."""
    seconds = plan.progress.seconds
    done = (len(plan.seeds) - resumed_at) * n_blocks(plan.scenario)
    return {
        "begun": begun.isoformat(timespec="seconds"),
        "workers": plan.workers,
        "resumed_at_member": resumed_at or None,
        "seconds": {name: round(lap, 4) for name, lap in seconds.items()},
        "blocks_per_second": round(done / seconds["run"], 1) if seconds.get("run") else None,
        "host": manifest.host(),
    }

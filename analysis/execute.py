"""Run a scenario: in memory, or into a run folder that appears under its name only when it is whole."""

from __future__ import annotations

import datetime
import os
import pathlib
import shutil
from typing import TYPE_CHECKING, Any

from analysis import identity, manifest
from analysis.calibration import calibrate
from analysis.drive import Stop, drive, listening, start
from analysis.files import sha256_of, write_json, write_text, writing
from analysis.parts import Kept, Parts
from analysis.progress import Progress
from analysis.size import estimate_line
from analysis.summary import summarise
from analysis.unfinished import MANIFEST, Unfinished, refuse_existing, unfinished
from analysis.worst import Worst
from sim.errors import DamagedRun, InputError, Interrupted

if TYPE_CHECKING:
    from analysis.run import Run
    from scenarios.schema import Scenario
    from scenarios.simulation import Simulation

CHECKPOINT_EVERY_BLOCKS = 2_000
LARGEST_SEED = 2**63 - 1


def engine() -> type[Simulation]:
    """The engine, imported when a run begins."""
    from scenarios.simulation import Simulation

    return Simulation


def refuse_seed(seed: object) -> None:
    """A seed is a whole number that fits the clock."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise InputError(
            None, "seed", seed, f"expected a whole number between 0 and {LARGEST_SEED}"
        )


def output_folder(out: str | os.PathLike[str]) -> pathlib.Path:
    """The place of an output folder, if that is one."""
    text = os.fspath(out)
    if not text or "\0" in text:
        raise InputError(None, "out", text, "expected the name of a folder to be made")
    return pathlib.Path(os.path.abspath(text))


def in_memory(scenario: Scenario, seed: int, progress: Progress) -> Run:
    """Run without writing anything."""
    from analysis.run import Run

    refuse_seed(seed)
    calibrate(scenario, progress)
    progress.say_if_compiling()
    kept, stop = Kept(), Stop()
    sim = engine()(scenario, seed)
    worst = Worst(sim)
    start(sim, kept)
    with listening(stop):
        progress.begin(scenario, sim.n_slots, sim.slot)
        try:
            drive(sim, kept, stop, CHECKPOINT_EVERY_BLOCKS, None, progress.advance, worst)
        finally:
            progress.end()
    sim.audit()
    tables = kept.lazy()
    summary = summarise(sim, tables)
    return Run(manifest.manifest_of(scenario, seed), summary, tables=tables, scenario=scenario)


def into_folder(
    scenario: Scenario,
    seed: int,
    out: str | os.PathLike[str],
    progress: Progress,
    force: bool = False,
    checkpoint_every_blocks: int = CHECKPOINT_EVERY_BLOCKS,
) -> Run:
    """Run into a folder, or finish what an interrupted attempt at the same run has begun."""
    from analysis.run import open_run

    refuse_seed(seed)
    folder = output_folder(out)
    refuse_existing(folder, force)
    calibrate(scenario, progress)
    fresh = engine()(scenario, seed)  # whatever it refuses, it refuses before anything is written
    run_id = identity.run_id(scenario, seed)
    begun = datetime.datetime.now(datetime.UTC)
    with unfinished(folder, run_id, identity.writer(), force) as place:
        progress.say(estimate_line(scenario))
        progress.say_if_compiling()
        sim, parts, worst = _begin(place, fresh, progress)
        first_block = sim.block
        progress.lap("build")
        _drive(sim, parts, worst, place, progress, checkpoint_every_blocks)
        progress.lap("run")
        _write_all(sim, parts, place)
        progress.lap("write")
        timing = _timing(sim, first_block, begun, progress)
        write_json(place.folder / "timing.json", timing)
        place.finish()
    return open_run(folder)


def _begin(
    place: Unfinished, fresh: Simulation, progress: Progress
) -> tuple[Simulation, Parts, Worst]:
    """The state of the last checkpoint, or a new one."""
    if place.state is not None:
        try:
            parts = Parts(place.work / "parts", place.state["parts"])
            path = place.work / place.state["checkpoint"]
            sim = engine().load(path, fresh.scenario, fresh.seed)
            worst = Worst.load(sim, place.work, place.state["worst"])
            progress.say(f"Resuming {place.folder.name} at block {sim.block}.")
            return sim, parts, worst
        except (DamagedRun, OSError, ValueError, KeyError) as error:
            progress.say(f"Starting anew: the checkpoint cannot be used ({error})")
            place.forget()
    parts = Parts(place.work / "parts", [])
    start(fresh, parts)
    return fresh, parts, Worst(fresh)


def _drive(
    sim: Simulation, parts: Parts, worst: Worst, place: Unfinished, progress: Progress, every: int
) -> None:
    def save() -> None:
        parts.flush()
        name = f"checkpoint.{sim.slot}"
        with writing(place.work / name):
            sim.save(place.work / name)
            told = worst.save(sim, place.work)
        place.remember(slot=sim.slot, checkpoint=name, parts=parts.written, worst=told)
        needed = {name, told["file"]} if told else {name}
        for path in (*place.work.glob("checkpoint.*"), *place.work.glob("worst.*")):
            if path.name not in needed:
                path.unlink(missing_ok=True)

    stop = Stop()
    with listening(stop):
        progress.begin(sim.scenario, sim.n_slots, sim.slot)
        try:
            drive(sim, parts, stop, every, save, progress.advance, worst)
        except Interrupted as error:
            raise Interrupted(f"{error} The same command goes on from there.") from None
        finally:
            progress.end()
    sim.audit()


def _write_all(sim: Simulation, parts: Parts, place: Unfinished) -> None:
    """Tables, inputs, scenario, summary, and last the manifest that vouches for them."""
    import polars as pl

    folder = place.folder
    tables = parts.merge(folder)
    lazy = {name: pl.scan_parquet(folder / told["file"]) for name, told in tables.items()}
    files = copy_inputs(sim.scenario, folder)
    write_text(folder / "scenario.toml", sim.scenario.to_toml("inputs"))
    write_json(folder / "summary.json", summarise(sim, lazy))
    for name in ("scenario.toml", "summary.json"):
        files[name] = sha256_of(folder / name)
    document = {**manifest.manifest_of(sim.scenario, sim.seed), "tables": tables, "files": files}
    write_json(folder / MANIFEST, manifest.sealed(document))


def copy_inputs(scenario: Scenario, folder: pathlib.Path) -> dict[str, str]:
    """Copy the files that a scenario reads into ``inputs``; returns the SHA-256 of each."""
    files: dict[str, str] = {}
    for source, sha256 in scenario.external_files():
        target = folder / "inputs" / sha256
        with writing(target):
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
        if sha256_of(target) != sha256:
            raise InputError(source, None, None, "has changed since the run began")
        files[f"inputs/{sha256}"] = sha256
    return files


def _timing(
    sim: Simulation, first_block: int, begun: datetime.datetime, progress: Progress
) -> dict[str, Any]:
    """Wall times and facts of the host."""
    seconds = progress.seconds
    done = sim.block - first_block
    return {
        "begun": begun.isoformat(timespec="seconds"),
        "resumed_at_block": None
        if first_block <= -sim.scenario.time.burn_in_blocks
        else first_block,
        "seconds": {name: round(lap, 4) for name, lap in seconds.items()},
        "blocks_per_second": round(done / seconds["run"], 1) if seconds.get("run") else None,
        "host": manifest.host(),
    }

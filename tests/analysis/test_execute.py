"""A run folder is whole or it is not there, and an interruption changes no byte of it."""

from __future__ import annotations

import errno
import hashlib
import pathlib
from typing import Any

import pytest

from analysis import execute, files, parts
from analysis.progress import Progress
from analysis.run import Run, open_run
from scenarios.load import load
from sim.errors import AftershockError, InputError, Interrupted, OutputExists
from tests.analysis.plain import BURN_IN, HORIZON, SETTLE, PlainSimulation, scenario

QUIET = Progress(shown=False)


def hashes(folder: pathlib.Path) -> dict[str, str]:
    """What must be the same in every run of the same scenario and seed."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timing.json"
    }


def interrupt_at(monkeypatch: pytest.MonkeyPatch, slot: int, error: type[BaseException]) -> None:
    """The user presses Ctrl-C (or worse happens) once, when the engine has reached a slot."""
    told = PlainSimulation.run
    waiting = [True]

    def run(self: PlainSimulation, n_blocks: int | None = None) -> int:
        done = told(self, n_blocks)
        if self.slot >= slot and waiting:
            waiting.clear()
            if error is KeyboardInterrupt:
                import signal

                signal.raise_signal(signal.SIGINT)
            else:
                raise error
        return done

    monkeypatch.setattr(PlainSimulation, "run", run)


def test_the_folder_holds_what_it_promises(folder: pathlib.Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "timing.json", "scenario.toml", "summary.json"} < names
    assert not any(name.startswith(".") or name.endswith(".part") for name in names)


@pytest.mark.parametrize("slot", [BURN_IN // 2, BURN_IN, 300, 555])
def test_an_interrupted_run_ends_in_the_same_bytes(
    plain: Any, folder: pathlib.Path, tmp_path: pathlib.Path, slot: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    interrupt_at(monkeypatch, slot, KeyboardInterrupt)
    out = tmp_path / "run"
    with pytest.raises((Interrupted, KeyboardInterrupt)):
        execute.into_folder(scenario(), 7, out, QUIET)
    assert not out.exists()
    execute.into_folder(scenario(), 7, out, QUIET)
    assert hashes(out) == hashes(folder)


def test_a_killed_run_goes_on_from_its_last_checkpoint(
    plain: Any, folder: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(parts, "BUFFER_BYTES", 20_000)  # parts are written between checkpoints too
    interrupt_at(monkeypatch, 500, MemoryError)
    out = tmp_path / "run"
    with pytest.raises(MemoryError):
        execute.into_folder(scenario(), 7, out, QUIET, checkpoint_every_blocks=100)
    execute.into_folder(scenario(), 7, out, Progress(True), checkpoint_every_blocks=100)
    assert "Resuming run.partial at block 4" in capsys.readouterr().err
    assert hashes(out) == hashes(folder)


def test_a_damaged_checkpoint_means_starting_anew(
    plain: Any, folder: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_at(monkeypatch, 400, KeyboardInterrupt)
    out = tmp_path / "run"
    with pytest.raises(Interrupted):
        execute.into_folder(scenario(), 7, out, QUIET)
    (checkpoint,) = (tmp_path / "run.partial" / ".work").glob("checkpoint.*")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1] + b"?")
    execute.into_folder(scenario(), 7, out, QUIET)
    assert hashes(out) == hashes(folder)


def test_an_unfinished_run_of_another_seed_is_not_thrown_away(
    plain: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_at(monkeypatch, 400, KeyboardInterrupt)
    out = tmp_path / "run"
    with pytest.raises(Interrupted):
        execute.into_folder(scenario(), 7, out, QUIET)
    with pytest.raises(OutputExists, match="another run"):
        execute.into_folder(scenario(), 8, out, QUIET)
    assert execute.into_folder(scenario(), 8, out, QUIET, force=True).seed == 8


def test_force_replaces_a_run_folder_and_nothing_else(plain: Any, tmp_path: pathlib.Path) -> None:
    out, foreign = tmp_path / "run", tmp_path / "thesis"
    execute.into_folder(scenario(), 7, out, QUIET)
    with pytest.raises(OutputExists):
        execute.into_folder(scenario(), 8, out, QUIET)
    assert execute.into_folder(scenario(), 8, out, QUIET, force=True).seed == 8
    foreign.mkdir()
    (foreign / "chapter.tex").write_text("years of work")
    with pytest.raises(OutputExists, match="is not a run folder"):
        execute.into_folder(scenario(), 7, foreign, QUIET, force=True)
    assert (foreign / "chapter.tex").read_text() == "years of work"


def test_a_full_disk_leaves_nothing_that_looks_whole(
    plain: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: pathlib.Path) -> None:
        if path.suffix == ".parquet":
            with files.writing(path):
                raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts, "to_disk", full)
    with pytest.raises(AftershockError, match="No space left on device"):
        execute.into_folder(scenario(), 7, tmp_path / "run", QUIET)
    assert [path.name for path in tmp_path.iterdir()] == ["run.partial"]


def test_two_processes_do_not_write_one_folder(plain: Any, tmp_path: pathlib.Path) -> None:
    import fcntl

    work = tmp_path / "run.partial" / ".work"
    work.mkdir(parents=True)
    (work / "state.json").write_text('{"schema": "aftershock run 1"}')
    with (work / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutputExists, match="another process"):
            execute.into_folder(scenario(), 7, tmp_path / "run", QUIET)


@pytest.mark.parametrize("seed", [-1, 2**63, True, 1.5, "7"])
def test_a_seed_that_is_none_is_refused(plain: Any, tmp_path: pathlib.Path, seed: Any) -> None:
    with pytest.raises(InputError, match="seed"):
        execute.into_folder(scenario(), seed, tmp_path / "run", QUIET)
    assert not list(tmp_path.iterdir())


def test_in_memory_gives_the_same_tables(plain: Any, run: Run) -> None:
    kept = execute.in_memory(scenario(), 7, QUIET)
    assert kept.summary == run.summary
    for name in run.table_names:
        assert kept.table(name).collect().equals(run.table(name).collect())


@pytest.mark.usefixtures("compiled_engine")
def test_a_log_that_is_full_just_where_a_stretch_ends_is_no_obstacle() -> None:
    """The log holds 256 blocks, and a snapshot that is due at block 256 ends a stretch there."""
    every = "record.vaults_every_blocks=256"
    run = execute.in_memory(scenario(every, "time.burn_in_blocks=0"), 7, QUIET)
    assert run.blocks.collect().height == HORIZON + SETTLE > 256


def test_running_its_scenario_file_again_gives_the_same_bytes(
    plain: Any, folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    execute.into_folder(load(folder / "scenario.toml"), 7, tmp_path / "again", QUIET)
    assert hashes(tmp_path / "again") == hashes(folder)


def test_the_resolved_scenario_is_the_same_scenario(run: Run, folder: pathlib.Path) -> None:
    assert run.scenario.scenario_hash == run.manifest["scenario_hash"]
    assert open_run(folder).manifest == run.manifest

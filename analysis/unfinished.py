"""The folder of a run or an ensemble while it is written: ``<out>.partial``, locked, resumable, renamed once.

Working files stand in ``.work`` and are gone before the rename, so that a folder without ``.partial`` in
its name is always whole. What is not ours is never deleted, whatever was asked for.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

from analysis.files import read_json, to_disk, write_json, writing
from sim.errors import InputError, OutputExists

MANIFEST = "manifest.json"
WORK = ".work"
STATE = "state.json"  # in WORK: what the folder is of, and what of it is safe on the disk
LOCK = "lock"
SCHEMA = "aftershock run 1"
ENSEMBLE_SCHEMA = "aftershock ensemble 1"


def is_run_folder(folder: pathlib.Path) -> bool:
    """Whether a folder was written by Aftershock."""
    return _says_ours(folder / MANIFEST)


def is_ensemble_folder(folder: pathlib.Path) -> bool:
    """Whether a folder says that it holds an ensemble."""
    return _schema_of(folder / MANIFEST) == ENSEMBLE_SCHEMA


def refuse_place(out: pathlib.Path) -> None:
    """Refuse a folder that cannot be made where it is wanted."""
    above = next(path for path in out.parents if os.path.lexists(path))
    if not above.is_dir():
        raise InputError(out, None, None, f"cannot be made: {above} is not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(out, None, None, f"cannot be made: {above} may not be written to")


def _says_ours(path: pathlib.Path) -> bool:
    return _schema_of(path) in (SCHEMA, ENSEMBLE_SCHEMA)


def _schema_of(path: pathlib.Path) -> object:
    try:
        document = read_json(path)
    except (OSError, ValueError):
        return None
    return document.get("schema") if isinstance(document, dict) else None


def refuse_existing(out: pathlib.Path, force: bool) -> None:
    """Refuse to overwrite; with ``force``, only what is a run folder may be replaced."""
    if not os.path.lexists(out):
        refuse_place(out)
        return
    if not force:
        raise OutputExists(
            f"{out}: exists already; choose another --out, or --force to replace it."
        )
    if out.is_symlink() or not is_run_folder(out):
        raise OutputExists(
            f"{out}: is not a run folder of Aftershock, so --force does not replace it."
        )


class Unfinished:
    """One ``<out>.partial``; ``state`` is what was last known to be safe, None for a new folder."""

    def __init__(self, out: pathlib.Path, run_id: str, writer: str) -> None:
        self.out, self.run_id, self.writer = out, run_id, writer
        self.folder = out.with_name(out.name + ".partial")
        self.work = self.folder / WORK
        self.state: dict[str, Any] | None = None

    def remember(self, **state: Any) -> None:
        """Write down, in one step, what may be relied upon when the run is resumed."""
        self.state = state or None
        identity = {"schema": SCHEMA, "run_id": self.run_id, "writer": self.writer}
        write_json(self.work / STATE, {**identity, **state})

    def forget(self) -> None:
        """Throw away what has been done and start anew."""
        for path in self.folder.iterdir():
            if path == self.work:
                for inner in path.iterdir():
                    if inner.name != LOCK:
                        _remove(inner)
            else:
                _remove(path)
        self.remember()

    def finish(self) -> None:
        """The folder is whole: drop the working files, make it durable, give it its name."""
        shutil.rmtree(self.work)
        to_disk(self.folder)
        with writing(self.out):
            old = self.out.with_name(self.out.name + ".replaced")
            if self.out.exists():
                self.out.rename(old)
            self.folder.rename(self.out)
            shutil.rmtree(old, ignore_errors=True)
        to_disk(self.out.parent)


@contextlib.contextmanager
def unfinished(out: pathlib.Path, run_id: str, writer: str, force: bool) -> Iterator[Unfinished]:
    """Open ``<out>.partial`` for this run: a new one, or the one that an earlier attempt left."""
    refuse_existing(out, force)
    place = Unfinished(out, run_id, writer)
    is_new = not os.path.lexists(place.folder)
    if not is_new and not (_says_ours(place.work / STATE) or is_run_folder(place.folder)):
        if place.folder.is_symlink() or not place.folder.is_dir() or any(place.folder.iterdir()):
            raise OutputExists(f"{place.folder}: is in the way, and is not an unfinished run.")
    with writing(place.work):
        place.work.mkdir(parents=True, exist_ok=True)
    with _locked(place.work / LOCK, place.folder):
        if is_new:
            place.remember()
        else:
            _take_over(place, force)
        yield place


def _take_over(place: Unfinished, force: bool) -> None:
    """Continue an earlier attempt at the same run; another run's is only replaced when forced."""
    path = place.work / STATE
    state = read_json(path) if _says_ours(path) else {}
    same = state.get("run_id") == place.run_id
    if state and not same and state.get("slot") and not force:
        problem = "holds another run, interrupted and resumable; --force replaces it."
        raise OutputExists(f"{place.folder}: {problem}")
    if same and state.get("writer") == place.writer and state.get("slot") is not None:
        place.state = state
    else:
        place.forget()


@contextlib.contextmanager
def _locked(path: pathlib.Path, folder: pathlib.Path) -> Iterator[None]:
    """Hold a lock that ends with the process, so that two of them never write one folder."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system: nothing to lock with
        yield
        return
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutputExists(f"{folder}: is being written by another process.") from None
        yield


def _remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


__all__ = ["Unfinished", "is_run_folder", "refuse_existing", "unfinished"]

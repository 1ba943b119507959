"""One plain run, in memory and as a folder, for all tests that only read it."""

from __future__ import annotations

import pathlib

import pytest

from analysis import execute
from analysis.progress import Progress
from analysis.run import Run
from tests.analysis.plain import PlainSimulation, scenario


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> type[PlainSimulation]:
    """Runs use the engine that needs no compiler."""
    monkeypatch.setattr(execute, "engine", lambda: PlainSimulation)
    return PlainSimulation


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A run folder; nobody may change it."""
    out = tmp_path_factory.mktemp("plain") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "engine", lambda: PlainSimulation)
        execute.into_folder(scenario(), 7, out, Progress(shown=False))
    return out


@pytest.fixture(scope="session")
def run(folder: pathlib.Path) -> Run:
    """The same as a Run."""
    from analysis.run import open_run

    return open_run(folder)

"""Every notebook runs from top to bottom, its cells in one process, without jupyter."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 300_000  # bytes


def cells(notebook: pathlib.Path, kind: str) -> list[str]:
    """The sources of all cells of a kind."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == kind]


def test_there_is_a_first_notebook() -> None:
    assert "01_first_run.ipynb" in [notebook.name for notebook in NOTEBOOKS]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(
    notebook: pathlib.Path,
    compiled_engine: None,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, source in enumerate(cells(notebook, "code")):
        exec(compile(source, f"{notebook.name}, code cell {number}", "exec"), names)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_story(notebook: pathlib.Path) -> None:
    assert cells(notebook, "markdown")[0].startswith("# ")
    assert 4 <= len(cells(notebook, "code")) <= 12
    for source in cells(notebook, "code"):
        assert "def " not in source, "functions belong in analysis/"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_no_place_on_a_disk(notebook: pathlib.Path) -> None:
    text = notebook.read_text(encoding="utf-8")
    assert len(text) < LARGEST
    for place in ("/home/", "/Users/", "/tmp/", "C:\\\\", str(ROOT)):
        assert place not in text

"""``import aftershock as af``: the public face."""

from __future__ import annotations

import pathlib
import sys
import tomllib
import types
from typing import Any

import pytest

import aftershock as af
from analysis.run import Run
from tests.analysis.plain import n_levered, scenario

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert af.__version__ == project["project"]["version"]


def test_every_public_name_is_there() -> None:
    assert all(getattr(af, name) is not None for name in af.__all__ if name != "DeFiModel")
    with pytest.raises(AttributeError, match="enssemble"):
        af.enssemble  # noqa: B018


def test_a_package_of_the_same_name_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = types.ModuleType("agents")
    foreign.__file__ = "/site-packages/agents/__init__.py"
    monkeypatch.setitem(sys.modules, "agents", foreign)
    assert af.main(["list"]) == 1
    assert "is not Aftershock's" in capsys.readouterr().err


def test_run_and_open(plain: Any, tmp_path: pathlib.Path) -> None:
    in_memory = af.run(scenario(), seed=5, progress=False)
    written = af.run(scenario(), seed=5, out=tmp_path / "run", progress=False)
    assert in_memory.summary == written.summary == af.open(tmp_path / "run").summary
    assert "in memory" in repr(in_memory)


def test_the_headline_in_a_notebook_is_escaped(run: Run) -> None:
    hostile = Run(run.manifest, {**run.summary, "title": "<script>alert(1)</script>"})
    assert "<script>" not in hostile._repr_html_()
    assert f"28 of {n_levered()} levered" in hostile._repr_html_()


def test_a_figure_shows_itself_in_a_notebook(run: Run) -> None:
    figure: Any = run.plot("prices")
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert len(figure.axes) == 3

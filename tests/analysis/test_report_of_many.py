"""The report of an ensemble and that of a comparison: one page each that needs nothing beside it."""

from __future__ import annotations

import pathlib
import re
from typing import Any
from xml.etree import ElementTree

import pytest

import aftershock as af
from analysis import cli
from analysis.compare_execute import open_compared
from analysis.ensemble import open_ensemble
from analysis.report import page, write_report
from sim.errors import InputError
from tests.analysis.small_ensemble import crash

pytestmark = pytest.mark.usefixtures("compiled_engine")


@pytest.fixture(scope="module")
def folders(
    tmp_path_factory: pytest.TempPathFactory, compiled_engine: None
) -> dict[str, pathlib.Path]:
    """An ensemble and a comparison on the disk."""
    place = tmp_path_factory.mktemp("report")
    af.ensemble(crash(), 6, out=place / "many", progress=False)
    af.compare(crash(), 3, "oracle_lag", out=place / "split", progress=False)
    return {"many": place / "many", "split": place / "split"}


@pytest.mark.parametrize("kind", ["many", "split"])
def test_one_page_that_fetches_nothing(
    folders: dict[str, pathlib.Path], kind: str, capsys: Any
) -> None:
    assert cli.main(["report", str(folders[kind])]) == 0
    assert capsys.readouterr().out == f"{folders[kind] / 'report.html'}\n"
    text = (folders[kind] / "report.html").read_text(encoding="utf-8")
    ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
    assert '<img src="data:image/png;base64,' in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert text == page(af.open(folders[kind]))


def test_every_number_of_an_ensemble_stands_in_its_report(folders: dict[str, pathlib.Path]) -> None:
    many = open_ensemble(folders["many"])
    text = page(many)
    for name in many.told["numbers"]:
        rest = name.partition(".")[2] or name
        assert f"<code>{rest}</code>" in text, name
    assert "Loss of the system at worst" in text
    assert many.manifest["ensemble_id"] in text


def test_a_comparison_says_the_split_of_everybody(folders: dict[str, pathlib.Path]) -> None:
    told = open_compared(folders["split"])
    text = page(told)
    for who in told.who:
        ratio = told.split(who).amplification
        if ratio is not None:
            assert f"<td>{ratio:.3f} (" in text, who
    assert "undefined: " in text  # keepers had less than 1 % to lose
    for run in told.runs.values():
        assert run.manifest["ensemble_id"] in text


def test_a_report_is_no_obstacle_to_making_the_comparison_anew(
    folders: dict[str, pathlib.Path], capsys: Any
) -> None:
    write_report(af.open(folders["split"]))
    af.compare(crash(), 3, "oracle_lag", out=folders["split"], progress=False, force=True)


@pytest.mark.parametrize("kind", ["many", "split/full"])
def test_a_damaged_folder_has_no_report(
    folders: dict[str, pathlib.Path], kind: str, capsys: Any
) -> None:
    top, _, inner = kind.partition("/")
    table = folders[top] / inner / "paths.parquet"
    whole = table.read_bytes()
    content = bytearray(whole)
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    assert cli.main(["report", str(folders[top])]) == 1
    assert "paths.parquet" in capsys.readouterr().err
    table.write_bytes(whole)


def test_what_is_in_memory_needs_a_place() -> None:
    with pytest.raises(InputError, match="needs a place"):
        write_report(af.ensemble(crash(), 2, progress=False))

"""What was written is what is read, or it is refused."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from analysis.run import Run, open_run
from sim.errors import AftershockError, DamagedRun, InputError


@pytest.fixture
def copy(folder: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(folder, tmp_path / "copy"))


def flip(path: pathlib.Path, place: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
def test_one_flipped_bit_in_a_table_is_noticed(copy: pathlib.Path, place: float) -> None:
    flip(copy / "events.parquet", place)
    run = open_run(copy)
    assert run.blocks.collect().height > 0
    with pytest.raises(DamagedRun, match=r"events\.parquet"):
        run.events  # noqa: B018


@pytest.mark.parametrize("place", [0.1, 0.35, 0.6, 0.9])
@pytest.mark.parametrize("name", ["manifest.json", "summary.json"])
def test_a_changed_document_is_noticed(copy: pathlib.Path, name: str, place: float) -> None:
    flip(copy / name, place)
    with pytest.raises(AftershockError):
        open_run(copy)


def test_a_changed_scenario_is_noticed(copy: pathlib.Path) -> None:
    flip(copy / "scenario.toml")
    with pytest.raises(DamagedRun):
        open_run(copy).scenario  # noqa: B018


def test_a_missing_table_is_noticed(copy: pathlib.Path) -> None:
    (copy / "pools.parquet").unlink()
    with pytest.raises(DamagedRun, match=r"pools\.parquet"):
        open_run(copy).pools  # noqa: B018


def test_what_is_no_run_folder_is_refused(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    with pytest.raises(InputError, match="is not a run folder"):
        open_run(tmp_path)
    with pytest.raises(InputError, match="Did you mean 'run'"):
        open_run(folder.parent / "runn")


def test_an_unknown_table_answers_with_the_nearest(run: Run) -> None:
    with pytest.raises(InputError, match="Did you mean 'events'"):
        run.table("event")

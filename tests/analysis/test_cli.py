"""The command line: one line and an exit code for whatever goes wrong, nothing written, nothing run."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import pytest

from analysis import cli, execute, figures
from tests.analysis.plain import SMALL, PlainSimulation

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAVY = ("numba", "polars", "scipy", "mesa", "matplotlib", "seaborn", "networkx")
CHANGES = [word for change in SMALL for word in ("--set", change)]

BAD = [
    ([], "expected a command"),
    (["rnu", "calm_market"], "Did you mean 'run'"),
    (["run"], "SCENARIO"),
    (["run", "calm_markt"], "Did you mean 'calm_market'"),
    (["run", "calm_market", "--sede", "3"], "Did you mean '--seed'"),
    (["run", "calm_market", "--seed", "many"], "expected a whole number"),
    (["run", "calm_market", "--seed=-1"], "expected a whole number"),
    (["run", "calm_market", "--set", "time.horizn=3"], "Did you mean 'horizon'"),
    (["run", "calm_market", "--set", "time.horizon_blocks=nan"], "horizon_blocks"),
    (["run", "calm_market", "--out", ""], "out"),
    (["check", "nowhere/mine.toml"], "no such file"),
    (["ensemble", "calm_market", "--seeds", "0:10,5:15"], "given twice"),
    (["ensemble", "calm_market", "--seeds", "ten"], "expected seeds as in 0:200"),
    (["ensemble", "calm_market", "--workers", "0"], "workers"),
    (["ensemble", "calm_market", "--seed", "3"], "Did you mean '--seeds'"),
    (["figures", "nowhere"], "no such run folder"),
    (["list", "everything"], "unrecognized"),
    (["--vresion"], "Did you mean '--version'"),
]


@pytest.fixture
def here(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words, hint", BAD, ids=lambda value: " ".join(value)[:40])
def test_bad_input_is_one_line_and_exit_2(
    words: list[str], hint: str, here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.perf_counter()
    assert cli.main(words) == 2
    assert time.perf_counter() - begun < 1.0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert hint in err
    assert not list(here.iterdir())


def test_list_names_the_presets(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--json"]) == 0
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} >= {"calm_market"}
    assert cli.main(["list"]) == 0
    assert "calm_market" in capsys.readouterr().out


def test_check_says_what_a_scenario_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "black_thursday_2020"]) == 0
    out = capsys.readouterr().out
    assert "leveraged_loop" in out
    assert "price_path" in out
    assert "on disk" in out
    assert cli.main(["check", "black_thursday_2020", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["estimated"]["blocks"]["rows"] > 0


def test_run_writes_a_folder_and_figures_draws_it(
    plain: Any, here: pathlib.Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert cli.main(["run", "calm_market", *CHANGES, "--seed", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == os.path.join("runs", "calm_market-seed3")
    assert cli.main(["run", "calm_market", *CHANGES, "--seed", "3"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "--force" in err
    monkeypatch.setattr(figures, "names", lambda _: ["prices"])  # the others are drawn elsewhere
    assert cli.main(["figures", told["folder"], "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert {pathlib.Path(path).name for path in written} == {
        "prices.csv",
        "prices.pdf",
        "prices.png",
    }
    assert all(pathlib.Path(path).stat().st_size > 0 for path in written)


def test_ctrl_c_is_130_and_the_next_try_goes_on(
    plain: Any, here: pathlib.Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def stop(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PlainSimulation, "run", stop)
        assert cli.main(["run", "calm_market", *CHANGES, "--out", "mine", "--quiet"]) == 130
    assert capsys.readouterr().err == "aftershock: interrupted.\n"
    assert not (here / "mine").exists()
    assert cli.main(["run", "calm_market", *CHANGES, "--out", "mine", "--quiet"]) == 0
    assert execute.engine() is PlainSimulation


def test_help_is_instant_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, aftershock\n"
        "assert aftershock.main(['--help']) == 0\n"
        f"print([name for name in {HEAVY + ('pydantic', 'numpy')} if name in sys.modules])\n"
        "assert aftershock.main(['check', 'calm_market', '--quiet']) == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[-2:] == ["[]", "[]"]
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "aftershock.py", "--help"], cwd=ROOT, stdout=-3, check=True)
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 0.4


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} aftershock.py list --json | true; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert told.stdout == "0\n"
    assert told.stderr == ""

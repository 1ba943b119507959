"""Workers, interruptions and failures: none of them changes a byte of an ensemble."""

from __future__ import annotations

import concurrent.futures
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import types
from typing import Any

import pytest

from agents.strategies import STRATEGIES
from analysis import cli, ensemble_execute, ensemble_rows, execute
from analysis.ensemble_rules import KINDS, WORTH_A_PROCESS, kind_of
from scenarios.simulation import Simulation
from sim.errors import Interrupted, InvariantBroken, OutputExists
from tests.analysis.small_ensemble import crash, hashes, run

pytestmark = pytest.mark.usefixtures("compiled_engine")
ROOT = pathlib.Path(__file__).resolve().parents[2]
KILLED = """
import sys
from analysis import ensemble_rows
from tests.analysis.small_ensemble import run

ensemble_rows.BATCH = 2
run(int(sys.argv[2]), out=sys.argv[1], workers=2)
"""


def test_the_number_of_workers_changes_no_byte(tmp_path: pathlib.Path) -> None:
    for workers in (1, 2, 4):
        run(9, out=tmp_path / str(workers), workers=workers)
    assert hashes(tmp_path / "1") == hashes(tmp_path / "2") == hashes(tmp_path / "4")


def kill_and_resume(folder: pathlib.Path, n: int) -> int:
    """Kill an ensemble without warning, then finish it; returns the members it had when it was killed."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder), str(n)], cwd=ROOT)
    state = folder.with_name(folder.name + ".partial") / ".work" / "state.json"
    begun = time.monotonic()
    while time.monotonic() - begun < 120.0 and process.poll() is None:
        if state.is_file() and json.loads(state.read_text()).get("slot", 0) >= n // 4:
            break
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not folder.exists()
    done = json.loads(state.read_text())["slot"]
    run(n, out=folder, workers=1)
    return int(done)


def test_a_killed_ensemble_goes_on_where_it_was(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = kill_and_resume(tmp_path / "killed", 40)
    assert 10 <= done < 40
    timing = json.loads((tmp_path / "killed" / "timing.json").read_text())
    assert timing["resumed_at_member"] == done
    run(40, out=tmp_path / "whole", workers=2)
    assert hashes(tmp_path / "killed") == hashes(tmp_path / "whole")


@pytest.mark.slow
def test_a_hundred_seeds_killed_and_with_any_number_of_workers(tmp_path: pathlib.Path) -> None:
    for workers in (1, 2, 4):
        run(100, out=tmp_path / str(workers), workers=workers)
    kill_and_resume(tmp_path / "killed", 100)
    assert len({tuple(hashes(folder).items()) for folder in tmp_path.iterdir()}) == 1


def break_seed(monkeypatch: pytest.MonkeyPatch, seed: int, error: BaseException) -> None:
    class Breaking(Simulation):
        def run(self, n_blocks: int | None = None) -> int:
            if self.seed == seed and self.block >= 0:
                raise error
            return super().run(n_blocks)

    monkeypatch.setattr(execute, "engine", lambda: Breaking)


def test_a_broken_invariant_names_the_seed_and_keeps_what_is_done(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ensemble_rows, "BATCH", 3)
    words = ["ensemble", "calm_market", "--set", "time.horizon_blocks=60", "--seeds", "0:9"]
    words += ["--workers", "2", "--quiet", "--set", "cohorts.*.n_rows=5", "--out"]
    with monkeypatch.context() as patch:
        break_seed(patch, 5, InvariantBroken("USDC@main", 3, 1.0))
        assert cli.main([*words, str(tmp_path / "many")]) == 1
        assert "seed 5: conservation of USDC@main is broken" in capsys.readouterr().err
    state = json.loads((tmp_path / "many.partial" / ".work" / "state.json").read_text())
    assert state["slot"] == 5
    assert cli.main([*words, str(tmp_path / "many")]) == 0
    assert cli.main([*words, str(tmp_path / "whole")]) == 0
    assert hashes(tmp_path / "many") == hashes(tmp_path / "whole")


def test_ctrl_c_saves_what_is_done_and_another_ensemble_does_not_replace_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ensemble_execute.Crew.members

    def members(self: Any, *arguments: Any) -> Any:
        for k, member in enumerate(told(self, *arguments)):
            yield member
            if k == 1:
                os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(ensemble_execute.Crew, "members", members)
        with pytest.raises(Interrupted, match=r"stopped after [2-9] of 30 members"):
            run(30, out=tmp_path / "many")
    assert not (tmp_path / "many").exists()
    with pytest.raises(OutputExists, match="interrupted and resumable"):
        run(31, out=tmp_path / "many")
    run(30, out=tmp_path / "many")
    run(30, out=tmp_path / "whole")
    assert hashes(tmp_path / "many") == hashes(tmp_path / "whole")


def test_an_executor_of_the_users_own(tmp_path: pathlib.Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        run(4, out=tmp_path / "theirs", executor=pool)
        assert pool.submit(int, "1").result() == 1  # it is not ours to shut down
    run(4, out=tmp_path / "ours", executor="threads")
    assert hashes(tmp_path / "theirs") == hashes(tmp_path / "ours")


def python_cohort() -> Any:
    return crash({"cohorts.eth_holders.strategy": "test_share_in_python"})


@pytest.fixture
def rule() -> Any:
    """Registered while a test asks for it: other tests look at all strategies."""
    before = dict(STRATEGIES)
    own_rule = importlib.import_module("tests.analysis.own_rule")
    STRATEGIES["test_share_in_python"] = own_rule.REGISTERED
    yield own_rule
    STRATEGIES.clear()
    STRATEGIES.update(before)


@pytest.mark.slow
@pytest.mark.usefixtures("rule")
def test_a_cohort_in_python_goes_to_processes(tmp_path: pathlib.Path) -> None:
    scenario = python_cohort()
    assert kind_of(None, scenario, 0.0, print) == "processes"
    run(5, scenario, out=tmp_path / "processes", workers=2)
    run(5, scenario, out=tmp_path / "threads", workers=2, executor="threads")
    assert hashes(tmp_path / "processes") == hashes(tmp_path / "threads")


def test_many_slots_are_worth_processes_and_few_are_not() -> None:
    assert kind_of(None, crash(), WORTH_A_PROCESS, print) == "processes"
    assert kind_of(None, crash(), WORTH_A_PROCESS - 1, print) == "threads"
    assert kind_of("threads", crash(), WORTH_A_PROCESS, print) == "threads"


SCRIPT = """
import aftershock as af
print("the script runs")
scenario = af.scenario("calm_market").with_(time={"horizon_blocks": 60})
af.ensemble(scenario, 4, "OUT", workers=2, progress=False, executor="KIND")
"""


def test_processes_do_not_run_the_users_script_and_change_no_byte(tmp_path: pathlib.Path) -> None:
    for kind in KINDS:
        script = tmp_path / f"{kind}.py"
        out = (tmp_path / kind).as_posix()
        script.write_text(SCRIPT.replace("OUT", out).replace("KIND", kind))
        told = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, timeout=300, check=True
        )
        assert told.stdout.count("the script runs") == 1
    assert hashes(tmp_path / "processes") == hashes(tmp_path / "threads")


def test_a_rule_of_a_notebook_stays_in_its_process(
    rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(rule.hold_share, "__module__", "__main__")
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    assert kind_of(None, python_cohort(), 0.0, said.append) == "threads"
    assert "cannot be sent to processes" in said[0]

"""The worst block is revisited exactly: what is written of it is what a run stopped there would show.

On the compiled engine, in a crash with bad debt: every copy of the state, every interruption and every
length of a stretch must end in the same bytes.
"""

from __future__ import annotations

import hashlib
import math
import pathlib
import signal

import numpy as np
import polars as pl
import pytest

from analysis import drive as driver
from analysis import execute, exposures, snapshots
from analysis.classes import SYSTEM, class_paths, insiders, members, paths
from analysis.progress import Progress
from analysis.run import Run
from analysis.worst import Worst
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from sim.errors import Interrupted
from sim.world import state_hash
from tests.short_window import window

SEED = 7
QUIET = Progress(shown=False)
pytestmark = pytest.mark.usefixtures("compiled_engine")


@pytest.fixture(scope="module")
def crash() -> Scenario:
    """A window with bad debt, and time for recovery behind its worst block."""
    record = {"vaults_every_blocks": 45, "keepers_every_blocks": 20, "exposures_every_blocks": 60}
    time = {"horizon_blocks": 130, "settle_blocks": 30}
    return window("black_thursday_2020").with_(time=time, record=record)


@pytest.fixture(scope="module")
def run(crash: Scenario, compiled_engine: None) -> Run:
    return execute.in_memory(crash, SEED, QUIET)


@pytest.fixture(scope="module")
def stopped(crash: Scenario, run: Run) -> Simulation:
    """A fresh run that goes no further than the worst block."""
    simulation = Simulation(crash, SEED)
    while simulation.block <= run.summary["losses"]["worst_block"]:
        simulation.step()
    return simulation


def test_the_worst_block_lies_inside_the_run_and_is_none_that_was_due_anyway(run: Run) -> None:
    worst = run.summary["losses"]["worst_block"] + 1
    assert 0 < worst < 160
    assert worst % 45 > 0
    assert worst % 60 > 0
    assert run.summary["liquidations"]["bad_debt_usd"] > 0.0


def test_what_is_written_of_the_worst_block_is_what_a_run_stopped_there_shows(
    run: Run, stopped: Simulation
) -> None:
    at_worst = run.vaults.filter(block=stopped.block, occasion="snapshot").collect()
    assert at_worst.equals(snapshots.vaults(stopped, stopped.snapshot()))
    marks = run.table("marks").filter(occasion="worst").collect()
    assert marks.equals(snapshots.marks(stopped, stopped.snapshot(), ["worst"]))
    claims = run.exposures.filter(block=stopped.block).collect()
    assert claims.equals(exposures.exposures(stopped))


def test_it_is_the_block_in_which_the_system_was_poorest(run: Run, crash: Scenario) -> None:
    tables = {name: run.table(name) for name in ("cohorts", "markets")}
    wealth = paths(crash, tables)
    inside = [math.fsum(parts) for parts in zip(*(wealth[n] for n in insiders(crash)), strict=True)]
    assert run.summary["losses"]["worst_block"] == int(np.argmin(inside))
    by_class = class_paths(crash, tables)
    assert list(by_class) == [name for name in SYSTEM if name in members(crash)]
    total = sum(by_class.values())
    assert total == pytest.approx(np.array(inside), rel=1e-12)


def test_snapshots_agree_with_what_was_recorded_of_those_blocks(run: Run, crash: Scenario) -> None:
    tables = {name: run.table(name) for name in ("cohorts", "markets")}
    told = run.summary["losses"]
    block = {"worst": told["worst_block"], "horizon": crash.time.horizon_blocks - 1}
    for mark in ("nav_usd", "nav_protocol_usd"):
        wealth = paths(crash, tables, mark)
        for when, number in block.items():
            rows = run.table("marks").filter(occasion=when).collect()
            for name, usd in zip(rows["holder"], rows[mark], strict=True):
                assert usd == pytest.approx(wealth[name][number], rel=1e-11, abs=1e-6)


def test_a_row_at_an_event_is_the_vault_at_the_end_of_that_block(run: Run, crash: Scenario) -> None:
    at_events = run.vaults.filter(occasion="event").collect()
    done = run.events.filter(pl.col("status") == "ok").collect()
    liquidated = done.filter(kind="liquidation").select("block", account="counterparty")
    vaults = {cohort.name for cohort in crash.cohorts if cohort.role == "vault"}
    traded = done.filter(pl.col("cohort").cast(pl.String).is_in(vaults)).select("block", "account")
    expected = set(pl.concat([liquidated, traded]).rows())
    assert len(expected) > 50
    rows = at_events.select(pl.col("block") - 1, "account").rows()
    assert len(rows) == len(set(rows))
    assert set(rows) == expected
    simulation = Simulation(crash, SEED)
    columns = [
        name
        for name in at_events.columns
        if name not in ("occasion", "nav_exit_usd", "exit_locked_usd")
    ]
    for (block,), told in at_events.partition_by(
        "block", as_dict=True, maintain_order=True
    ).items():
        while simulation.block < block:
            simulation.step()
        now = snapshots.vaults(simulation, simulation.snapshot()).select(columns)
        mine = told.select("account").join(now, on="account", how="left", maintain_order="left")
        for name in columns:
            if mine[name].dtype == pl.Float64:
                want, got = mine[name].to_numpy(), told[name].to_numpy()
                np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-9)
    assert at_events["nav_exit_usd"].null_count() == at_events.height


def test_looking_back_leaves_no_trace(crash: Scenario) -> None:
    simulation, alone = Simulation(crash, SEED), Simulation(crash, SEED)
    alone.run(90)
    worst = Worst(simulation)
    for _ in range(9):
        simulation.run(10)
        worst.see(simulation, simulation.drain())
        if simulation.block in (5, 45):
            worst.keep(simulation)
    before = state_hash(simulation.world)
    assert before == state_hash(alone.world)
    with worst.revisited(simulation):
        assert worst.block is not None
        assert simulation.block == worst.block + 1 < 85
    assert state_hash(simulation.world) == before
    assert len(simulation.drain().blocks) == 0


def hashes(folder: pathlib.Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.name != "timing.json"
    }


@pytest.fixture(scope="module")
def whole(crash: Scenario, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("worst") / "run"
    execute.into_folder(crash, SEED, out, QUIET)
    return hashes(out)


@pytest.mark.parametrize("slot", [3, 20, 60, 100, 150])
def test_an_interruption_changes_no_byte(
    crash: Scenario, whole: dict[str, str], tmp_path: pathlib.Path, slot: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Ctrl-C before, in and after the worst block, then the same command again."""
    monkeypatch.setattr(driver, "STRETCH", 10)
    advance, waiting = Simulation.run, [True]

    def interrupted(self: Simulation, n_blocks: int | None = None) -> int:
        done = advance(self, n_blocks)
        if self.slot >= slot and waiting:
            waiting.clear()
            signal.raise_signal(signal.SIGINT)
        return done

    monkeypatch.setattr(Simulation, "run", interrupted)
    with pytest.raises((Interrupted, KeyboardInterrupt)):
        execute.into_folder(crash, SEED, tmp_path / "run", QUIET, checkpoint_every_blocks=30)
    execute.into_folder(crash, SEED, tmp_path / "run", QUIET, checkpoint_every_blocks=30)
    assert hashes(tmp_path / "run") == whole


@pytest.mark.parametrize(("stretch", "copy_blocks"), [(7, 1), (50, 10**6), (1000, 3)])
def test_where_copies_are_taken_changes_no_byte(
    crash: Scenario, whole: dict[str, str], tmp_path: pathlib.Path, stretch: int, copy_blocks: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(driver, "STRETCH", stretch)
    monkeypatch.setattr("analysis.worst.COPY_BLOCKS", copy_blocks)
    execute.into_folder(crash, SEED, tmp_path / "run", QUIET)
    assert hashes(tmp_path / "run") == whole


def test_how_often_is_recorded_changes_nothing_that_happens(crash: Scenario, run: Run) -> None:
    record = {"vaults_every_blocks": 7, "keepers_every_blocks": 9, "vault_events": False}
    other = execute.in_memory(crash.with_(record=record), SEED, QUIET)
    for name in ("blocks", "cohorts", "pools", "markets", "events"):
        assert other.table(name).collect().equals(run.table(name).collect()), name
    assert other.summary["losses"] == run.summary["losses"]
    assert set(other.vaults.collect()["occasion"]) == {"snapshot"}


def test_a_log_that_is_full_between_two_stops_is_emptied(
    crash: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops that fall exactly where the log ends: 256 rows, no vault due in between."""
    monkeypatch.setattr("analysis.worst.COPY_BLOCKS", 10**6)
    record = {"vaults_every_blocks": 10_000, "keepers_every_blocks": 64}
    long = crash.with_(time={"horizon_blocks": 600, "settle_blocks": 0}, record=record)
    told = execute.in_memory(long, SEED, QUIET)
    assert told.blocks.collect().height == 600

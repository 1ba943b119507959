"""A loss in three parts: what F is, that the parts add up, what is undefined or unused, and folders of it."""

from __future__ import annotations

import functools
import json
import math
import pathlib
import re
import shutil
from typing import Any

import numpy as np
import pytest

import aftershock as af
from analysis import cli
from analysis.compare import Compared
from analysis.figures import names
from analysis.split import split
from analysis.wealth import balances
from scenarios.load import load
from scenarios.simulation import Simulation
from sim.errors import DamagedRun, InputError
from tests.analysis.small_ensemble import SMALL, crash, hashes

pytestmark = pytest.mark.usefixtures("compiled_engine")
N = 3
PARTS = ("loss_usd", "shock_usd", "own_rules_usd", "aftershocks_usd")


@functools.cache
def told() -> Compared:
    """Gas is a channel that this scenario does not use."""
    return af.compare(crash({"channels.gas": False}), N, "oracle_lag,gas", progress=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, compiled_engine: None) -> pathlib.Path:
    """A comparison on the disk; nobody may change it."""
    out = tmp_path_factory.mktemp("compare") / "split"
    af.compare(crash(), 2, "oracle_lag", out=out, progress=False)
    return out


def test_the_loss_of_nobody_acting_is_the_fall_of_prices_on_what_was_held() -> None:
    """By balances and the prices as drawn: no mark, no block of the engine, no table of a run."""
    frozen = crash({"channels.gas": False}).frozen()
    worst, horizon = [], []
    for seed in range(N):
        sim = Simulation(frozen, seed)
        sim.run()
        path = sim.world.clock.fundamental_price_usd[frozen.time.burn_in_blocks :]
        held = np.array(balances(sim))
        lost = path[0] @ held - path[1:] @ held
        worst.append(lost.max())
        horizon.append(lost[frozen.time.horizon_blocks - 1])
    start = told().split().nav_at_start_usd
    for when, by_hand in (("worst", worst), ("horizon", horizon)):
        assert told().split("system", when).shock_usd == pytest.approx(
            math.fsum(by_hand) / N, abs=1e-9 * start
        )


def test_what_a_holder_loses_frozen_is_its_ether_at_two_prices() -> None:
    """Of a cohort that never trades, from its own rows."""
    run = af.run(crash().frozen(), seed=0, progress=False)
    rows = run.vaults.filter(block=0, cohort="eth_holders").collect()
    price = run.blocks.collect()["fundamental_price_usd.ETH"][run.summary["losses"]["worst_block"]]
    left = (rows["risky_amount"] * price + rows["cash_amount"]).sum()
    lost = run.summary["losses"]["by_strategy"]["buy_and_hold"]["loss_at_worst_usd"]
    assert lost == pytest.approx(rows["nav_usd"].sum() - left, rel=1e-9)


def test_the_parts_are_the_loss_of_the_full_run() -> None:
    table = told().table()
    assert set(table["who"]) == set(told().who)
    for row in table.iter_rows(named=True):
        whole, *parts = (row[name] for name in PARTS)
        full = told().full.values(f"{told().who[row['who']]}.loss_at_{row['when']}_usd")
        scale = 1e-12 * max(row["nav_at_start_usd"], *(abs(part) for part in parts))
        assert math.fsum(parts) == pytest.approx(math.fsum(full) / N, abs=scale)
        assert whole == pytest.approx(math.fsum(parts), abs=scale)


def test_the_system_is_the_sum_of_its_classes() -> None:
    """Of each part, at both moments: nothing is lost between two classes."""
    from analysis.classes import members

    for when in ("worst", "horizon"):
        system = told().split("system", when)
        classes = [told().split(name, when) for name in members(told().full.scenario)]
        for part in PARTS:
            added = math.fsum(getattr(one, part) for one in classes)
            assert added == pytest.approx(
                getattr(system, part), abs=1e-11 * system.nav_at_start_usd
            )


def test_an_amplification_is_a_ratio_of_sums() -> None:
    found = told().split("vault_owners", "worst")
    place = "losses.by_class.vault_owners.loss_at_worst_usd"
    frozen, taking, full = (
        told().runs[run].values(place) for run in ("frozen", "price_taking", "full")
    )
    expected = 1.0 + (full - taking).sum() / frozen.sum()
    assert found.amplification == pytest.approx(expected, rel=1e-12)
    assert found.amplification_interval is not None
    assert found.amplification_interval[0] < expected < found.amplification_interval[1]
    assert found.aftershocks_usd > 0.0


def test_where_nothing_falls_there_is_no_amplification() -> None:
    calm = af.compare(load("calm_market").with_(**SMALL), [0], "none", progress=False)
    found = calm.split()
    assert found.amplification is None
    assert found.amplification_undefined is not None
    assert "not more than 1 %" in found.amplification_undefined
    assert "amplification undefined: the shock is" in calm.headline
    assert found.aftershocks_interval_usd is None
    assert calm.channels() == {}


def test_the_border_of_an_amplification_is_one_per_cent() -> None:
    nav, full = np.full(2, 100.0), np.full(2, 3.0)
    at_border, above = (split("x", "worst", nav, f, f, full) for f in (full / 3, full / 2.9))
    assert at_border.amplification is None
    assert above.amplification == pytest.approx(1.0 + (3.0 - 3.0 / 2.9) / (3.0 / 2.9))


def test_an_unused_channel_is_said_to_be_unused() -> None:
    assert told().channels()["gas"] is None
    assert told().channels()["oracle_lag"] is not None
    assert told().summary["unused_channels"] == ["gas"]
    assert "not used by this scenario: without it nothing differs" in told().headline


@pytest.mark.parametrize(
    ("ask", "hint"),
    [
        (lambda: told().split("vault_owner"), "Did you mean 'vault_owners'"),
        (lambda: told().split("system", "end"), "worst, horizon"),
        (lambda: told().channel("pool_depth"), "was not switched off alone"),
        (lambda: told().plot("splits"), "Did you mean 'split'"),
        (lambda: af.compare(crash(), 2, "oracle", progress=False), "no such channel"),
    ],
)
def test_what_there_is_not_is_refused(ask: Any, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        ask()


def test_a_folder_says_the_same_as_memory(folder: pathlib.Path) -> None:
    found = af.open(folder)
    assert isinstance(found, Compared)
    memory = af.compare(crash(), 2, "oracle_lag", progress=False)
    assert found.table().equals(memory.table())
    assert found.headline == memory.headline


def test_an_interrupted_comparison_is_completed_to_the_same_bytes(
    folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    out = tmp_path / "split"
    shutil.copytree(folder, out)
    shutil.rmtree(out / "without_oracle_lag")
    for name in ("comparison.json", "splits.csv"):
        (out / name).unlink()
    kept = (out / "full" / "manifest.json").stat().st_ino
    af.compare(crash(), 2, "oracle_lag", out=out, progress=False)
    assert hashes(out) == hashes(folder)
    assert (out / "full" / "manifest.json").stat().st_ino == kept, "what was there was run again"


def test_replacing_a_comparison_by_a_smaller_one_leaves_nothing_to_trip_over(
    folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    out = tmp_path / "split"
    shutil.copytree(folder, out)
    (out / "figures").mkdir()
    af.compare(crash(), [5], "none", out=out, progress=False, force=True)
    found = af.open(out)
    assert isinstance(found, Compared)
    assert list(found.runs) == ["full", "price_taking", "frozen"]
    assert found.full.seeds == (5,)


def test_a_comparison_that_cannot_be_read_is_refused(
    folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    out = tmp_path / "split"
    shutil.copytree(folder, out)
    shutil.rmtree(out / "frozen")
    with pytest.raises((InputError, DamagedRun)):
        af.open(out)


WORDS = ["calm_market", "--seeds", "0:2", "--channels", "none", "--quiet"]


def test_what_exists_is_left_alone(
    folder: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashes(folder)
    assert cli.main(["compare", *WORDS, "--out", str(folder)]) == 3
    assert "--force" in capsys.readouterr().err
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("mine")
    assert cli.main(["compare", *WORDS, "--out", str(foreign), "--force"]) == 3
    assert "no comparison of Aftershock" in capsys.readouterr().err
    assert [path.name for path in foreign.iterdir()] == ["letter.txt"]
    assert hashes(folder) == before


def test_figures_of_a_comparison_stand_in_its_folder(
    folder: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "split"
    shutil.copytree(folder, out)
    assert cli.main(["figures", str(out), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    made = {pathlib.Path(path).relative_to(out).as_posix() for path in written}
    drawn = names(af.open(out))
    assert drawn == ["channels", "split"]
    assert made == {f"figures/{name}.{end}" for name in drawn for end in ("csv", "pdf", "png")}
    assert isinstance(af.open(out), Compared), "figures beside the runs are no run"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, compiled_engine: None) -> pathlib.Path:
    """Runs of one seed with and without a channel, of another seed, and of other prices."""
    place = tmp_path_factory.mktemp("runs")
    other_prices = crash({"assets.ETH.volatility_per_year": 0.9})
    for name, scenario, seed in (
        ("one", crash(), 0),
        ("other", crash().without("oracle_lag"), 0),
        ("seed", crash(), 1),
        ("prices", other_prices, 0),
    ):
        af.run(scenario, seed, out=place / name, progress=False)
    return place


def test_two_runs_stand_side_by_side(
    runs: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["compare", str(runs / "one"), str(runs / "other"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    name = "losses.system.loss_at_worst_fraction"
    for key, run in (("one", "one"), ("other", "other")):
        summary = json.loads((runs / run / "summary.json").read_text())
        assert (
            document["numbers"][name][key] == summary["losses"]["system"]["loss_at_worst_fraction"]
        )
    assert cli.main(["compare", str(runs / "one"), str(runs / "other")]) == 0
    said = capsys.readouterr().out
    assert re.search(r"Loss of the system at worst +\d+\.\d %  +\d+\.\d %\n", said)
    assert re.search(r"Came to rest +(yes|no)  +(yes|no)\n", said)


@pytest.mark.parametrize(
    ("other", "hint"), [("seed", "one has seed 0, the other 1"), ("prices", "prices differ")]
)
def test_runs_of_other_draws_are_refused(
    runs: pathlib.Path, capsys: pytest.CaptureFixture[str], other: str, hint: str
) -> None:
    assert cli.main(["compare", str(runs / "one"), str(runs / other)]) == 2
    assert hint in capsys.readouterr().err


def test_a_run_and_an_ensemble_are_no_pair(
    runs: pathlib.Path, folder: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["compare", str(runs / "one"), str(folder / "full")]) == 2
    assert "expected two runs or two ensembles" in capsys.readouterr().err


def test_ensembles_of_other_seeds_are_refused(
    folder: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    af.ensemble(crash(), "1:3", out=tmp_path / "many", progress=False)
    assert cli.main(["compare", str(folder / "full"), str(tmp_path / "many")]) == 2
    assert "only the same draws can be paired" in capsys.readouterr().err

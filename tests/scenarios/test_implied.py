"""A market_implied path: its fundamental leads the median market through its points, whatever the seed.

The stage is a fast crash of forty minutes on a small population, deep enough in debt to move the market.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from analysis.calibration import facts, remark
from analysis.cli import main
from scenarios import implied
from scenarios.calibrate import MOST_POINTS, Target
from scenarios.grid import Grid
from scenarios.implied import implied_paths, resolved, sought
from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from scenarios.streams import stream
from sim.errors import InputError
from sim.world import state_hash

ETH = [[0.0, 194.97], [0.2, 160.0], [0.4, 120.0], [0.7, 150.0]]
BTC = [[0.0, 7913.42], [0.3, 6000.0], [0.7, 6500.0]]
SMALL = {
    "time.horizon_blocks": 210,
    "time.burn_in_blocks": 20,
    "time.settle_blocks": 0,
    "shocks.eth_path.anchors": ETH,
    "shocks.btc_path.anchors": BTC,
    "shocks.congestion.start_seconds": 600.0,
    "shocks.congestion.ramp_seconds": 300.0,
    "shocks.congestion.duration_seconds": 1500.0,
    "assets.ETH.depth_usd": 5e8,
}
SEEDS = 3


def crash(**changes: Any) -> Scenario:
    """The stage, calibrated on three seeds."""
    preset = load(
        "black_thursday_2020"
    )  # twelve rows a cohort: larger ones, so that each moves more
    rows = {f"cohorts.{cohort.name}.n_rows": 12 for cohort in preset.cohorts}
    paths = {f"shocks.{name}.calibration_seeds": SEEDS for name in ("eth_path", "btc_path")}
    return load("black_thursday_2020", changes={**SMALL, **rows, **paths, **changes})


def fundamental(scenario: Scenario, **anchors: Any) -> Scenario:
    """The stage with fundamental paths written down by hand."""
    changes: dict[str, Any] = {}
    for name, path in anchors.items():
        changes[f"shocks.{name}.kind"] = "fundamental"
        changes[f"shocks.{name}.anchors"] = [list(anchor) for anchor in path]
    return scenario.with_(**changes)


def median_market(scenario: Scenario, asset: str, hours: list[float]) -> list[float]:
    """From the recorded blocks of one run a calibration seed; block k ends slot k + 1."""
    paths = []
    for k in range(SEEDS):
        simulation = Simulation(scenario, stream(f"calibration.{k}"))
        place = simulation.block_columns.index(f"market_price_usd.{asset}")
        blocks = []
        while not simulation.is_done:
            simulation.run()
            blocks.append(simulation.drain().blocks)
        whole = np.concatenate(blocks)
        seconds = whole[:, simulation.block_columns.index("seconds")]
        paths.append([whole[np.argmin(np.abs(seconds - 3600.0 * hour)), place] for hour in hours])
    return np.median(np.array(paths), axis=0).tolist()


@pytest.mark.usefixtures("compiled_engine")
def test_the_median_market_path_passes_through_the_points_within_the_gap_that_is_told():
    scenario = crash()
    eth, btc = implied_paths(scenario)
    assert (eth.shock.asset, btc.shock.asset) == ("ETH", "BTC")
    by_hand = fundamental(scenario, eth_path=eth.anchors, btc_path=btc.anchors)
    naive = fundamental(scenario, eth_path=ETH, btc_path=BTC)
    for path, asked in ((eth, ETH), (btc, BTC)):
        hours = [hour for hour, _ in asked[1:]]
        asked_usd = np.array([usd for _, usd in asked[1:]])
        gap = np.array(median_market(by_hand, path.shock.asset, hours)) / asked_usd - 1.0
        assert gap.tolist() == pytest.approx(path.gap_fraction[1:], abs=1e-12)
        assert abs(gap).max() <= abs(path.largest_gap[0]) <= 0.01
        assert path.is_found
    # And there was something to find: the same points as fundamental lead far below.
    assert median_market(naive, "ETH", [0.7])[0] < 0.93 * 150.0
    assert all(usd > asked for (_, usd), (_, asked) in zip(eth.anchors[1:], ETH[1:], strict=True))


@pytest.mark.usefixtures("compiled_engine")
def test_without_impact_the_fundamental_is_the_market():
    deep = {"assets.ETH.depth_usd": 1e15, "assets.BTC.depth_usd": 1e15}
    for path, asked in zip(implied_paths(crash(**deep)), (ETH, BTC), strict=True):
        assert [hour for hour, _ in path.anchors] == [hour for hour, _ in asked]
        assert [usd for _, usd in path.anchors] == pytest.approx(
            [usd for _, usd in asked], rel=1e-6
        )
        assert abs(path.largest_gap[0]) < 1e-6


@pytest.mark.usefixtures("compiled_engine")
def test_every_seed_is_given_the_same_points_and_the_same_seed_the_same_bits():
    scenario = crash()
    (eth, _) = implied_paths(scenario)
    first = 20  # rows of the burn-in
    hashes = []
    for seed in (1, 2, 1):
        simulation = Simulation(scenario, seed)
        fundamental_usd = simulation.world.clock.fundamental_price_usd[:, 0]
        for hour, usd in eth.anchors:
            row = first + math.floor(hour * 3600.0 / 13.0 + 0.5)
            assert fundamental_usd[row] == usd
        simulation.run(100)
        hashes.append(state_hash(simulation.world))
        implied._find.cache_clear()  # and found anew it is the same
    assert hashes[0] == hashes[2] != hashes[1]


@pytest.mark.usefixtures("compiled_engine")
def test_runs_that_differ_in_a_channel_alone_share_the_fundamental_path():
    """Else what a channel does to a loss would be mixed up with another shock."""
    whole = crash()
    paths = [
        Simulation(one, 3).world.clock.fundamental_price_usd.tobytes()
        for one in (whole, whole.without("outside_impact"), whole.price_taking(), whole.frozen())
    ]
    assert len(set(paths)) == 1


@pytest.mark.usefixtures("compiled_engine")
def test_resolved_is_the_same_run_without_a_calibration():
    scenario = crash()
    same = resolved(scenario)
    assert {shock.kind for shock in same.shocks if hasattr(shock, "kind")} == {"fundamental"}
    assert resolved(same) is same
    ends = []
    for one in (scenario, same):
        simulation = Simulation(one, 7)
        simulation.run(100)
        ends.append(state_hash(simulation.world))
    assert ends[0] == ends[1]


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("key", ["calibration_seeds", "calibration_rounds"])
def test_how_it_is_calibrated_changes_what_is_found(key):
    told = {"calibration_seeds": SEEDS + 1, "calibration_rounds": 2}[key]
    other = crash(**{f"shocks.eth_path.{key}": told, f"shocks.btc_path.{key}": told})
    assert implied_paths(other)[0].anchors != implied_paths(crash())[0].anchors


@pytest.mark.usefixtures("compiled_engine")
def test_a_gap_that_is_too_large_is_said_plainly():
    keys = {"calibration_rounds": 1, "max_gap_fraction": 0.01}
    hasty = crash(
        **{f"shocks.{p}.{k}": v for p in ("eth_path", "btc_path") for k, v in keys.items()}
    )
    told = facts(hasty)
    assert not told[0]["is_found"]
    assert told[0]["largest_gap_fraction"] < -0.01
    assert "NOT FOUND: more than the 1.00 % allowed" in remark(told)
    assert "NOT FOUND" not in remark(facts(crash()))


@pytest.mark.usefixtures("compiled_engine")
def test_a_run_folder_tells_what_was_found_and_gives_the_same_bytes_again(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = crash()
    (tmp_path / "crash.toml").write_text(scenario.to_toml())
    for name, told in (
        ("first", tmp_path / "crash.toml"),
        ("again", tmp_path / "first/scenario.toml"),
    ):
        assert main(["run", str(told), "--seed", "7", "--out", str(tmp_path / name)]) == 0
        said = capsys.readouterr()
        assert "Calibrating the market_implied path of ETH, BTC: 4 rounds x 3 seeds ..." in said.err
        assert "Calibrated  largest gap between the median market path" in said.out
    first, again = (
        {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (tmp_path / name).iterdir()
            if path.is_file() and path.name != "timing.json"
        }
        for name in ("first", "again")
    )
    assert first == again
    (eth, _) = json.loads((tmp_path / "first" / "summary.json").read_text())["implied"]
    found = implied_paths(scenario)[0]
    assert [point["fundamental_usd"] for point in eth["points"]] == [
        usd for _, usd in found.anchors
    ]
    assert [point["gap_fraction"] for point in eth["points"]] == list(found.gap_fraction)
    assert [point["market_usd"] for point in eth["points"]] == [usd for _, usd in ETH]


def test_checking_a_scenario_calibrates_nothing():
    before = implied._find.cache_info().misses
    assert main(["check", "black_thursday_2020"]) == 0
    assert implied._find.cache_info().misses == before


TINY = """
from tests.scenarios.test_implied import crash
from scenarios.implied import implied_paths
few = {f"cohorts.{c.name}.n_rows": 3 for c in crash().cohorts}
keys = {"calibration_seeds": 1, "calibration_rounds": 2}
few |= {f"shocks.{p}.{k}": v for p in ("eth_path", "btc_path") for k, v in keys.items()}
few |= {"time.horizon_blocks": 30, "time.burn_in_blocks": 5}
few |= {"shocks.eth_path.anchors": [[0, 194.97], [0.05, 160], [0.1, 120]]}
few |= {"shocks.congestion.start_seconds": 60.0}
for path in implied_paths(crash(**few)):
    print(repr((path.anchors, path.median_usd)))
"""


@pytest.mark.usefixtures("compiled_engine")
def test_it_is_the_same_without_the_compiler():
    root = pathlib.Path(__file__).resolve().parents[2]
    said = [
        subprocess.run(
            [sys.executable, "-c", TINY], cwd=root, check=True, timeout=120, text=True,
            capture_output=True, env={**os.environ, "NUMBA_DISABLE_JIT": off},
        ).stdout
        for off in ("0", "1")
    ]  # fmt: skip
    assert said[0] == said[1]
    assert "(0.1, 120.0)" not in said[0]  # something was moved


@pytest.mark.parametrize("kind", ["fundamental", "market"])
def test_only_a_calibrated_path_has_keys_of_a_calibration(kind):
    told = load("black_thursday_2020", [f"shocks.eth_path.kind={kind}"])
    assert "calibration_seeds" not in told.resolved()["shocks"][0]
    with pytest.raises(
        InputError, match=f"kind '{kind}' is not calibrated: only 'market_implied' uses"
    ):
        load(
            "black_thursday_2020",
            [f"shocks.eth_path.kind={kind}", "shocks.eth_path.calibration_rounds=2"],
        )


# ---------------------------------------------------------------- recorded prices


def recorded(tmp_path: pathlib.Path, header: str, rows: list[str]) -> Target:
    """The target of a path from a file of minutes, on the stage without burn-in."""
    path = tmp_path / "prices.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    scenario = load(
        "black_thursday_2020",
        ["time.start=2020-03-12T01:00:00Z", "time.horizon_blocks=500", "time.burn_in_blocks=0",
         "time.settle_blocks=0", "shocks.congestion.start=0 h", "shocks.congestion.ramp=1 min",
         "shocks.congestion.duration=1 h", f"shocks.eth_path.file={path}"],
        changes={"shocks.btc_path.anchors": [[0, 7913.42], [1, 7900.0]]},
    )  # fmt: skip
    (eth, _) = sought(scenario)
    return Target.of(eth, Grid.of(scenario.time))


def minute(k: int) -> str:
    return f"2020-03-12T{1 + k // 60:02d}:{k % 60:02d}:00Z"


def test_of_many_closes_fifty_are_calibrated_and_the_others_move_along(tmp_path):
    closes = [200.0 - 0.1 * k for k in range(140)]  # 140 minutes; the run ends after 108
    rows = [f"{minute(k)},{close}" for k, close in enumerate(closes)]
    target = recorded(tmp_path, "timestamp,close", rows)
    assert [usd for _, usd in target.anchors] == closes[: len(target.anchors)]
    assert len(target.rows) == MOST_POINTS
    assert target.calibrated[0] == 0
    assert target.rows[-1] <= 500
    by = [0.001 * place for place in target.calibrated]  # a line, so that those between are on it
    for place, (_, usd) in enumerate(target.moved(by)):
        last = min(place, target.calibrated[-1])  # after the run the last move stays
        assert usd == pytest.approx(closes[place] * math.exp(0.001 * last), rel=1e-12)
    assert target.is_fixed == (True, *(False,) * (MOST_POINTS - 1))


def test_bars_are_calibrated_at_their_first_open_and_their_closes(tmp_path):
    rows = [f"{minute(10 * k)},{200 - k},{250},{100},{199 - k}" for k in range(9)]
    target = recorded(tmp_path, "timestamp,open,high,low,close", rows)
    assert [usd for _, usd in target.anchors] == [200.0 - k for k in range(10)]
    assert [hour * 6 for hour, _ in target.anchors] == pytest.approx(range(10), abs=0.02)

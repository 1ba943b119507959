"""An ensemble is its members: their own runs, all of them, each drawn differently, in order."""

from __future__ import annotations

import math
import pathlib
from typing import Any

import numpy as np
import pytest

import aftershock as af
from analysis import ensemble_member, ensemble_plan, execute
from analysis.ensemble import Ensemble
from analysis.ensemble_numbers import flat, schema_of, wide
from analysis.ensemble_seeds import seeds_of, seeds_text
from scenarios.simulation import Simulation
from sim.errors import AftershockError, DamagedRun, InputError
from tests.analysis.small_ensemble import crash, hashes, run

pytestmark = pytest.mark.usefixtures("compiled_engine")


@pytest.fixture(scope="module")
def many(compiled_engine: None) -> Ensemble:
    return run("3:9", workers=2)


@pytest.mark.parametrize("seed", [3, 7])
def test_a_member_is_the_run_of_its_seed(many: Ensemble, seed: int) -> None:
    summary = af.run(crash(), seed=seed, progress=False).summary
    row = many.members.filter(seed=seed).collect().to_dicts()[0]
    expected = flat(summary)
    assert len(expected) > 100
    assert {name: row[name] for name in expected} == expected
    assert row["liquidations.positions_liquidated"] > 0


def test_a_log_that_fills_up_changes_no_number(
    many: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble_member, "STRETCH", 7)
    before = ensemble_member.run_member(crash(), 3, 1)

    def cramped(sim: Simulation) -> None:
        sim.world = sim.world._replace(
            log=sim.world.log._replace(blocks=np.zeros((11, sim.world.log.blocks.shape[1])))
        )

    monkeypatch.setattr(ensemble_member, "_give_room", cramped)
    after = ensemble_member.run_member(crash(), 3, 1)
    assert after.numbers == before.numbers
    assert (after.path == before.path).all()


def test_paths_are_those_of_the_run_and_sums_miss_nothing(many: Ensemble) -> None:
    one = af.run(crash(), seed=4, progress=False)
    told = run([4], paths_every_blocks=50).paths.collect()
    assert told["block"].to_list() == [0, 50, 100, 119]
    blocks = one.blocks.collect().filter(block=100)
    cohorts = one.cohorts.collect()
    at = told.filter(block=100).to_dicts()[0]
    for name in ("base_fee_gwei", "fundamental_price_usd.BTC", "oracle_price_usd.eth_usd"):
        assert at[name] == blocks[name][0]
    assert at["nav_usd.eth_loop"] == cohorts.filter(block=100, cohort="eth_loop")["nav_usd"][0]
    repaid_usd = one.summary["liquidations"]["debt_repaid_usd"]
    assert repaid_usd > 0.0
    assert math.isclose(told["debt_repaid_usd"][-1], repaid_usd, rel_tol=1e-12)
    assert len(many.paths.collect()) == 6 * 120


def test_every_member_has_draws_of_its_own(many: Ensemble) -> None:
    members = many.members.collect()
    assert members["seed"].to_list() == [3, 4, 5, 6, 7, 8] == list(many.seeds)
    assert members["prices_sha256"].n_unique() == members["birth_sha256"].n_unique() == 6


def test_an_engine_that_forgets_the_seed_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(Simulation):
        def __init__(self, scenario: Any, seed: int) -> None:
            super().__init__(scenario, seed % 3)

    monkeypatch.setattr(execute, "engine", lambda: Forgetful)
    with pytest.raises(AftershockError, match="seeds 0 and 3 drew the same fundamental prices"):
        run(4)


def test_prices_that_nobody_draws_may_be_the_same() -> None:
    still = {f"assets.{name}.volatility_per_year": 0.0 for name in ("ETH", "BTC")}
    members = run(3, crash(still)).members.collect()
    assert members["prices_sha256"].n_unique() == 1
    assert members["birth_sha256"].n_unique() == 3


def test_a_reason_that_a_member_lacks_counts_none_and_a_number_is_undefined() -> None:
    row = {"prices_sha256": "", "birth_sha256": ""}
    rows = [
        {"seed": 0, **row, "numbers": '{"a": null, "b.failures_by_reason.late": 2, "t": null}'},
        {"seed": 1, **row, "numbers": '{"a": 1, "c": 0.5, "t.x": 1.5, "yes": true}'},
    ]
    frame = wide(rows, schema_of(rows)).drop("prices_sha256", "birth_sha256")
    assert frame.to_dicts() == [
        {"seed": 0, "a": None, "b.failures_by_reason.late": 2, "c": None, "t.x": None, "yes": None},
        {"seed": 1, "a": 1, "b.failures_by_reason.late": 0, "c": 0.5, "t.x": 1.5, "yes": True},
    ]


@pytest.mark.parametrize(
    ("given", "seeds"),
    [
        (3, (0, 1, 2)),
        (range(5, 9, 2), (5, 7)),
        ([4, np.int64(2)], (2, 4)),
        ("0:3,7", (0, 1, 2, 7)),
    ],
)
def test_seeds_may_be_said_in_four_ways(given: Any, seeds: tuple[int, ...]) -> None:
    assert seeds_of(given) == seeds == seeds_of(seeds_text(seeds))


@pytest.mark.parametrize(
    "given", ["0:10,5:15", [1, 2, 1], 0, -3, True, "", "9:3", "a:b", [1.5], [-1], [2**63], 10**9]
)
def test_seeds_that_overlap_or_are_none_are_refused(given: Any) -> None:
    with pytest.raises(InputError, match="seeds"):
        run(given)


@pytest.mark.parametrize(
    ("how", "hint"),
    [
        ({"workers": 0}, "workers"),
        ({"executor": "thread"}, "Did you mean 'threads'"),
        ({"paths_every_blocks": 0}, "paths_every_blocks"),
    ],
)
def test_settings_that_are_none_are_refused(how: dict[str, Any], hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        run(2, **how)


def test_an_ensemble_that_does_not_fit_on_the_disk_is_refused(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        free = 100_000

    monkeypatch.setattr(ensemble_plan.shutil, "disk_usage", lambda place: Full)
    with pytest.raises(InputError, match=r"200 seeds need about .* and 100 kB are free"):
        run(200, out=tmp_path / "many")
    assert not list(tmp_path.iterdir())


def test_the_estimate_is_of_the_right_size(tmp_path: pathlib.Path) -> None:
    run(12, out=tmp_path / "many")
    plan = ensemble_plan.Plan(crash(), seeds_of(12), None, 1, None, execute.Progress(False))
    tables = [path.stat().st_size for path in (tmp_path / "many").glob("*.parquet")]
    assert 0.3 < sum(tables) / plan.n_bytes < 1.5


def test_a_folder_opens_as_what_it_holds(tmp_path: pathlib.Path) -> None:
    written, kept = run(3, out=tmp_path / "many"), run(3)
    opened = af.open(tmp_path / "many")
    assert isinstance(opened, af.Ensemble)
    for name in ("members", "paths"):
        assert opened.table(name).collect().equals(kept.table(name).collect())
    assert opened.told == written.told == kept.told
    assert opened.scenario.scenario_hash == crash().scenario_hash
    af.run(crash(), 1, tmp_path / "one", progress=False)
    assert isinstance(af.open(tmp_path / "one"), af.Run)
    with pytest.raises(InputError, match="Did you mean 'many'"):
        af.open(tmp_path / "manny")


def test_one_flipped_bit_is_not_read(tmp_path: pathlib.Path) -> None:
    many = run(3, out=tmp_path / "many")
    path = tmp_path / "many" / "members.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedRun, match="SHA-256"):
        many.members.collect()


def test_its_scenario_file_gives_the_same_bytes(tmp_path: pathlib.Path) -> None:
    run(3, out=tmp_path / "many")
    run(3, af.scenario(tmp_path / "many" / "scenario.toml"), out=tmp_path / "again")
    assert hashes(tmp_path / "again") == hashes(tmp_path / "many")

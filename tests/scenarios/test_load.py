"""From a name or a file to a scenario: extending, overriding, writing out, naming by content."""

from __future__ import annotations

import datetime
import pathlib
import pickle
import random
import tomllib
from typing import Any

import pytest

from agents.parameters import Distribution, uniform
from scenarios.load import load, loads, presets, scenario_from
from scenarios.read import Layer, layers, preset_names
from scenarios.schema import Scenario
from scenarios.write import toml
from sim.errors import InputError


def cohort(scenario: Scenario, name: str) -> Any:
    return next(cohort for cohort in scenario.cohorts if cohort.name == name)


def test_presets_have_a_title_and_a_question() -> None:
    told = {name: (title, question) for name, title, question in presets()}
    assert {"calm_market", "black_thursday_2020"} <= set(told)
    assert all(title and question.endswith("?") for title, question in told.values())
    assert "what-if" in told["black_thursday_2020"][0]
    for name, (title, _) in told.items():
        assert load(name).title == title


@pytest.mark.parametrize("name", preset_names())
def test_the_resolved_file_is_the_same_scenario(name: str) -> None:
    scenario = load(name)
    again = loads(scenario.to_toml())
    assert again == scenario
    assert again.resolved() == scenario.resolved()
    assert again.scenario_hash == scenario.scenario_hash
    assert again.to_toml() == scenario.to_toml()
    assert pickle.loads(pickle.dumps(scenario)) == scenario


@pytest.mark.parametrize("name", preset_names())
def test_the_order_of_keys_and_the_prose_do_not_name_a_scenario(name: str) -> None:
    scenario, rng = load(name), random.Random(7)

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            keys = rng.sample(sorted(value), len(value))
            return {key: shuffled(value[key]) for key in keys}
        return [shuffled(part) for part in value] if isinstance(value, list) else value

    mixed = scenario_from([Layer("x", shuffled(tomllib.loads(scenario.to_toml())))])
    assert mixed.scenario_hash == scenario.scenario_hash
    prose = {"title": "Another", "question": "Why?", "sources": [], "cohorts.*.description": "x"}
    assert scenario.with_(**prose).scenario_hash == scenario.scenario_hash
    assert scenario.with_(**prose) != scenario
    assert scenario.with_(**{"time.burn_in_blocks": 151}).scenario_hash != scenario.scenario_hash


def test_extends_merges_by_name_in_order_of_declaration(tmp_path: pathlib.Path) -> None:
    parent, child = load("calm_market"), load("black_thursday_2020")
    assert [c.name for c in child.cohorts] == [c.name for c in parent.cohorts]
    assert child.assets[0].price_usd == 194.97
    assert child.assets[0].half_life_seconds == parent.assets[0].half_life_seconds
    assert child.time.horizon_blocks == 8308  # 30 h of 13 s
    path = tmp_path / "mine.toml"
    path.write_text(
        'schema = 1\nextends = "black_thursday_2020"\nremove = ["shocks.btc_path"]\n'
        '[[shocks]]\nname = "depeg"\nshock = "price_gap"\nasset = "USDC"\nsize = "-8 %"\n'
        '[[shocks]]\nname = "congestion"\nmultiple = 3\n'
        '[[feeds]]\nname = "eth_usd"\ndelay_seconds = 60\n',
        encoding="utf-8",
    )
    mine = load(path)
    assert [shock.name for shock in mine.shocks] == ["eth_path", "congestion", "depeg"]
    assert mine.shocks[1].multiple == 3.0  # type: ignore[attr-defined]
    assert mine.shocks[2].size_fraction == -0.08  # type: ignore[attr-defined]
    assert mine.feeds[0].delay_seconds == 60  # replaces the parent's delay = "10 min"
    assert mine.feeds[1].delay_seconds == 600


def test_a_choice_drops_what_only_the_other_choice_uses(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "parent.toml"
    path.write_text(
        'schema = 1\nextends = "calm_market"\n[[chains]]\nname = "main"\ngas_target = 10e6\n'
    )
    assert load(path).chains[0].gas_target == 10e6
    assert load("calm_market").chains[0].gas_target == 15e6  # half the limit
    first_price = load(path, ["chains.main.fee_market=first_price"])
    assert "gas_target" not in first_price.resolved()["chains"][0]
    assert load(path, ["chains.main.fee_market=eip1559"]).chains[0].gas_target == 10e6
    fixed = load("calm_market", changes={"feeds.usdc_usd": {"mode": "fixed", "fixed_price_usd": 1}})
    told = fixed.resolved()["feeds"][2]
    assert "heartbeat_seconds" not in told
    assert told["fixed_price_usd"] == 1.0
    assert loads(fixed.to_toml()) == fixed
    push = fixed.with_(**{"feeds.usdc_usd.mode": "push"})
    assert push.feeds[2].fixed_price_usd is None
    assert push.feeds[2].heartbeat_seconds == 3600.0


def test_a_key_can_be_removed_in_either_spelling() -> None:
    lenders = {"cohorts.usdc_lenders.tvl": "500 M USD"}
    for key in ("utilisation", "utilisation_fraction"):
        removed = load("calm_market", changes={"remove": [f"reserves.core_usdc.{key}"], **lenders})
        assert cohort(removed, "usdc_lenders").tvl_usd == 500e6
        assert "utilisation_fraction" not in removed.resolved()["reserves"][2]
        assert loads(removed.to_toml()) == removed
    plain = load("calm_market", changes={"remove": ["feeds.eth_usd.deviation_fraction"]})
    assert plain.feeds[0].deviation_fraction == 0.005  # the default


def test_extends_is_relative_to_the_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "base.toml").write_text('schema = 1\nextends = "calm_market"\ntitle = "Base"\n')
    (tmp_path / "deep" / "leaf.toml").write_text('schema = 1\nextends = "../base.toml"\n')
    assert load(tmp_path / "deep" / "leaf.toml").title == "Base"
    assert load(tmp_path / "deep" / "leaf.toml").name == "leaf"


def test_overrides_of_the_command_line() -> None:
    told = [
        "cohorts.eth_loop.target_health=1.5",
        "cohorts.eth_cppi.band.low=2 %",
        "cohorts.eth_cppi.tvl=1 M USD",
        "shocks.congestion.start=10 min",
        "time.horizon=20 min",
        "feeds.*.delay=1 h",
        "shocks.eth_path.kind=market",
        "chains.main.gas_limit=12e6",
        "time.start=2020-03-12T02:00:00+01:00",
        "title=Mine",
    ]
    scenario = load("black_thursday_2020", told)
    assert cohort(scenario, "eth_loop").parameters["target_health"] == Distribution(
        "constant", 1.5, 1.5, 1.5
    )
    assert cohort(scenario, "eth_cppi").parameters["band_fraction"] == uniform(0.02, 0.05)
    assert cohort(scenario, "eth_cppi").tvl_usd == 1e6
    assert scenario.time.horizon_blocks == 93  # 1200 s of 13 s, rounded up
    assert [feed.delay_seconds for feed in scenario.feeds] == [3600.0] * 3
    assert scenario.shocks[0].kind == "market"  # type: ignore[attr-defined]
    assert scenario.time.start == "2020-03-12T01:00:00Z"
    assert scenario.title == "Mine"
    assert loads(scenario.to_toml()) == scenario


def test_with_gives_another_scenario_and_leaves_this_one() -> None:
    calm = load("calm_market")
    before = calm.resolved()
    other = calm.with_(time={"horizon_blocks": 100}, oracle={"delay": "1 h"})
    other = other.with_(**{"cohorts.eth_loop.target_health": uniform(1.3, 1.4)})
    other = other.with_(cohorts={"eth_cppi": {"n_rows": 5}})
    other = other.with_(
        shocks=[{"name": "gap", "shock": "price_gap", "asset": "ETH", "size": "-30 %"}]
    )
    assert calm.resolved() == before
    assert other.time.horizon_blocks == 100
    assert {feed.delay_seconds for feed in other.feeds} == {3600.0}
    assert cohort(other, "eth_loop").parameters["target_health"] == uniform(1.3, 1.4)
    assert cohort(other, "eth_cppi").n_rows == 5
    assert other.shocks[0].name == "gap"
    assert other.with_(remove=["shocks.gap"]).shocks == ()
    assert load("calm_market", changes={"time": {"horizon_blocks": 100}}).time.horizon_blocks == 100
    moment = datetime.datetime(2020, 3, 12, 1, tzinfo=datetime.UTC)
    assert calm.with_(**{"time.start": moment}).time.start == "2020-03-12T01:00:00Z"
    assert calm.with_(**{"time.start": "2024-02-01T00:00:00Z"}) == calm
    with pytest.raises(InputError, match="with_: time.horizon_block = 3"):
        calm.with_(time={"horizon_block": 3})


def test_a_name_with_dots_can_be_set() -> None:
    row = {"name": "v1.2", "shock": "price_gap", "asset": "ETH", "size": "-30 %"}
    scenario = load("calm_market", changes={"shocks": [row, {**row, "name": "v1"}]})
    assert scenario.with_(**{"shocks.v1.2.start_seconds": 5}).shocks[0].start_seconds == 5


def test_python_loads_what_text_says() -> None:
    text = 'schema = 1\nextends = "calm_market"\ntitle = "From text \\u00e9 \\u007f"\n'
    scenario = loads(text)
    assert scenario.title == "From text \u00e9 \x7f"
    assert loads(scenario.to_toml()).title == scenario.title


def test_the_writer_reads_back() -> None:
    tables = {
        "a": 'quote " back \\ line \n tab \t \x01 \x7f \u00e9 \U0001f30a',
        "b": [1, 2.5, 1e300, -0.0, True],
        "weird key": 1,
        "t": {"x": {"y": 1}, "none": None},
        "rows": [{"name": "n", "law": {"low": 1e-9}}, {"name": "m"}],
        "empty": [],
    }
    back = tomllib.loads(toml(tables))
    del tables["t"]["none"]  # type: ignore[attr-defined]
    assert back == tables


def test_layers_stand_oldest_first() -> None:
    told = layers("black_thursday_2020")
    assert [pathlib.Path(layer.source).stem for layer in told] == [
        "calm_market",
        "black_thursday_2020",
    ]

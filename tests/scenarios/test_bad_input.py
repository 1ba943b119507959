"""Every bad input is answered with one line that names file, key, value and the nearest right name."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from typing import Any

import pytest

from scenarios.read import PRESETS, Layer, layers, preset_names
from scenarios.write import toml
from tests.scenarios.refusals import extended, refused, written

ROOT = pathlib.Path(__file__).resolve().parents[2]


# ------------------------------------------------------------------------- names of things


@pytest.mark.parametrize(
    "override, near, told",
    [
        ("cohorts.eth_loop.asset=ETX", "ETH", "unknown asset"),
        ("cohorts.eth_loop.strategy=leverage_loop", "leveraged_loop", "no such strategy"),
        ("cohorts.eth_loop.market=cor", "core", "unknown market"),
        ("cohorts.eth_loop.target_helth=1.2", "target_health", "no parameter 'target_helth'"),
        ("cohorts.eth_lop.target_health=1.2", "eth_loop", "no table of cohorts"),
        ("cohort.eth_loop.target_health=1.2", "cohorts", "no key 'cohort'"),
        ("cohorts.eth_usdc_providers.pool=eth_usdd", "eth_usdc", "unknown pool"),
        ('cohorts.eth_loop.pools=["eth_usdx"]', "eth_usdc", "unknown pool"),
        ("reserves.core_eth.feed=eth_usb", "eth_usd", "unknown feed"),
        ("reserves.core_eth.feed=btc_usd", "eth_usd", "is a feed of BTC"),
        ("chains.main.fee_market=eip1555", "eip1559", "expected one of"),
        ("chains.main.native_asset=ETHH", "ETH", "unknown asset"),
        ('pools.eth_usdc.tokens=["ETH", "USDX"]', "USDC", "unknown asset"),
        ("shocks.congestion.chain=mian", "main", "unknown chain"),
        ("shocks.congestion.shock=gas_demnd", "gas_demand", "no such kind of shock"),
        ("shocks.eth_path.kind=fundamentl", "fundamental", "expected one of"),
        ("tim.horizon_blocks=10", "time", "no key 'tim'"),
        ("time.horizon_block=10", "horizon_blocks", "no such key"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(override: str, near: str, told: str) -> None:
    error = refused("black_thursday_2020", [override])
    assert error.nearest == near
    assert told in str(error)
    assert override in str(error)  # the "file" is the option
    assert f"Did you mean '{near}'?" in str(error)


def test_an_unknown_preset_and_a_missing_file(tmp_path: pathlib.Path) -> None:
    assert refused("calm_markt").nearest == "calm_market"
    written(tmp_path, "schema = 1\n", "storm.toml")
    assert refused(tmp_path / "strom.toml").nearest == "storm.toml"
    assert "no such file" in str(refused("nowhere/at_all.toml"))
    assert "preset" in str(refused(""))
    assert "no preset" in str(refused("x" * 5000))


def test_a_key_that_the_strategy_does_not_use_is_refused_by_name() -> None:
    error = refused("calm_market", ["cohorts.usdc_lenders.multiplier=3"])
    assert "strategy 'lender' does not use 'multiplier'" in str(error)
    error = refused("calm_market", ["cohorts.eth_holders.max_slippage=1 %"])
    assert "strategy 'buy_and_hold' does not use 'max_slippage'" in str(error)


# ------------------------------------------------------------------------- text and structure


def test_a_key_that_stands_twice(tmp_path: pathlib.Path) -> None:
    error = refused(written(tmp_path, "schema = 1\n[time]\nslot_seconds = 12\nslot_seconds = 13\n"))
    assert "line 4: given twice" in str(error)
    assert error.key == "slot_seconds"
    assert "given twice" in str(
        refused(written(tmp_path, "schema = 1\n[time]\n[record]\n[time]\n"))
    )
    two = '[[cohorts]]\nname = "a"\n[[cohorts]]\nname = "a"\n'
    assert "two tables" in str(extended(tmp_path, two))


@pytest.mark.parametrize(
    "text, told",
    [
        (b'schema = 1\ntitle = "caf\xe9"\n', "line 2: byte 0xe9 is not UTF-8"),
        (b"\x00\x01\x02", "not valid TOML"),
        ("schema = 1\ntitle =\n", "line 2: not valid TOML"),
        ("schema = 1\ntitle = 'x\n", "not valid TOML"),
        ("x = " + "1" * 6000 + "\n", "not valid TOML"),
        ("x = " + "[" * 100_000, "nested far too deeply"),
        ("x = " + "[" * 20 + "]" * 20 + "\n", "levels deep"),
        ("x" + ".x" * 20_000 + " = 1\n", "levels deep"),
        ("x = " + "{ x = " * 300 + "1" + " }" * 300 + "\n", "deep"),
        ("# " + "x" * 300_000, "too large"),
        ("", "schema: is required"),
        ("schema = 2\n", "schema = 2"),
        ("schema = true\n", "schema = True"),
        ("schema = 1\n", "title: is required"),
        ("schema = 1\ncohorts = 3\n", "expected an array of tables"),
        ("schema = 1\n[cohorts]\nx = 1\n", "expected an array of tables"),
        ('schema = 1\n[[cohorts]]\nstrategy = "cppi"\n', "cohorts[1].name: is required"),
        ("schema = 1\ntime = 3\n", "expected a table"),
        ("schema = 1\nextends = 3\n", "expected the name of a preset"),
        ('schema = 1\nextends = "calm"\n', "no preset has this name"),
    ],
)
def test_text_that_is_no_scenario(tmp_path: pathlib.Path, text: str | bytes, told: str) -> None:
    path = written(tmp_path, text)
    assert told in str(refused(path))
    assert str(path) in str(refused(path))


def test_cyclic_extends(tmp_path: pathlib.Path) -> None:
    first = written(tmp_path, 'schema = 1\nextends = "b.toml"\n', "a.toml")
    written(tmp_path, 'schema = 1\nextends = "a.toml"\n', "b.toml")
    assert "cyclic: a.toml -> b.toml -> a.toml" in str(refused(first))
    itself = written(tmp_path, 'schema = 1\nextends = "c.toml"\n', "c.toml")
    assert "cyclic" in str(refused(itself))
    for step in range(40):
        written(tmp_path, f'schema = 1\nextends = "{step + 1}.toml"\n', f"{step}.toml")
    assert "files deep" in str(refused(tmp_path / "0.toml"))


def test_remove_of_nothing(tmp_path: pathlib.Path) -> None:
    assert extended(tmp_path, 'remove = ["cohorts.eth_lop"]\n').nearest == "cohorts.eth_loop"
    assert "expected a list" in str(extended(tmp_path, 'remove = "cohorts.eth_loop"\n'))
    error = extended(tmp_path, 'remove = ["feeds.eth_usd.heartbeet"]\n')
    assert error.nearest == "feeds.eth_usd.heartbeat"
    assert "name" in str(extended(tmp_path, 'remove = ["feeds.eth_usd.name"]\n'))


@pytest.mark.parametrize("text", ["", "=", "a", ".=1", "a..b=1", "=3"])
def test_overrides_that_are_none(text: str) -> None:
    assert "expected path=value" in str(refused("calm_market", [text]))


def test_a_name_or_a_whole_table_cannot_be_set() -> None:
    assert "a name cannot" in str(refused("calm_market", ["cohorts.eth_loop.name=x"]))
    assert "names a whole table" in str(refused("calm_market", ["cohorts.eth_loop=3"]))


def test_what_a_scenario_extends_is_said_in_its_file() -> None:
    assert "only a file extends" in str(refused("calm_market", ["extends=vault_run"]))
    assert "only a file extends" in str(refused("calm_market", extends="vault_run"))


def test_a_moment_is_shown_as_it_was_written() -> None:
    said = str(refused("calm_market", ["time.start=2020-03-12T01:00:00"]))
    assert "time.start = 2020-03-12T01:00:00: the time zone is missing" in said


def test_values_of_python_that_no_file_can_hold() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert "levels deep" in str(refused("calm_market", [], **{"time.start": deep}))
    assert "time.start" in str(refused("calm_market", time={"start": b"now"}))


def test_a_refusal_names_the_file_that_said_it(tmp_path: pathlib.Path) -> None:
    wrong = '[[cohorts]]\nname = "eth_cppi"\ntvl = "-1 USD"\n'
    parent = written(tmp_path, 'schema = 1\nextends = "calm_market"\n' + wrong, "p.toml")
    child = written(tmp_path, 'schema = 1\nextends = "p.toml"\n[time]\nhorizon = "1 h"\n', "c.toml")
    error = refused(child)
    assert error.file == str(parent)
    assert error.key == "cohorts.eth_cppi.tvl"


def test_nothing_heavy_is_loaded_to_refuse_or_to_accept() -> None:
    script = """
import sys
from scenarios.load import load, presets
from sim.errors import InputError
assert len(presets()) >= 2
assert "pydantic" not in sys.modules
load("black_thursday_2020").to_toml()
try:
    load("black_thursday_2020", ["time.horizn=3"])
except InputError:
    heavy = {"numba", "polars", "scipy", "mesa", "matplotlib", "seaborn", "pandas"}
    print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_presets_are_written_as_they_are_read() -> None:
    for name in preset_names():
        table = layers(name)[-1].table
        rewritten = Layer(name, dict(table))
        assert toml(rewritten.table).startswith("schema = 1")
        assert (PRESETS / f"{name}.toml").read_text(encoding="utf-8").isascii()

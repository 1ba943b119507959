"""Every bad input is answered with one line that names file, key, value and the nearest right name."""

from __future__ import annotations

import pathlib
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

from scenarios.build import build
from scenarios.load import load
from scenarios.read import PRESETS, Layer, layers, preset_names
from scenarios.write import toml
from sim.errors import InputError

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 1.0


def refused(name: Any, overrides: Sequence[str] = (), **changes: Any) -> InputError:
    """Load and expect one clear refusal, within a second."""
    begun = time.perf_counter()
    with pytest.raises(InputError) as caught:
        load(name, overrides, changes or None)
    assert time.perf_counter() - begun < SECONDS
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1200
    assert caught.value.exit_code == 2
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    return caught.value


def written(folder: pathlib.Path, text: str | bytes, name: str = "mine.toml") -> pathlib.Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def extended(folder: pathlib.Path, text: str) -> InputError:
    path = written(folder, 'schema = 1\nextends = "calm_market"\n' + text)
    error = refused(path)
    assert str(path) in str(error)
    return error


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


def test_values_of_python_that_no_file_can_hold() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert "levels deep" in str(refused("calm_market", [], **{"time.start": deep}))
    assert "time.start" in str(refused("calm_market", time={"start": b"now"}))


# ------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    "override, told",
    [
        ("cohorts.eth_loop.tvl_usd=nan", "finite"),
        ("cohorts.eth_loop.tvl_usd=inf", "finite"),
        ("cohorts.eth_loop.tvl_usd=1e999", "finite"),
        ("cohorts.eth_loop.tvl_usd=1" + "0" * 400, "finite"),
        ("cohorts.eth_loop.tvl_usd=-5", "greater than 0"),
        ("cohorts.eth_loop.tvl=-5 USD", "greater than 0"),
        ("cohorts.eth_loop.tvl_usd=true", "expected a number"),
        ("cohorts.eth_loop.tvl_usd=much", "expected a number"),
        ("cohorts.eth_loop.n_rows=0", "greater than or equal to 1"),
        ("cohorts.eth_loop.n_rows=2.5", "expected a whole number"),
        ("cohorts.eth_loop.n_rows=true", "expected a whole number"),
        ("cohorts.eth_loop.n_rows=1" + "0" * 30, "less than or equal"),
        ("cohorts.eth_loop.target_health=nan", "finite"),
        ("cohorts.eth_loop.target_health=0.9", "between 1.001 and 20"),
        ("cohorts.eth_loop.target_health=true", "expected a number"),
        ("cohorts.eth_loop.target_health=1" + "0" * 400, "finite"),
        ("cohorts.eth_loop.target_health.low=0.5", "between"),
        ("cohorts.eth_loop.target_health.low=3", "must not exceed high"),
        ('cohorts.eth_loop.target_health={distribution="unifrm",low=1.1,high=2}', "uniform"),
        ('cohorts.eth_loop.target_health={distribution="uniform",low=1.1}', "needs 'high'"),
        ('cohorts.eth_loop.target_health={distribution="uniform",low=1.1,hgh=2}', "'high'"),
        (
            'cohorts.eth_loop.target_health={distribution="normal",mean=9,std=0.1,low=1.1,high=2}',
            "nothing of this normal distribution",
        ),
        (
            'cohorts.eth_loop.target_health={distribution="normal",mean=1.5,std=0,low=1.1,high=2}',
            "greater than 0",
        ),
        (
            'cohorts.eth_loop.size={distribution="lognormal",median=-1,sigma=1,low=1,high=2}',
            "greater than 0",
        ),
        ("cohorts.eth_loop.size=[1, 2]", "expected a number"),
        ("cohorts.eth_loop.asset=USDC", "name a risky asset"),
        ("cohorts.eth_loop.asset=3", "expected text"),
        ("cohorts.eth_loop.attention=120 %", "less than or equal to 1"),
        ("cohorts.liquidators.bids_per_block={low=1}", "expected a number"),
        ("cohorts.liquidators.bids_per_block=100", "between 1 and 64"),
        ("cohorts.liquidators.outside_access=1", "expected true or false"),
        ('cohorts.eth_loop.pools=["btc_usdc"]', "does not trade ETH"),
        ('cohorts.eth_loop.pools=["eth_usdc", "eth_usdc"]', "names a pool twice"),
        ("assets.ETH.price_usd=0", "greater than 0"),
        ("assets.ETH.depth=0 USD", "greater than 0"),
        ("assets.ETH.is_cash=true", "exactly one asset must have is_cash"),
        ("assets.USDC.is_cash=false", "exactly one asset must have is_cash"),
        ("assets.ETH.decimals=18.0", "expected a whole number"),
        ('pools.eth_usdc.tokens=["USDC", "ETH"]', "trades against the cash"),
        ('pools.eth_usdc.tokens=["ETH"]', "pools.eth_usdc.tokens"),
        ("pools.eth_usdc.tokens=ETH", "expected a list"),
        ("reserves.core_eth.ltv=90 %", "exceeds threshold_fraction"),
        ("reserves.core_eth.bonus=30 %", "exceeds 1"),
        ("reserves.core_btc.asset=ETH", "is a feed of BTC"),
        ("reserves.core_usdc.utilisation=0 %", "utilisation_fraction is 0"),
        ("feeds.eth_usd.mode=fixed", "is required for mode 'fixed'"),
        ("feeds.eth_usd.fixed_price_usd=3", "does not use 'fixed_price_usd'"),
        ("time.start=2020-03-12T01:00:00", "time zone is missing"),
        ("time.start='yesterday'", "expected a moment"),
        ("time.start=0001-01-01T00:00:00+12:00", "range of dates"),
        ("time.slot_seconds=0", "greater than 0"),
        ("time.slot_seconds=true", "expected a number"),
        ("time.slot=zzz", "expected a duration"),
        ("time.horizon_blocks=0", "greater than or equal to 1"),
        ("time.horizon_blocks=10.5", "expected a whole number"),
        ("homogeneity.timing_fraction=1.5", "less than or equal to 1"),
        ("chains.main.gas_target=5e6", "only 'eip1559' uses 'gas_target'"),
        ("chains.main.base_fee=0 gwei", "greater than 0"),
        ("chains.main.demand_elasticity=0", "greater than or equal to 0.01"),
        ("assets.USDC.depth=1 bn USD", "the cash has no impact"),
        ("assets.USDC.permanent_fraction=0.5", "the cash has no impact"),
        ("assets.USDC.half_life=10 min", "the cash has no impact"),
        ("reserves.core_eth.slope1=3 % per year", "only the cash, USDC, can be borrowed"),
        ("reserves.core_eth.utilisation=5 %", "only the cash, USDC, can be borrowed"),
        ("reserves.core_usdc.ltv=75 %", "the cash is no collateral"),
        ("reserves.core_usdc.supply_cap=1 M USD", "the cash is no collateral"),
        ("cohorts.eth_cppi.gas_tank=9 USD", "pays gas from the asset itself"),
        ("cohorts.eth_balanced.gas_tank_usd=500.0", "pays gas from the asset itself"),
        ("cohorts.usdc_lenders.tvl=1 bn USD", "cohorts.usdc_lenders.tvl_usd already says"),
        ("shocks.congestion.start=31 h", "begins after the horizon"),
        ("shocks.eth_path.start=31 h", "begins after the horizon"),
        ("shocks.eth_path.anchors=[[0, 194.97]]", "at least two"),
        ("shocks.eth_path.anchors=[[1, 100.0], [0, 90.0]]", "times must increase"),
        ("shocks.eth_path.anchors=[[0, 100.0], [0, 90.0]]", "times must increase"),
        ("shocks.eth_path.anchors=[[0, 100.0], [1, -5.0]]", "greater than 0"),
        ("shocks.eth_path.anchors=[[0, 100.0, 3], [1, 5.0]]", "anchors"),
        ("shocks.eth_path.anchors=3", "expected a list"),
        ("shocks.eth_path.until=2020-03-12T01:00:00Z", "with a file only"),
        ("shocks.eth_path.asset=BTC", "price path of the same asset"),
        ("shocks.congestion.ramp=30 h", "exceeds duration_seconds"),
        ("shocks.congestion.multiple=0", "greater than 0"),
        ("title=3", "expected text"),
        ("sources=[3]", "expected text"),
    ],
)
def test_values_that_cannot_be(override: str, told: str) -> None:
    assert told in str(refused("black_thursday_2020", [override]))


THINNER = 'shock = "liquidity_withdrawal"\nasset = "ETH"\n'


@pytest.mark.parametrize(
    "shock, told",
    [
        ('shock = "price_gap"\nasset = "USDC"\nsize_fraction = -1.0', "greater than -1"),
        ('shock = "price_gap"\nasset = "USDC"', "size_fraction: is required"),
        ('shock = "price_gap"\nasset = "USDX"\nsize = "-8 %"', "'USDC'"),
        ('shock = "price_gap"\nasset = "USDC"\nsize = "-8 %"\nmultiple = 3', "no key 'multiple'"),
        ('asset = "USDC"', "shock: is required"),
        ('shock = "oracle_stall"\nfeed = "eth_usb"\nduration = "1 h"', "'eth_usd'"),
        ('shock = "oracle_stall"\nfeed = "eth_usd"\nduration = "0 h"', "greater than 0"),
        ('shock = "keeper_outage"\ncohort = "eth_loop"\nduration = "1 h"', "cohort of keepers"),
        ('shock = "liquidity_withdrawal"\npool = "eth_usdc"\nfraction = 1.1', "equal to 1"),
        ('shock = "liquidity_withdrawal"\nfraction = 0.1', "neither is given"),
        (f"{THINNER}pool = 'eth_usdc'\nfraction = 0.1", "both are given"),
        (f"{THINNER}fraction = 1.0", "no depth at all"),
        (f"{THINNER}fraction = 0.1\nduration = '1 h'", "recovery_seconds: is required, 600 s"),
        (f"{THINNER}fraction = 0.1\nrecovery = '1 h'", "for good does not come back"),
        (
            f"{THINNER}fraction = 0.1\nduration = '1 h'\nrecovery = '9 min'",
            "recovery_seconds = 540.0: depth must come back more slowly than impact decays: with "
            "assets.ETH.half_life_seconds = 600 and fraction = 0.1, in 600 s at least",
        ),
        (f"{THINNER}fraction = 0.9\nduration = '1 h'\nrecovery = '2 h'", "in 7791 s at least"),
        ('shock = "liquidity_withdrawal"\nasset = "USDC"\nfraction = 0.1', "is the cash"),
        (
            'shock = "liquidity_withdrawal"\npool = "eth_usdc"\nfraction = 0.1\nrecovery = "1 h"',
            "the providers of a pool come back at once",
        ),
        ('shock = "volatility"\nasset = "ETH"\nmultiple = -1\nduration = "1 h"', "greater than 0"),
        ('shock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1', "kind: is required"),
        (
            'shock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1\nkind = "market"',
            "neither is given",
        ),
        (
            'shock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1\nkind = "market"\n'
            'file = "x.csv"\nanchors = [[0, 1], [1, 2]]',
            "both are given",
        ),
    ],
)
def test_shocks_that_cannot_be(tmp_path: pathlib.Path, shock: str, told: str) -> None:
    assert told in str(extended(tmp_path, f'[[shocks]]\nname = "it"\n{shock}\n'))


def test_depth_outside_cannot_be_cut_where_a_recorded_price_is_the_market(
    tmp_path: pathlib.Path,
) -> None:
    path = (
        '[[shocks]]\nname = "path"\nshock = "price_path"\nasset = "ETH"\nvolatility_per_year = 1\n'
        'kind = "market"\nanchors = [[0, 1], [1, 2]]\n'
    )
    withdrawal = f'[[shocks]]\nname = "it"\n{THINNER}fraction = 0.1\n'
    assert "recorded market path" in str(extended(tmp_path, path + withdrawal))


def test_what_only_the_other_choice_uses(tmp_path: pathlib.Path) -> None:
    target = '[[chains]]\nname = "main"\nfee_market = "first_price"\ngas_target = 5e6\n'
    assert "only 'eip1559' uses 'gas_target'" in str(extended(tmp_path, target))
    assert "exceeds gas_limit" in str(refused("calm_market", ["chains.main.gas_target=99e9"]))
    fixed = '[[feeds]]\nname = "usdc_usd"\nmode = "fixed"\nfixed_price_usd = 1\n'
    for key in ('heartbeat = "1 h"', "deviation_fraction = 0.1", 'delay = "1 h"', "tip_gwei = 3"):
        told = str(extended(tmp_path, f"{fixed}{key}\n"))
        assert f"feeds.usdc_usd.{key.partition(' ')[0]} = " in told
        assert "mode 'fixed' does not use" in told


@pytest.mark.parametrize(
    "key",
    ["assets.ETH.depth", "reserves.core_eth.threshold", "reserves.core_usdc.optimal_utilisation"],
)
def test_what_is_used_and_has_no_default_is_required(key: str) -> None:
    assert f"{key}_" in str(refused("calm_market", remove=[key]))
    assert "is required" in str(refused("calm_market", remove=[key]))


def test_two_lenders_cannot_both_fill_a_reserve() -> None:
    lender = {"strategy": "lender", "n_rows": 2, "reserve_asset": "USDC"}
    told = str(refused("calm_market", cohorts=[{"name": "more", **lender}]))
    assert "cohorts.more supplies reserves.core_usdc as well" in told
    one = {"name": "idle", **lender, "reserve_asset": "ETH"}
    assert "nobody can borrow ETH" in str(refused("calm_market", cohorts=[one]))


def test_lenders_who_bring_less_than_is_borrowed_are_refused_at_birth() -> None:
    changes = {"remove": ["reserves.core_usdc.utilisation"], "cohorts.usdc_lenders.tvl": "1 M USD"}
    with pytest.raises(InputError, match="borrowed from reserves.core_usdc at birth") as caught:
        build(load("calm_market", changes=changes), 7)
    assert caught.value.key == "cohorts.usdc_lenders.tvl_usd"
    assert caught.value.exit_code == 2


def test_a_pool_that_nobody_fills_and_debt_that_nobody_lends() -> None:
    error = refused("calm_market", remove=["cohorts.btc_usdc_providers"])
    assert "no liquidity_provider cohort" in str(error)
    assert "which no lender supplies" in str(
        refused("calm_market", remove=["cohorts.usdc_lenders"])
    )
    assert "no reserve of ETH" in str(refused("calm_market", remove=["reserves.core_eth"]))


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

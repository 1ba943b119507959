"""A rule that a user wrote stands beside the built-in ones: same orders, same rows, same bits."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import re
from typing import Any

import numpy as np
import pytest

from agents.parameters import per_vault
from agents.strategies import STRATEGIES
from scenarios.load import load, scenario_from
from scenarios.python_cohorts import rules_of
from scenarios.read import Layer, layers
from scenarios.simulation import Recorded, Simulation
from scenarios.user_strategies import strategy
from sim.errors import AftershockError, InputError
from sim.transaction import KINDS
from tests.agents import rules

pytestmark = pytest.mark.usefixtures("compiled_engine")
ROOT = pathlib.Path(__file__).resolve().parents[2]
CRASH = {
    "name": "gap",
    "shock": "price_gap",
    "asset": "ETH",
    "size": "-35 %",
    "start": "6 min",
}


@dataclasses.dataclass(frozen=True)
class Nothing:
    """No parameters."""


@pytest.fixture(autouse=True)
def _strategies_as_they_were():
    before = dict(STRATEGIES)
    yield
    STRATEGIES.clear()
    STRATEGIES.update(before)


def small(**strategy_of):
    """The calm market in small, with a crash, some cohorts under another strategy."""
    base = load("calm_market")
    changes = {f"cohorts.{c.name}.n_rows": max(c.n_rows // 10, 1) for c in base.cohorts}
    changes |= {f"cohorts.{name}.strategy": rule for name, rule in strategy_of.items()}
    changes |= {"time.burn_in_blocks": 10, "time.horizon_blocks": 90}
    return base.with_(**changes, shocks=[CRASH])


def all_tables(scenario):
    simulation = Simulation(scenario, 7)
    simulation.run()
    return simulation.drain()


def half_weight(values, volatility_per_year):
    return np.array([0.5])


def register(name, rule, parameters=Nothing, **options):
    options.setdefault("birth_weight", half_weight)
    return strategy(name, parameters=parameters, **options)(rule)


def test_a_built_in_strategy_written_by_a_user_gives_the_same_tables():
    register("scalar_cppi", rules.scalar_cppi, rules.MyCppi, birth_weight=rules.cppi_weight)
    register("view_cppi", rules.view_cppi, rules.MyCppi, birth_weight=rules.cppi_weight)
    register("scalar_loop", rules.scalar_loop, rules.MyLoop, birth_weight=None)
    register("view_loop", rules.view_loop, rules.MyLoop, birth_weight=None)
    expected = all_tables(small())
    kinds = [KINDS[int(kind)] for kind in expected.events["kind"]]
    assert kinds.count("liquidation") > 5  # the window is a crash
    assert expected.cohorts[:, 2:6, 8].sum() > 50  # in which CPPI and loops ask for trades
    for strategy_of in (
        {"eth_cppi": "scalar_cppi"},
        {"eth_cppi": "view_cppi", "btc_cppi": "scalar_cppi"},
        {"eth_loop": "scalar_loop", "btc_loop": "view_loop", "eth_cppi": "view_cppi"},
    ):
        found = all_tables(small(**strategy_of))
        for field in dataclasses.fields(Recorded):
            ours, theirs = getattr(found, field.name), getattr(expected, field.name)
            assert ours.tobytes() == theirs.tobytes(), (field.name, strategy_of)


def test_steps_checkpoints_and_a_full_log_change_nothing(tmp_path):
    register("view_cppi", rules.view_cppi, rules.MyCppi, birth_weight=rules.cppi_weight)
    scenario = small(eth_cppi="view_cppi")
    expected = all_tables(scenario)
    simulation = Simulation(scenario, 7)
    assert simulation.run(37) == 37
    simulation.save(tmp_path / "checkpoint")
    again = Simulation.load(tmp_path / "checkpoint", scenario, 7)
    again.step()
    again.run()
    found = again.drain()
    assert found.events.tobytes() == expected.events.tobytes()

    done = []
    for stopped in (Simulation(scenario, 7), Simulation(small(), 7)):
        stopped.world.log.n[0] = len(stopped.world.log.blocks) - 3
        done.append((stopped.run(20), stopped.slot))
    assert done == [(13, 13), (13, 13)]  # ten blocks of burn-in, and three that fit


def test_a_rule_may_leave_out_the_slope_and_is_taken_to_hold_a_share():
    def with_slope(view):
        target_usd = 0.3 * view.own.nav_usd
        return target_usd, target_usd / view.own.nav_usd

    def without(nav_usd):
        return 0.3 * nav_usd

    register("with_slope", with_slope)
    register("without", without)
    one, other = (all_tables(_plain_cohort(name)) for name in ("with_slope", "without"))
    assert one.events.tobytes() == other.events.tobytes()
    assert one.cohorts[:, -1, 8].sum() > 0


def _plain_cohort(rule, **more):
    """The small market and one more cohort at its end, without parameters."""
    cohort = {"name": "mine", "strategy": rule, "n_rows": 12, "tvl": "5 M USD", "asset": "ETH"}
    table = {"extends": "calm_market", "schema": 1, "cohorts": [cohort | more]}
    told = [*layers("calm_market"), Layer("test", table)]
    changes = {"cohorts.*.n_rows": 12, "time.burn_in_blocks": 2, "time.horizon_blocks": 20}
    return scenario_from(told, changes=changes)


def test_the_view_shows_the_world_and_cannot_be_written():
    seen = []

    def look(view):
        seen.append(view)
        return np.full(view.n_rows, np.nan)

    register("look", look, rules.MyLoop)
    scenario = _plain_cohort("look", market="core", decision_latency="36 s")
    simulation = Simulation(scenario, 7)
    simulation.run(8)
    recorded = simulation.drain().blocks
    first, view = seen[0], seen[-1]
    assert len(seen) == 8
    assert view.clock.block == 5
    assert view.clock.slot_seconds == 12.0
    column = simulation.block_columns.index("market_price_usd.ETH")
    assert view.seen.market_price_usd["ETH"] == recorded[2, column]  # three slots of 12 s ago
    assert set(view.own.balances) == {"ETH", "USDC", "aETH.core", "dUSDC.core"}
    np.testing.assert_allclose(view.own.nav_usd, view.own.exposure_usd - view.own.debt_usd)
    np.testing.assert_allclose(view.own.health, view.own.target_health, rtol=0.05)
    assert len(view.seen.pool_reserves["eth_usdc"]) == 2
    assert view.seen.base_fee_gwei > 0.0
    assert (first.own.debt_usd < view.own.debt_usd).all()  # what is kept does not change later
    for array in (view.own.nav_usd, view.own.target_health, view.own.balances["dUSDC.core"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True
    with pytest.raises(AttributeError, match="read-only"):
        view.own.nav_usd = 1.0
    with pytest.raises(AttributeError, match="Did you mean 'target_health'"):
        _ = view.own.target_helth
    with pytest.raises(InputError, match="Did you mean 'eth_usd'"):
        _ = view.seen.oracle_price_usd["eth_us"]


def test_an_exception_names_cohort_and_block_and_stops_the_simulation(tmp_path):
    def breaks(view):
        if view.clock.block == 3:
            raise ZeroDivisionError
        return np.full(view.n_rows, np.nan)

    register("breaks", breaks)
    simulation = Simulation(_plain_cohort("breaks"), 7)
    with pytest.raises(ZeroDivisionError) as caught:
        simulation.run()
    assert caught.value.__notes__ == ["in the rule 'breaks' of cohort 'mine', block 3"]
    assert simulation.drain().blocks[:, 0].tolist() == [0.0, 1.0, 2.0]
    for go_on in (simulation.run, lambda: simulation.save(tmp_path / "checkpoint")):
        with pytest.raises(AftershockError, match="half done"):
            go_on()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (lambda view: np.zeros(3), r"shape \(3,\), expected \(12,\)"),
        (lambda view: None, "shape"),
        (lambda view: "all of it", "returned str"),
        (lambda view: (1.0, 2.0, 3.0), "3 things"),
        (lambda view: np.full(12, np.inf), "infinite in row 0"),
        (lambda nav_usd: nav_usd / 0.0 if nav_usd > 0.0 else math.nan, "infinite in row 0"),
    ],
)
def test_what_a_rule_returns_is_checked(rule, words):
    register("wrong", rule)
    with pytest.raises(InputError, match=words):
        Simulation(_plain_cohort("wrong"), 7).run(1)


def not_compilable(nav_usd):
    return open(str(nav_usd))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (not_compilable, "'not_compilable' cannot be compiled: "),
        (lambda nav_usd: None, "it returns none; it must return target_usd or"),
        (lambda nav_usd: (nav_usd, 1.0, 2.0), "it must return target_usd or"),
        (lambda nav_usd: nav_usd if nav_usd > 0.0 else (nav_usd, 1.0), "cannot be compiled"),
        (lambda nav_us: nav_us, "names 'nav_us' .* Did you mean 'nav_usd'"),
        (lambda *numbers: 0.0, "names 'numbers'"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_when_it_is_registered(rule, words):
    with pytest.raises(InputError, match=words) as caught:
        register("mine", rule)
    assert "\n" not in str(caught.value)
    assert "mine" not in STRATEGIES


def test_names_and_parameters_are_checked():
    def rule(nav_usd):
        return nav_usd

    with pytest.raises(InputError, match="is a strategy already .*buy_and_hold"):
        register("cppi", rule)
    with pytest.raises(InputError, match="is a strategy already"):
        register("cppi", rule, replace=True)
    register("mine", rule)
    with pytest.raises(InputError, match="is a strategy already"):
        register("mine", rule)
    register("mine", rule, replace=True)
    with pytest.raises(InputError, match="lower-case"):
        register("My Rule", rule)
    with pytest.raises(InputError, match="needs birth_weight, or a parameter 'target_health'"):
        register("other", rule, birth_weight=None)
    with pytest.raises(InputError, match="frozen=True"):
        register("other", rule, int)
    clash = dataclasses.make_dataclass("C", [("asset", float, per_vault(1.0, 0, 1))], frozen=True)
    with pytest.raises(InputError, match="cannot be called 'asset'"):
        register("other", rule, clash)
    plain = dataclasses.make_dataclass("P", [("speed", float, 1.0)], frozen=True)
    with pytest.raises(InputError, match="'speed' with per_vault"):
        register("other", rule, plain)


def test_scenarios_know_the_parameters_of_a_registered_strategy():
    register("my_cppi", rules.scalar_cppi, rules.MyCppi, birth_weight=rules.cppi_weight)
    with pytest.raises(InputError, match="Did you mean 'multiplier'"):
        small(eth_cppi="my_cppi").with_(**{"cohorts.eth_cppi.multiplyer": 3})
    with pytest.raises(InputError, match="does not use 'market'"):
        small(eth_cppi="my_cppi").with_(**{"cohorts.eth_cppi.market": "core"})
    with pytest.raises(InputError, match="Did you mean 'my_cppi'"):
        small(eth_cppi="my_cpi")


def test_a_vault_that_can_only_borrow_needs_a_market():
    register("my_loop", rules.scalar_loop, rules.MyLoop, birth_weight=None)
    for name in ("my_loop", "leveraged_loop"):
        with pytest.raises(InputError, match="market: is required"):
            _plain_cohort(name)


def test_a_weight_at_birth_outside_of_its_bounds_is_refused():
    register("mine", lambda nav_usd: nav_usd, birth_weight=lambda values, volatility: 1.5)
    with pytest.raises(InputError, match="between 0 and 1"):
        Simulation(_plain_cohort("mine"), 7)


def test_the_code_of_the_page_on_extending_runs(tmp_path, monkeypatch, capsys):
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(python|toml)\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    assert [kind for kind, _ in blocks] == ["python", "python", "toml", "python"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.toml").write_text(blocks[2][1], encoding="utf-8")
    names: dict[str, Any] = {"__name__": "extending"}
    for _, code in (block for block in blocks if block[0] == "python"):
        exec(compile(code, "extending.md", "exec", dont_inherit=True), names)
    events = names["run"].events.filter(kind="swap").collect()
    assert {"stop_losses", "fee_shy_vaults"} <= set(events["cohort"].to_list())
    assert float(capsys.readouterr().out.split()[-2]) < 8e6


def test_a_rule_is_known_by_what_it_does():
    register("one", lambda nav_usd: 0.5 * nav_usd)
    register("other", lambda nav_usd: 0.6 * nav_usd)
    (one,), (other,) = (rules_of(_plain_cohort(name)) for name in ("one", "other"))
    assert one[0] == "one"
    assert one[1] != other[1]
    assert not rules_of(small())

"""What a loaded scenario holds: names of attributes, defaults, distributions, and presets that make sense."""

from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from agents.parameters import Distribution, constant, lognormal, normal, uniform
from agents.strategies import STRATEGIES
from scenarios.load import load, loads
from scenarios.read import preset_names
from scenarios.schema.cohorts import parameter_fields, used_keys
from scenarios.schema.laws import as_value, distribution
from scenarios.schema.scenario import Scenario
from scenarios.schema.shocks import SHOCKS
from sim.errors import DamagedRun, InputError, Interrupted, InvariantBroken, OutputExists

# The presets that live with the population of the calm market and nobody else.
PRESETS = ["black_thursday_2020", "calm_market", "keeper_drought"]
PAY_GAS_FROM_THEIR_ASSET = ("eth_balanced", "eth_cppi", "eth_volatility_target")


@pytest.fixture(params=PRESETS)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load(request.param)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_says_what_it_asks_and_reads_as_it_is_written(name: str) -> None:
    scenario = load(name)
    assert scenario.title
    assert scenario.question
    assert scenario.sources
    assert loads(scenario.to_toml()).scenario_hash == scenario.scenario_hash


def test_every_default_is_filled_in(scenario: Scenario) -> None:
    resolved = scenario.resolved()
    assert resolved["schema"] == 1
    assert resolved["record"] == {
        "vaults_every_blocks": 300,
        "keepers_every_blocks": 50,
        "exposures_every_blocks": 1800,
        "vault_events": True,
        "audit_every_blocks": 100,
    }
    for row in resolved["cohorts"]:
        used, own = used_keys(row["strategy"]), parameter_fields(row["strategy"])
        left_out = {"gas_tank_usd"} if row["name"] in PAY_GAS_FROM_THEIR_ASSET else set()
        left_out |= {"lower_price_multiple", "upper_price_multiple"}  # of concentrated pools
        assert list(row) == [key for key in (*used, *own) if key not in left_out]
    assert resolved["reserves"][0]["supply_cap_usd"] is None
    assert resolved["reserves"][2]["borrow_cap_usd"] is None


def test_what_does_nothing_is_left_out(scenario: Scenario) -> None:
    resolved = scenario.resolved()
    eth, _, usdc = resolved["assets"]
    assert set(eth) - set(usdc) == {"depth_usd", "permanent_fraction", "half_life_seconds"}
    core_eth, _, core_usdc = resolved["reserves"]
    assert {"threshold_fraction", "supply_cap_usd"} <= set(core_eth) - set(core_usdc)
    assert {"slope1_per_year", "utilisation_fraction"} <= set(core_usdc) - set(core_eth)
    assert ("gas_target" in resolved["chains"][0]) == (scenario.chains[0].fee_market == "eip1559")
    assert all("fixed_price_usd" not in feed for feed in resolved["feeds"])


def test_parameters_are_those_of_the_strategy(scenario: Scenario) -> None:
    for cohort in scenario.cohorts:
        rule = STRATEGIES[cohort.strategy].parameters(**cohort.parameters)
        assert cohort.role == STRATEGIES[cohort.strategy].role
        for field in dataclasses.fields(rule):
            value = getattr(rule, field.name)
            assert isinstance(value, Distribution) == field.metadata["per_vault"]
            if isinstance(field.default, bool):
                assert isinstance(value, bool)


def test_a_scenario_cannot_be_changed(scenario: Scenario) -> None:
    for target, name in (
        (scenario, "title"),
        (scenario.time, "start"),
        (scenario.cohorts[0], "n_rows"),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(target, name, 1)


def test_references_are_resolved(scenario: Scenario) -> None:
    by_name = {cohort.name: cohort for cohort in scenario.cohorts}
    assert scenario.cash.name == "USDC"
    assert by_name["eth_cppi"].pools == ("eth_usdc", "eth_usdc_low_fee")
    assert by_name["btc_loop"].pools == ("btc_usdc",)
    assert by_name["arbitrageurs"].pools == tuple(pool.name for pool in scenario.pools)
    assert by_name["liquidators"].market == "core"
    assert by_name["usdc_lenders"].tvl_usd is None


def test_the_population_is_the_declared_one(scenario: Scenario) -> None:
    vaults = [cohort for cohort in scenario.cohorts if cohort.role == "vault"]
    assert sum(cohort.n_rows for cohort in vaults) == 1900
    assert sum(cohort.tvl_usd or 0 for cohort in vaults) == 550e6
    pools = [cohort for cohort in scenario.cohorts if cohort.pool is not None]
    assert sum(cohort.tvl_usd or 0 for cohort in pools) == 150e6


def test_loops_are_born_within_their_limit(scenario: Scenario) -> None:
    reserves = {(reserve.market, reserve.asset): reserve for reserve in scenario.reserves}
    for cohort in scenario.cohorts:
        if cohort.strategy == "leveraged_loop":
            health, band = (cohort.parameters[key] for key in ("target_health", "health_band"))
            assert isinstance(health, Distribution)
            assert isinstance(band, Distribution)
            reserve = reserves[str(cohort.market), str(cohort.asset)]
            assert reserve.threshold_fraction is not None
            assert reserve.ltv_fraction is not None
            debt_to_collateral = reserve.threshold_fraction / (health.low - band.high)
            assert debt_to_collateral < reserve.ltv_fraction
            assert health.low > 1 + band.high


def test_the_paths_of_march_2020_start_at_the_price_of_the_asset() -> None:
    scenario = load("black_thursday_2020")
    prices = {asset.name: asset.price_usd for asset in scenario.assets}
    paths = [shock for shock in scenario.resolved()["shocks"] if shock["shock"] == "price_path"]
    assert {path["asset"] for path in paths} == {"ETH", "BTC"}
    for path in paths:
        assert path["kind"] == "market_implied"  # the anchors are prices of the market
        assert path["anchors"][0] == [0.0, prices[path["asset"]]]
        assert (
            path["anchors"][-1][0] * 3600
            <= scenario.time.horizon_blocks * scenario.time.slot_seconds
        )
    assert scenario.chains[0].fee_market == "first_price"
    assert scenario.time.start_unix_seconds == 1_583_974_800.0


def test_every_kind_of_shock_can_be_told() -> None:
    assert list(SHOCKS) == [
        "price_path",
        "price_gap",
        "volatility",
        "gas_demand",
        "oracle_stall",
        "keeper_outage",
        "liquidity_withdrawal",
        "rumour",
        "reserve_loss",
        "redemption_halt",
    ]
    hour = {"duration": "1 h"}
    rows = [
        {"name": "a", "shock": "price_gap", "asset": "USDC", "size": "-8 %", **hour},
        {"name": "b", "shock": "volatility", "asset": "ETH", "multiple": 3, **hour},
        {
            "name": "c",
            "shock": "gas_demand",
            "chain": "main",
            "multiple": 6,
            "ramp": "5 min",
            **hour,
        },
        {"name": "d", "shock": "oracle_stall", "feed": "eth_usd", "start": "1 h", **hour},
        {"name": "e", "shock": "keeper_outage", "cohort": "liquidators", "share": "90 %", **hour},
        {"name": "f", "shock": "liquidity_withdrawal", "pool": "eth_usdc", "fraction": 0.5},
    ]
    scenario = load("calm_market", changes={"shocks": rows})
    assert [shock.shock for shock in scenario.shocks] == list(SHOCKS)[1:-3]
    rumour = {"name": "r", "shock": "rumour", "share_vault": "curated", "loss": "10 %", **hour}
    assert load("vault_run", changes={"shocks": [rumour]}).shocks[-1].shock == "rumour"
    module = [
        {"name": "r", "shock": "rumour", "redemption": "peg", "loss": "10 %", **hour},
        {"name": "l", "shock": "reserve_loss", "redemption": "peg", "fraction": 0.0825},
        {"name": "h", "shock": "redemption_halt", "redemption": "peg", **hour},
    ]
    told = load("peg_module_runs_dry", changes={"shocks": module}).shocks
    assert [shock.shock for shock in told[-3:]] == list(SHOCKS)[-3:]
    assert scenario.resolved()["shocks"][3] == {
        "name": "d",
        "description": "",
        "shock": "oracle_stall",
        "start_seconds": 3600.0,
        "feed": "eth_usd",
        "duration_seconds": 3600.0,
    }


@pytest.mark.parametrize(
    "law",
    [constant(0.5), uniform(0.1, 0.9), normal(0.5, 0.2, 0.1, 0.9), lognormal(0.5, 1.0, 0.1, 0.9)],
)
def test_a_distribution_reads_as_it_is_written(law: Distribution) -> None:
    assert distribution(as_value(law), "x", 0.0, 1.0) == law


def test_bounds_hold_on_the_whole_support() -> None:
    with pytest.raises(InputError, match="x.high = 1.5: must be between 0 and 1"):
        distribution({"distribution": "uniform", "low": 0.5, "high": 1.5}, "x", 0.0, 1.0)
    far = {"distribution": "normal", "mean": 0.0, "std": 0.05, "low": 0.3, "high": 1.0}
    with pytest.raises(InputError, match="nothing of this normal"):  # six sigmas out
        distribution(far, "x", 0.0, 1.0)
    assert distribution({**far, "low": 0.2}, "x", 0.0, 1.0).low == 0.2  # four sigmas out


def test_errors_know_their_exit_code() -> None:
    assert InputError("f", "k", 1, "p").exit_code == 2
    assert OutputExists("x").exit_code == 3
    assert InvariantBroken("ETH", 7, 0.5).exit_code == DamagedRun("x").exit_code == 1
    assert Interrupted().exit_code == 130
    assert "ETH" in str(InvariantBroken("ETH", 7, 0.5))
    assert "block 7" in str(InvariantBroken("ETH", 7, 0.5))
    told = str(InputError("a\nb.toml", "k", {"x": [[[[[[1]]]]]]}, "is wrong", "key"))
    assert told == "a\\nb.toml: k = {'x': [[[...]]]}: is wrong. Did you mean 'key'?"

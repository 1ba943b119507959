"""The engine against its executable specification: equal bits for all balances and events of a crash."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import subprocess
import sys

import pytest

from scenarios.schema import Scenario
from scenarios.schema.world import CHANNELS
from tests.crash import BLOCKS, VAULTS, crash, late_repair
from tests.engine_faults import FAULTS, worlds
from tests.reference.model import ReferenceModel
from tests.reference.vault import Vault
from tests.side_by_side import Engine, Reference, difference

SEED = 7
ROOT = pathlib.Path(__file__).resolve().parent.parent


def side_by_side(scenario: Scenario) -> ReferenceModel:
    """Run both models and compare them after every block."""
    engine, reference = Engine(scenario, SEED), Reference(scenario, SEED)
    for _ in range(engine.simulation.n_slots):
        told, expected = engine.block(), reference.block()
        assert difference(told, expected) == "", f"block {reference.model.block}"
    assert reference.model.block == scenario.time.horizon_blocks - 1
    return reference.model


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("fee_market", ["first_price", "eip1559"])
def test_engine_and_reference_agree_to_the_last_bit(fee_market):
    model = side_by_side(crash(fee_market))
    assert model.block == BLOCKS - 1
    _assert_that_it_was_a_crash(model)


@pytest.mark.usefixtures("compiled_engine")
def test_they_agree_when_nobody_acts():
    """Run F: nothing but oracle updates."""
    model = side_by_side(crash().frozen())
    assert {event.kind for event in model.events} == {"publish_price"}


@pytest.mark.usefixtures("compiled_engine")
def test_they_agree_when_every_channel_is_frictionless():
    """Run P: everybody acts, nothing waits, no keeper is short of capital."""
    model = side_by_side(crash().price_taking())
    done = collections.Counter(event.kind for event in model.events if event.status == "ok")
    assert done["outside_loan"] == done["outside_return"] == done["liquidation"] >= 50
    assert done["swap"] >= 1000
    assert done["publish_price"] == 0
    assert sum(event.gas_eth for event in model.events) == 0.0


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("channel", CHANNELS)
def test_they_agree_without_one_channel(channel):
    model = side_by_side(crash("eip1559", blocks=80, vaults=150).without(channel))
    done = collections.Counter(event.kind for event in model.events if event.status == "ok")
    assert done["liquidation"] >= 10
    assert done["swap"] >= 100


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize(
    ("prior_duty", "turns", "gives_way"),
    [("repair", (1.2, 0.8), "leverage_up"), ("performance", (0.8, 1.2), "repair")],
)
def test_they_agree_on_which_duty_goes_before_the_other(prior_duty, turns, gives_way):
    scenario = late_repair(blocks=80, vaults=150, turns=turns)
    changes = {
        f"cohorts.{cohort.name}.prior_duty": prior_duty
        for cohort in scenario.cohorts
        if cohort.strategy == "leveraged_loop"
    }
    model = side_by_side(scenario.with_(**changes))
    replaced = {event.cause for event in model.events if event.status == "replaced by a prior duty"}
    assert replaced == {gives_way}


def _assert_that_it_was_a_crash(model):
    """What never happened has not been compared."""
    assert len(model.agents.select(agent_type=Vault)) == pytest.approx(VAULTS, abs=5)
    strategies = {type(agent).__name__ for agent in model.agents.select(agent_type=Vault)}
    assert strategies == {
        "BuyAndHold", "FixedWeight", "Cppi", "LeveragedLoop", "VolatilityTarget",
    }  # fmt: skip
    done = collections.Counter(event.kind for event in model.events if event.status == "ok")
    assert done["liquidation"] >= 50
    for kind in (
        "swap", "add_liquidity", "remove_liquidity", "supply", "withdraw", "borrow", "repay",
        "publish_price", "outside_trade",
    ):  # fmt: skip
        assert done[kind] >= 1, kind
    failed = collections.Counter(event.status for event in model.events if event.status != "ok")
    assert failed["expired"] >= 100
    assert failed["slippage limit"] >= 100
    for reason in ("cannot pay gas", "not liquidatable", "would leave dust"):
        assert failed[reason] >= 1, reason
    assert sum(event.deficit_usd for event in model.events) > 100_000.0
    causes = {event.cause for event in model.events}
    assert causes == {
        "oracle_update", "rebalance", "repair", "leverage_up", "liquidation", "inventory",
        "arbitrage", "noise", "liquidity",
    }  # fmt: skip


def test_every_fault_planted_in_the_engine_is_found():
    """Without the compiler, where a function can be given other code; without a fault, nothing is found."""
    command = [sys.executable, "-m", "tests.engine_faults"]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, timeout=300, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    for where in worlds():
        assert found.pop(f"no fault: {where}") is None
    assert set(found) == {fault.name for fault in FAULTS}
    assert [name for name, place in found.items() if place is None] == []


# Venues that the reference model does not know: judged by hand, by closed forms and by the contracts. And
# what has no result that could be wrong.
BEYOND_THE_REFERENCE = {
    "sim.block.fetch",
    *("sim.venues.staked_token", "sim.venues.mint_and_burn"),
    *("sim.venues.bands", "sim.venues.band_loans", "sim.venues.band_pool", "sim.venues.band_walk"),
    *("sim.venues.band_terms", "sim.venues.band_books", "sim.venues.band_liquidation"),
    *("sim.venues.band_quotes", "sim.venues.band_standing", "sim.block.mark_bands"),
    *("sim.venues.auctions", "sim.venues.collateralized_debt"),
    *("sim.venues.redemptions", "sim.venues.redemption", "sim.venues.pool_feeds"),
    *("sim.venues.peg_module", "sim.venues.issuer"),
    *("sim.venues.basket_history", "sim.venues.rate_feeds"),
    *("sim.venues.isolated", "sim.venues.isolated_liquidation", "sim.venues.markets"),
    *("sim.venues.lending_flash", "sim.venues.lending_modes", "sim.venues.lending_standing"),
    *("sim.venues.basket", "sim.venues.basket_market", "sim.venues.basket_quotes"),
    *("sim.venues.basket_history", "sim.venues.rate_feeds"),
    *("sim.venues.stable_swap", "sim.venues.weighted", "sim.venues.pools", "sim.venues.any_pool"),
    *("sim.venues.concentrated", "sim.venues.ticks", "sim.venues.tick_walk"),
    *("sim.venues.positions", "sim.venues.observations", "sim.venues.concentrated_quotes"),
    *(
        "sim.block.mark_shares",
        "sim.venues.share_vault",
        "sim.venues.share_vault_places",
        "sim.venues.share_vault_verbs",
    ),
}


def test_there_is_a_fault_in_every_verb_of_the_block_and_in_every_venue():
    files = [*(ROOT / "sim/block").glob("*.py"), *(ROOT / "sim/venues").glob("*.py")]
    modules = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in files
    }
    faulty = {fault.module for fault in FAULTS}
    known = {module for module in modules if not module.endswith("__init__")}
    assert known - BEYOND_THE_REFERENCE <= faulty

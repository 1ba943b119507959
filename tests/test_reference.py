"""The engine against its executable specification: equal bits for all balances and events of a crash."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import subprocess
import sys

import pytest

from tests.crash import BLOCKS, VAULTS, crash
from tests.engine_faults import FAULTS
from tests.reference.vault import Vault
from tests.side_by_side import Engine, Reference, difference

SEED = 7
ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("fee_market", ["first_price", "eip1559"])
def test_engine_and_reference_agree_to_the_last_bit(fee_market):
    engine = Engine(crash(fee_market), SEED)
    reference = Reference(crash(fee_market), SEED)
    model = reference.model
    for _ in range(engine.simulation.n_slots):
        assert difference(engine.block(), reference.block()) == "", f"block {model.block}"
    assert model.block == BLOCKS - 1
    _assert_that_it_was_a_crash(model)


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
    for reason in ("cannot pay gas", "not liquidatable", "health too low"):
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
    assert found.pop("without a fault") is None
    assert set(found) == {fault.name for fault in FAULTS}
    assert [name for name, place in found.items() if place is None] == []


def test_there_is_a_fault_in_every_verb_of_the_block_and_in_every_venue():
    files = [*(ROOT / "sim/block").glob("*.py"), *(ROOT / "sim/venues").glob("*.py")]
    modules = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in files
    }
    faulty = {fault.module for fault in FAULTS}
    assert {module for module in modules if not module.endswith("__init__")} <= faulty

"""The scenario as a Mesa model: agents are views of rows, and the engine does not know that they exist."""

from __future__ import annotations

import functools
import gc
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import ClassVar

import mesa
import numpy as np
import pytest

from scenarios.load import load
from scenarios.model import DeFiModel, DepositorAgent, KeeperAgent, TraderAgent, VaultAgent
from scenarios.seeds import seed_of
from scenarios.simulation import Simulation
from sim.errors import AftershockError, InputError
from sim.world import state_hash

pytestmark = pytest.mark.usefixtures("compiled_engine")
ROOT = Path(__file__).resolve().parents[2]
SHORT = {"time__horizon_blocks": 40, "time__burn_in_blocks": 5}
GAP = {"name": "gap", "shock": "price_gap", "asset": "ETH", "size": "-30 %", "start": "2 min"}


@functools.cache
def small():
    base = load("calm_market")
    rows = {f"cohorts.{c.name}.n_rows": max(c.n_rows // 10, 1) for c in base.cohorts}
    return base.with_(**rows, shocks=[GAP])


def model(**options):
    return DeFiModel(small(), **{"seed": 7, **SHORT, **options})


def test_steps_and_runs_are_the_engine_without_mesa():
    stepped, ran = model(), model()
    assert (stepped.block, stepped.steps) == (0, 0)  # the burn-in is over
    for _ in range(40):
        assert stepped.running
        stepped.step()
    assert ran.run() == 40
    plain = Simulation(ran.scenario, 7)
    plain.run()
    assert state_hash(stepped.simulation.world) == state_hash(plain.world)
    assert state_hash(ran.simulation.world) == state_hash(plain.world)
    assert not stepped.running
    assert not ran.running
    stepped.step()
    assert (stepped.block, ran.block, ran.steps) == (40, 40, 0)


def test_run_model_ends_at_the_horizon():
    run = model()
    run.run_model()
    assert run.block == 40
    assert len(run.datacollector.get_model_vars_dataframe()) == 41


def test_agents_show_what_the_tables_show():
    run = model()
    run.run(30)
    assert len(run.agents) == sum(cohort.n_rows for cohort in run.scenario.cohorts)
    assert set(run.agents_by_type) == {VaultAgent, KeeperAgent, TraderAgent, DepositorAgent}
    vaults, keepers = run.agents_by_type[VaultAgent], run.agents_by_type[KeeperAgent]
    table = run.simulation.vault_rows()
    for name in ("account", "nav_usd", "birth_nav_usd", "debt_usd", "health"):
        np.testing.assert_allclose(vaults.get(name), table[name], rtol=1e-12)
    table = run.simulation.keeper_rows()
    for name in ("account", "capital_free_usd", "capital_locked_usd", "wins", "losses"):
        np.testing.assert_allclose(keepers.get(name), table[name], rtol=1e-9, atol=1e-6)
    assert sum(keepers.get("wins")) > 0
    assert run.nav_usd == pytest.approx(vaults.agg("nav_usd", sum), rel=1e-12)
    assert run.debt_usd == pytest.approx(vaults.agg("debt_usd", sum), rel=1e-12)
    # What is worked out from balances alone is what the engine marks.
    worth = [agent.rows.worth_usd(agent.row) for agent in vaults]
    np.testing.assert_allclose(worth, vaults.get("nav_usd"), rtol=1e-12)


def test_all_claims_add_up_to_the_assets_behind_them():
    """Lenders' receipts less borrowers' debts is the cash of the markets and their own reserves."""
    run = model()
    lenders = run.agents.select(lambda agent: agent.strategy == "lender")
    providers = run.agents.select(lambda agent: agent.strategy == "liquidity_provider")
    prices = run.market_price_usd
    in_pools = sum(
        pool.reserve0 * prices[told.tokens[0]] + pool.reserve1 * prices[told.tokens[1]]
        for pool, told in zip(run.simulation.world.venues.pools, run.scenario.pools, strict=True)
    )
    tanks = sum(
        agent.balances[asset] * price
        for agent in providers
        for asset, price in prices.items()
        if asset in agent.balances
    )
    assert providers.agg("nav_usd", sum) == pytest.approx(in_pools + tanks, rel=1e-12)
    assert lenders.agg("nav_usd", sum) > run.debt_usd


def test_agent_sets_select_group_and_aggregate():
    run = model()
    vaults = run.agents_by_type[VaultAgent]
    loops = vaults.select(lambda vault: vault.cohort == "eth_loop")
    assert len(loops) == 35
    assert 1.1 < np.mean(loops.get("health")) < 2.1
    assert min(loops.get("target_health")) >= 1.2
    assert vaults.groupby("strategy").count()["cppi"] == 40
    by_role = run.agents.groupby("role").agg("nav_usd", sum)
    assert set(by_role) == {"vault", "keeper", "trader", "depositor"}
    first = next(iter(loops))
    assert (first.name, first.unique_id) == ("eth_loop.0", 1 + vaults.get("name").index(first.name))
    assert first.parameters == {"target_health": first.target_health, "health_band": 0.08}
    assert first.balances["dUSDC.core"] > 0.0
    assert repr(first) == "<VaultAgent eth_loop.0>"


def test_agents_hold_nothing():
    run = model()
    vault = next(iter(run.agents_by_type[VaultAgent]))
    before = state_hash(run.simulation.world)
    for name in ("nav_usd", "health", "cohort", "multiplier", "mood", "unique_id", "row"):
        with pytest.raises(AttributeError, match=f"{name!r} of 'eth_holders.0' cannot be set"):
            setattr(vault, name, 1e9)
    with pytest.raises(AttributeError, match="cannot be set"):
        run.agents.set("nav_usd", 0.0)
    with pytest.raises(AttributeError, match="'eth_holders.0' has no 'multiplier'"):
        _ = vault.multiplier
    with pytest.raises(AftershockError, match="cannot be removed"):
        vault.remove()
    assert not vars(vault)
    vault.balances["ETH"] = 0.0  # a copy
    vault.step()
    run.agents.shuffle_do("step")
    assert state_hash(run.simulation.world) == before
    nav_usd = vault.nav_usd
    run.run(20)
    assert vault.nav_usd != nav_usd


def test_ten_thousand_agents_in_under_a_second():
    large = small().with_(**{"cohorts.*.n_rows": 720, "time.burn_in_blocks": 0})
    seconds = time.process_time()
    run = DeFiModel(large, seed=1)
    assert time.process_time() - seconds < 1.0
    assert len(run.agents) > 10_000


def test_a_data_collector_keeps_what_was():
    run = model()
    run.datacollector = mesa.DataCollector(
        model_reporters={"block": "block", "prices": "market_price_usd"},
        agent_reporters={"nav_usd": "nav_usd", "balances": "balances"},
        agenttype_reporters={KeeperAgent: {"wins": "wins"}},
    )
    eth = []
    for _ in range(15):
        run.step()
        eth.append(run.market_price_usd["ETH"])
    table = run.datacollector.get_model_vars_dataframe()
    assert table["block"].tolist() == list(range(1, 16))
    assert [prices["ETH"] for prices in table["prices"]] == eth
    assert len(set(eth)) == 15
    navs = run.datacollector.get_agent_vars_dataframe()["nav_usd"].xs(1, level="AgentID")
    assert len(set(navs)) == 15


class Reported(DeFiModel):
    agent_reporters: ClassVar = {"nav_usd": "nav_usd"}


BATCH = {"scenario": [small()], "time__burn_in_blocks": 5}
QUIETLY = {"max_steps": 6, "display_progress": False}


def test_the_iterations_of_a_batch_differ_and_can_be_repeated():
    rows = mesa.batch_run(Reported, BATCH, iterations=3, **QUIETLY)
    ends = {row["seed"]: row["nav_usd"] for row in rows if row["AgentID"] == 1}
    assert len(ends) == len(set(ends.values())) == 3
    assert {row["Step"] for row in rows} == {6}
    for row in rows:
        if row["AgentID"] == 1:
            again = DeFiModel(small(), seed=row["seed"], time__burn_in_blocks=5)
            again.run(6)
            assert next(iter(again.agents)).nav_usd == row["nav_usd"]


def test_a_batch_over_seeds_and_keys_of_the_scenario():
    keys = {**BATCH, "cohorts__eth_loop__target_health": [1.3, 1.8], "seed": [1, 2]}
    if "rng" in mesa.batch_run.__code__.co_varnames:  # Mesa 3.5 has a place of its own for seeds
        del keys["seed"]
        rows = mesa.batch_run(DeFiModel, keys, rng=[1, 2], **QUIETLY)
    else:
        rows = mesa.batch_run(DeFiModel, keys, **QUIETLY)
    debts = {(r["seed"], r["cohorts__eth_loop__target_health"]): r["debt_usd"] for r in rows}
    assert len(debts) == len(set(debts.values())) == 4
    assert debts[1, 1.3] > debts[1, 1.8]


def test_seed_and_rng_are_two_names_of_one_thing():
    assert seed_of(7) == seed_of(rng=7) == seed_of(np.int64(7)) == 7
    assert seed_of() != seed_of()
    assert seed_of(rng=np.random.default_rng(1)) == seed_of(rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="another name of seed"):
        seed_of(1, 2)
    for wrong in (-1, 2**63, 1.5, "7", True):
        with pytest.raises(InputError, match="whole number"):
            seed_of(wrong)


def test_changes_to_the_scenario_are_arguments():
    run = model(cohorts__eth_loop__n_rows=3, record={"audit_every_blocks": 7})
    assert len(run.agents.select(lambda agent: agent.cohort == "eth_loop")) == 3
    assert run.scenario.record.audit_every_blocks == 7
    with pytest.raises(InputError, match="Did you mean 'eth_loop'"):
        model(cohorts__eth_lop__n_rows=3)
    with pytest.raises(AttributeError, match="cannot change"):
        run.scenario = small()


def test_a_model_that_nobody_holds_is_gone():
    run = model()
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None


def test_the_engine_runs_without_mesa():
    code = (
        "import sys, aftershock as af\n"
        "from scenarios.simulation import Simulation\n"
        "Simulation(af.scenario('calm_market'), 7)\n"
        "assert 'mesa' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)

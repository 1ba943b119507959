"""The benchmarks run, and what they compute makes sense. How fast anything is, no test says."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from benchmarks import __main__ as command
from benchmarks import assembly, measure, memory, reference, report, startup, swaps, vault_steps
from benchmarks.population import CRASH, QUIET, SHARES, rows, scenario

TINY = 40


def pace(market: str, n_vaults: int, block_seconds: float) -> vault_steps.Pace:
    return vault_steps.Pace(market, n_vaults, 10, 10 * block_seconds, 0.05, 0.05 * n_vaults)


@pytest.mark.parametrize("n_vaults", [10, 99, 1_000, 12_345])
def test_a_population_has_as_many_vaults_as_asked_for(n_vaults):
    found = rows(n_vaults)
    assert set(found) == set(SHARES)
    assert sum(found.values()) == n_vaults
    assert min(found.values()) > 0


@pytest.mark.parametrize("market", [QUIET, CRASH])
def test_both_scenarios_are_good_ones(market):
    found = scenario(1_000, market)
    vaults = [cohort.n_rows for cohort in found.cohorts if cohort.role == "vault"]
    assert sum(vaults) == 1_000
    assert len(found.shocks) == (market is CRASH)


@pytest.mark.usefixtures("compiled_engine")
def test_vaults_rest_in_a_quiet_market_and_trade_in_a_crash():
    quiet = vault_steps.pace(QUIET, 100, effort=1e-4)
    crash = vault_steps.pace(CRASH, 100)
    assert quiet.trading_share <= crash.trading_share / 20
    assert vault_steps.LEAST_CRASH_SHARE < crash.trading_share < 0.5
    assert crash.n_blocks == vault_steps.blocks_to_run(CRASH, 100, 1.0)
    assert crash.steps_per_second > 0.0


def test_the_exponent_is_the_slope_and_small_populations_do_not_count():
    linear = [pace("quiet", n, 1e-9 * n) for n in (1_000, 10_000, 100_000)]
    assert math.isclose(vault_steps.scaling_exponent(linear), 1.0)
    root = [pace("quiet", n, math.sqrt(n)) for n in (1_000, 10_000)]
    assert math.isclose(vault_steps.scaling_exponent([pace("quiet", 100, 1e9), *root]), 0.5)
    assert math.isnan(vault_steps.scaling_exponent([pace("quiet", 100, 1.0)]))


@pytest.mark.usefixtures("compiled_engine")
def test_every_swap_of_the_benchmark_is_executed(monkeypatch):
    for name in (
        "bare_chain",
        "fill_mempool",
        "line_up",
        "apply_line",
        "execute_line",
        "whole_block",
    ):
        entry = getattr(swaps, name)  # in plain Python: to compile them takes longer than this test
        monkeypatch.setattr(swaps, name, getattr(entry, "py_func", entry))
    cost = swaps.swap_cost(n_swaps=TINY, repeats=1)  # refuses to answer if one was not
    assert min(cost.bare_ns, cost.apply_ns, cost.execute_ns, cost.order_ns, cost.block_ns) > 0.0
    names = [one.name for one in swaps.measures(cost)]
    assert len(names) == len(set(names))


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("market", [QUIET, CRASH])
def test_the_reference_model_lives_through_the_same_blocks(market):
    found = reference.race(market, 100, 6)
    assert found.difference == ""
    assert found.reference_seconds > found.engine_seconds > 0.0
    assert "states equal in bits" in found.note
    other = dataclasses.replace(found, difference="slot: engine 1, reference 2")
    assert "states equal" not in other.note


def test_whoever_differs_has_kept_no_promise(monkeypatch):
    lost = reference.Race("quiet", 1_000, 10, 1e-3, 1.0, 1e-3, "slot: engine 1, reference 2")
    monkeypatch.setattr(reference, "race", lambda market, n_vaults, n_blocks: lost)
    assert [one.is_met for one in reference.measures(is_quick=True)] == [False, False]


def test_reference_counts_are_found_in_assembly():
    text = "\tmovq %rax, NRT_incref@GOT\n\tlock\n\tlock incq (%rax)\n\tcallq NRT_decref\n\tblock: nop\n"
    assert assembly.reference_counts(text) == 4
    assert assembly.reference_counts("\tvaddsd %xmm0, %xmm1\nunlock:\n") == 0


def test_bytes_a_vault_are_its_tokens_and_its_columns():
    found = memory.bytes_per_vault(100)
    # ETH and USDC; NAV, birth, busy and the share at birth.
    assert found["buy_and_hold"] == (8 * 2, 8 * 4)
    # ETH, USDC, receipt and debt; NAV, birth, busy, duty, target and band.
    assert found["leveraged_loop"] == (8 * 4, 8 * 6)
    mean = sum(SHARES[strategy] * sum(found[strategy]) for strategy in SHARES)
    # One byte pair for the group of the account, eight for a loop that may become at risk.
    assert math.isclose(memory.growth_per_vault(1_000), mean + 2 + 8 * SHARES["leveraged_loop"])


def test_the_help_page_is_timed_and_loads_nothing_heavy():
    seconds, loaded = startup.help_page()
    assert seconds > 0.0
    assert loaded == []


def test_a_promise_is_kept_broken_or_not_made():
    kept, broken = measure.Measure("a", 2.0, "s", 3.0), measure.Measure("b", 4.0, "s", 2.0)
    open_one = measure.Measure("c", 1.0, "ns")
    assert (kept.is_met, broken.is_met, open_one.is_met) == (True, False, None)
    assert kept.verdict == "a: met, 2 s where at most 3 s were promised."
    assert broken.verdict == "b: not met, 4 s are 2.00 times the 2 s promised."
    assert open_one.verdict == ""
    fast, slow = (measure.Measure("e", value, "x", least=4.0) for value in (5.0, 3.0))
    assert (fast.is_met, slow.is_met, fast.promise) == (True, False, "at least 4")
    assert fast.verdict == "e: met, 5 x where at least 4 x were promised."
    assert slow.verdict == "e: not met, 3 x are 0.75 of the 4 x promised."
    assert measure.Measure("d", 1.0, "", 0.0).verdict == "d: not met, 1 where none were promised."


def test_one_table_three_ways(tmp_path, monkeypatch, capsys):
    found = report.Report(
        [measure.Measure("ratio", 2.0, "x", 3.0, "a | b")], [pace("crash", 1_000, 1e-4)], True
    )
    monkeypatch.setattr(command, "measured", lambda is_quick: found)
    monkeypatch.setattr(report, "PAGE", tmp_path / "benchmarks.md")
    assert command.main(["--quick", "--json", str(tmp_path / "b.json"), "--write-docs"]) == 0
    assert "ratio: met, 2 x where at most 3 x were promised." in capsys.readouterr().out
    told = json.loads((tmp_path / "b.json").read_text())
    assert told["measures"][0]["is_met"] is True
    assert math.isclose(told["vault_steps"][0]["steps_per_second"], 1e7)
    page = (tmp_path / "benchmarks.md").read_text()
    assert "| ratio | 2 x | at most 3 | yes |" in page
    assert "| 1,000 | crash | 5 % |" in page

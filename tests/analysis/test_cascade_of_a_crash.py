"""The cascade of a short crash, out of the engine: what it wrote beside each trigger is the authority.

A slow plain version walks the whole graph, every parent drawn, where the measures take two sweeps.
"""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import polars as pl
import pytest

from analysis import execute, figures
from analysis.cascade.graph import graph
from analysis.cascade.nodes import JUDGED
from analysis.cascade.trees import NOBODY, family
from analysis.cascade.whole import Cascade, cascade_of
from analysis.figure_style import NoData
from analysis.progress import Progress
from analysis.run import Run
from tests.short_window import window

pytestmark = pytest.mark.usefixtures("compiled_engine")
CRASH = window("black_thursday_2020")


@pytest.fixture(scope="module")
def crash(compiled_engine: None) -> Run:
    """Fifty blocks in which 200 vaults meet a fall of half."""
    return execute.in_memory(CRASH, 7, Progress(shown=False))


@pytest.fixture(scope="module")
def cascade(crash: Run) -> Cascade:
    return cascade_of(crash.scenario, crash.tables)


@pytest.fixture(scope="module")
def every_parent(cascade: Cascade) -> nx.DiGraph:
    return graph(cascade, min_weight=0.0)


def test_the_impacts_of_all_trades_add_up_to_what_was_in_every_trigger(cascade: Cascade) -> None:
    for asset, told in cascade.outside.items():
        mine = cascade.nodes.filter(
            pl.col("role").is_in(JUDGED), pl.col("trigger_block") >= 0, asset=asset
        )
        assert mine.height > 10
        rebuilt = told.quoted(mine["trigger_block"].to_numpy())
        assert rebuilt == pytest.approx(mine["trigger_impact"].to_numpy(), abs=1e-9)
        assert (
            np.abs(mine["trigger_impact"].to_numpy()).max() > 1e-4
        )  # there is something to rebuild
        for block in (1, 20, 49):
            before = float(told.before_record(np.array(block)))
            assert told.parts(block).sum() + before == pytest.approx(told.quoted(np.array(block)))


def test_events_have_ids_and_the_prices_of_what_they_answered_to(crash: Run) -> None:
    events = crash.events.collect()
    assert events["event"].is_unique().all()
    assert events["event"].is_sorted()
    answers = events.filter(pl.col("trigger_block").is_not_null())
    assert 100 < answers.height < events.height
    assert (answers["trigger_block"] <= answers["block"]).all()
    assert (answers["submitted_block"] <= answers["block"]).all()
    without = answers["trigger_fundamental_price_usd"].log() + answers["trigger_impact"]
    assert without.to_numpy() == pytest.approx(answers["trigger_price_usd"].log().to_numpy())
    silent = events.filter(pl.col("trigger_block").is_null())
    for name in ("trigger_price_usd", "trigger_impact", "trigger_fundamental_price_usd"):
        assert silent[name].null_count() == silent.height
    assert not silent["is_endogenous"].eq(1).any()


def test_a_market_quote_without_impact_is_the_fundamental_price(crash: Run) -> None:
    """The price that a vault answered to, less the impact in it, is the path that was imposed."""
    swaps = crash.events.filter(pl.col("cohort") == "eth_cppi", pl.col("trigger_block") >= 0)
    path = crash.blocks.select(pl.col("block").alias("trigger_block"), "fundamental_price_usd.ETH")
    told = swaps.join(path, on="trigger_block").collect()
    assert told.height > 10
    fundamental = told["fundamental_price_usd.ETH"].to_numpy()
    assert told["trigger_fundamental_price_usd"].to_numpy() == pytest.approx(fundamental, rel=1e-12)


def test_time_only_runs_forwards_and_shares_add_up_to_one(every_parent: nx.DiGraph) -> None:
    assert nx.is_directed_acyclic_graph(every_parent)
    assert all(parent < child for parent, child in every_parent.edges)
    caused = [node for node, told in every_parent.nodes(data=True) if told["is_endogenous"] == 1]
    assert len(caused) > 30
    for node in caused:
        told = every_parent.nodes[node]
        whole = every_parent.in_degree(node, weight="weight") + told["before_record"]
        assert whole == pytest.approx(1.0, abs=1e-6)
        assert told["remainder"] == pytest.approx(0.0, abs=1e-6)


def test_two_sweeps_find_what_a_walk_over_all_parents_finds(every_parent: nx.DiGraph) -> None:
    """Generation of every node, and USD that descends from it, by the definition."""
    generation: dict[int, float] = {}
    chances: dict[tuple[int, int], float] = {}
    for node in sorted(every_parent):
        told = every_parent.nodes[node]
        shares = {parent: d["weight"] for parent, _, d in every_parent.in_edges(node, data=True)}
        if told["role"] in JUDGED:
            pushed = {parent: share for parent, share in shares.items() if share > 0.0}
            whole = math.fsum(pushed.values()) + max(told["before_record"], 0.0)
            shares = {parent: share / whole for parent, share in pushed.items()}
        chances |= {(parent, node): share for parent, share in shares.items()}
        inherited = math.fsum(share * generation[parent] for parent, share in shares.items())
        generation[node] = inherited + (told["is_endogenous"] == 1)
    descends = dict.fromkeys(every_parent, 0.0)
    for node in sorted(every_parent, reverse=True):
        told = every_parent.nodes[node]
        own = told["usd"] if told["role"] in ("liquidation", "rule_sale") else 0.0
        for parent in every_parent.predecessors(node):
            descends[parent] += chances.get((parent, node), 0.0) * (own + descends[node])
    for node, told in every_parent.nodes(data=True):
        assert told["generation"] == pytest.approx(generation[node], abs=1e-9)
        assert told["descendants_usd"] == pytest.approx(descends[node], rel=1e-6, abs=1e-6)
    assert max(generation.values()) > 1.0


def test_many_draws_of_the_trees_have_the_expected_generations(cascade: Cascade) -> None:
    caused = cascade.is_caused
    expected = cascade.nodes["generation"].to_numpy()[caused]
    drawn = [family(cascade, seed) for seed in range(60)]
    means = np.array([one.generation[caused].mean() for one in drawn])
    assert means.mean() == pytest.approx(expected.mean(), abs=4.0 * means.std() / math.sqrt(60))
    one = drawn[0]
    named = np.flatnonzero(one.parent != NOBODY)
    assert (one.parent[named] < named).all()
    assert (one.generation[named] == one.generation[one.parent[named]] + 1).all()
    assert (one.root[named] == one.root[one.parent[named]]).all()
    assert not one.generation[~caused].any()


def test_the_summary_and_the_figure_tell_of_it(crash: Run) -> None:
    told = crash.summary["cascade"]
    assert 0.0 < told["endogenous_liquidations_usd_fraction"] <= 1.0
    assert 0.0 <= told["branching_number"] < 1.0 <= told["mean_generation"]
    drawn = figures.draw("cascade", crash)
    assert drawn.data.filter(role="liquidation")["usd"].sum() == pytest.approx(
        crash.summary["liquidations"]["debt_repaid_usd"]
    )
    assert "not yet due without the impact of earlier trades" in crash.headline


@pytest.mark.parametrize("name", ["frozen", "price_taking"])
def test_nothing_is_endogenous_where_no_price_moves(name: str) -> None:
    quiet = execute.in_memory(getattr(CRASH, name)(), 7, Progress(shown=False))
    made = quiet.cascade()
    assert not [node for node, told in made.nodes(data=True) if told["is_endogenous"] == 1]
    assert (made.number_of_nodes() == 0) == (name == "frozen")
    if name == "price_taking":
        assert {told["role"] for _, told in made.nodes(data=True)} >= {"liquidation", "rule_sale"}
    assert set(quiet.summary["cascade"].values()) == {None}
    with pytest.raises(NoData, match="no sale was caused by another"):
        quiet.plot("cascade")

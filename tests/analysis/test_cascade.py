"""Who caused what, on two small tables where every share can be worked out by hand.

ETH, half of an impact permanent, the other half halving every slot. Before the record: -0.001 permanent
and -0.0004 transient. In block 0 an exogenous sale moves a pool by -0.01 and noise by -0.03; arbitrage
carries both to the outside exchange (-0.004). In block 1 a liquidation, exogenous too; in block 2 its
keeper sells outside (-0.008). In block 4 a position is liquidated at the quote of block 3, and the keeper
sells that too (-0.002). In block 5 a vault sells by its rule at the quote of block 5.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import polars as pl
import pytest

from analysis.cascade.graph import graph
from analysis.cascade.measures import measures
from analysis.cascade.whole import Cascade, cascade_of
from analysis.undefined import Undefined
from scenarios.load import load
from scenarios.schema import Scenario
from sim.errors import InputError

SALE, NOISE, ARBITRAGE, HEDGE, FIRST, KEEPER, SECOND, KEEPER_AGAIN, RULE = range(1, 10)
BEFORE_3 = -0.001 - 0.0004 / 8
HEDGE_3 = -0.004 * (0.5 + 0.5 / 8)
KEEPER_3 = -0.008 * (0.5 + 0.5 / 2)
IMPACT_3 = BEFORE_3 + HEDGE_3 + KEEPER_3
BEFORE_5 = -0.001 - 0.0004 / 32
HEDGE_5 = -0.004 * (0.5 + 0.5 / 32)
KEEPER_5 = -0.008 * (0.5 + 0.5 / 8)
AGAIN_5 = -0.002 * (0.5 + 0.5 / 2)
IMPACT_5 = BEFORE_5 + HEDGE_5 + KEEPER_5 + AGAIN_5

POOL, OUTSIDE, CORE = "eth_usdc", "outside", "core"
KEEPS, CARRIES = "liquidators.0", "arbitrageurs.0"
TEN, ONE = "eth_borrowers.3", "eth_loop.1"  # a row of ten positions, and a row of one
COLUMNS = "event block kind cause account counterparty venue token usd impact trigger".split()
ROWS = [
    (SALE, 0, "swap", "rebalance", "eth_cppi.0", None, POOL, "ETH", 500.0, -0.01, (0, -0.0014, 0)),
    (NOISE, 0, "swap", "noise", "noise.0", None, POOL, "ETH", 900.0, -0.03, None),
    (ARBITRAGE, 0, "swap", "arbitrage", CARRIES, None, POOL, "USDC", 900.0, 0.02, None),
    (HEDGE, 0, "outside_trade", "arbitrage", CARRIES, None, OUTSIDE, "ETH", 900.0, -0.004, None),
    (FIRST, 1, "liquidation", "liquidation", KEEPS, TEN, CORE, "ETH", 800.0, 0.0, (1, -0.002, 0)),
    (KEEPER, 2, "outside_trade", "inventory", KEEPS, None, OUTSIDE, "ETH", 840.0, -0.008, None),
    (
        SECOND,
        4,
        "liquidation",
        "liquidation",
        KEEPS,
        ONE,
        CORE,
        "ETH",
        1000.0,
        0.0,
        (3, IMPACT_3, 1),
    ),
    (
        KEEPER_AGAIN,
        4,
        "outside_trade",
        "inventory",
        KEEPS,
        None,
        OUTSIDE,
        "ETH",
        1050.0,
        -0.002,
        None,
    ),
    (RULE, 5, "swap", "repair", "eth_loop.2", None, POOL, "ETH", 700.0, -0.01, (5, IMPACT_5, 1)),
]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(
        "calm_market", ["assets.ETH.half_life_seconds=12", "assets.ETH.permanent_fraction=0.5"]
    )


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.LazyFrame]:
    told: list[dict[str, Any]] = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    for row in told:
        block, impact, is_endogenous = row.pop("trigger") or (None, None, -1)
        row |= {"trigger_block": block, "trigger_impact": impact, "is_endogenous": is_endogenous}
        row |= {"token": f"{row['token']}@main", "cohort": row["account"].split(".")[0]}
        row |= {"counterparty_cohort": (row["counterparty"] or "").split(".")[0] or None}
        row |= {"status": "ok", "trigger_price_usd": 2000.0, "submitted_block": row["block"]}
        row |= {"token_amount": 10.0, "amount_out": 10.0}
    update = {"event": 99, "block": 3, "kind": "publish_price", "status": "ok"}
    told.append({**update, "venue": "eth_usd.operator", "trigger_block": 3})
    blocks: dict[str, Any] = {"block": range(6), "fundamental_price_usd.USDC": [1.0] * 6}
    for asset, first in (("ETH", (-0.001 - 0.002, -0.0004 - 0.002)), ("BTC", (0.0, 0.0))):
        blocks |= {f"fundamental_price_usd.{asset}": [2000.0] * 6}
        blocks |= {f"depth_multiple.{asset}": [1.0] * 6}
        for kind, value in zip(("permanent", "transient"), first, strict=True):
            blocks |= {
                f"{kind}_impact.{asset}": [value] + [0.0] * 5
            }  # only that of block 0 is read
    made = {"events": pl.DataFrame(told, infer_schema_length=None), "blocks": pl.DataFrame(blocks)}
    return {name: frame.lazy() for name, frame in made.items()}


@pytest.fixture(scope="module")
def cascade(scenario: Scenario, tables: dict[str, pl.LazyFrame]) -> Cascade:
    return cascade_of(scenario, tables)


def test_impacts_left_in_a_quote_add_up_to_what_the_engine_wrote(cascade: Cascade) -> None:
    eth = cascade.outside["ETH"]
    assert eth.quoted(pl.Series([3, 5]).to_numpy()) == pytest.approx(
        [IMPACT_3, IMPACT_5], abs=1e-15
    )
    assert eth.parts(3) == pytest.approx([HEDGE_3, KEEPER_3], abs=1e-15)


def test_parents_of_a_liquidation_by_their_share_of_the_impact(cascade: Cascade) -> None:
    made = graph(cascade, 0.0)
    parents = {parent: told["weight"] for parent, _, told in made.in_edges(SECOND, data=True)}
    assert parents == pytest.approx({HEDGE: HEDGE_3 / IMPACT_3, KEEPER: KEEPER_3 / IMPACT_3})
    assert made.nodes[SECOND]["before_record"] == pytest.approx(BEFORE_3 / IMPACT_3)
    assert made.nodes[SECOND]["oracle_update"] == 99
    assert made.nodes[FIRST]["oracle_update"] is None
    assert made.in_degree(FIRST) == 0  # exogenous


def test_carriers_hand_on_what_they_carry(cascade: Cascade) -> None:
    made = graph(cascade, 0.0)
    weights = nx.get_edge_attributes(made, "weight")
    assert weights[SALE, ARBITRAGE] == pytest.approx(0.25)
    assert weights[NOISE, ARBITRAGE] == pytest.approx(0.75)
    assert (
        weights[ARBITRAGE, HEDGE] == weights[FIRST, KEEPER] == weights[SECOND, KEEPER_AGAIN] == 1.0
    )
    assert (FIRST, KEEPER_AGAIN) not in weights  # sold out before


def test_shares_add_up_whatever_is_drawn(cascade: Cascade) -> None:
    for min_weight in (0.0, 0.2, 1.0):
        made = graph(cascade, min_weight)
        for node in (ARBITRAGE, HEDGE, KEEPER, SECOND, KEEPER_AGAIN, RULE):
            told = made.nodes[node]
            rest = told["remainder"] + told["before_record"] + told["market"]
            assert made.in_degree(node, weight="weight") + rest == pytest.approx(1.0, abs=1e-12)
    assert graph(cascade, 0.2).nodes[RULE]["remainder"] == pytest.approx(AGAIN_5 / IMPACT_5)


def test_generations_count_sales_and_not_carriers(cascade: Cascade) -> None:
    generation = dict(cascade.nodes.select("event", "generation").iter_rows())
    assert [generation[node] for node in (SALE, NOISE, HEDGE, FIRST, KEEPER)] == [0.0] * 5
    assert generation[SECOND] == generation[KEEPER_AGAIN] == 1.0
    assert generation[RULE] == pytest.approx(1.0 + AGAIN_5 / IMPACT_5)


def test_what_descends_from_a_root(cascade: Cascade) -> None:
    descends = dict(cascade.nodes.select("event", "descendants_usd").iter_rows())
    of_rule = 700.0 / IMPACT_5
    of_second = (1000.0 + AGAIN_5 * of_rule) / IMPACT_3
    assert descends[SECOND] == pytest.approx(AGAIN_5 * of_rule)
    assert descends[FIRST] == pytest.approx(KEEPER_3 * of_second + KEEPER_5 * of_rule)
    assert descends[SALE] == pytest.approx(0.25 * (HEDGE_3 * of_second + HEDGE_5 * of_rule))


def test_measures_by_hand(scenario: Scenario, tables: dict[str, pl.LazyFrame]) -> None:
    """Two liquidations: one of ten positions that was exogenous, one of a single one that was not."""
    undefined = Undefined()
    told = measures(scenario, tables, undefined)
    assert undefined.reasons == {}
    assert told["endogenous_liquidations_fraction"] == pytest.approx(1 / 11)
    assert told["endogenous_liquidations_usd_fraction"] == pytest.approx(1000 / 1800)
    assert told["endogenous_rule_sales_usd_fraction"] == pytest.approx(700 / 1200)
    generation = 1.0 + AGAIN_5 / IMPACT_5
    assert told["deepest_generation"] == pytest.approx(generation)
    assert told["mean_generation"] == pytest.approx((1000.0 + 700.0 * generation) / 1700.0)
    # Parents that answered to a price themselves: a quarter of the hedge, and both keeper's sales.
    second = (0.25 * HEDGE_3 + KEEPER_3) / IMPACT_3
    rule = (0.25 * HEDGE_5 + KEEPER_5 + AGAIN_5) / IMPACT_5
    assert told["branching_number"] == pytest.approx((1000.0 * second + 700.0 * rule) / 3000.0)
    assert [tree["event"] for tree in told["largest_trees"]] == [FIRST, NOISE, SALE]


def test_where_no_trade_moves_a_price_there_is_no_cascade(
    scenario: Scenario, tables: dict[str, pl.LazyFrame]
) -> None:
    undefined = Undefined()
    told = measures(scenario.without("outside_impact"), tables, undefined)
    assert set(told.values()) == {None}
    assert set(undefined.reasons) == {f"cascade.{name}" for name in told}


def test_a_share_outside_its_range_is_refused(cascade: Cascade) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        graph(cascade, 1.5)

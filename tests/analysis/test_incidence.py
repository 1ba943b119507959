"""Who paid whom: by hand for the plain run, and against the tables of events for a crash."""

from __future__ import annotations

import math

import polars as pl
import pytest

from analysis import execute
from analysis.figure_sankey import Ribbon, place
from analysis.figures.flows import net_payments
from analysis.incidence import CLASSES, INSIDE, class_of, net_by_cause
from analysis.netting import without_circles
from analysis.progress import Progress
from analysis.run import Run
from scenarios.layout import is_inside, lay_out
from scenarios.load import load, presets
from tests.analysis.plain import BONUS_USD, LIQUIDATIONS
from tests.short_window import window

BONUS_PAID_USD = len(LIQUIDATIONS) * BONUS_USD
QUIET = Progress(shown=False)


def test_a_bonus_goes_through_the_market_to_the_keeper(run: Run) -> None:
    rows = run.incidence.collect().to_dicts()
    assert [(row["payer"], row["receiver"], row["usd"]) for row in rows] == [
        ("markets", "liquidators", BONUS_PAID_USD),
        ("eth_loop", "markets", BONUS_PAID_USD),
    ]
    assert {row["cause"] for row in rows} == {"liquidation"}
    assert not any(row["within_class"] for row in rows)


def test_the_matrix_is_what_each_class_paid_net(run: Run) -> None:
    matrix = run.who_paid_whom()
    assert matrix["payer_class"].to_list() == list(CLASSES)
    paid = {row.pop("payer_class"): row for row in matrix.to_dicts()}
    assert paid["vault_owners"]["lenders"] == BONUS_PAID_USD
    assert paid["keepers"]["lenders"] == -BONUS_PAID_USD
    assert all(paid[a][b] == -paid[b][a] for a in CLASSES for b in CLASSES)
    assert math.fsum(paid["lenders"].values()) == 0.0


@pytest.mark.parametrize("name", [name for name, _, _ in presets()])
def test_a_group_is_of_an_inside_class_exactly_where_its_losses_count(name: str) -> None:
    scenario = load(name)
    groups = lay_out(scenario).groups
    for group in groups:
        assert (class_of(group, groups, scenario) in INSIDE) == is_inside(group, scenario)
    found = {class_of(group, groups, scenario) for group in groups}
    assert found <= set(CLASSES)
    holders = [c for c in scenario.cohorts if c.strategy in ("share_holder", "coin_holder")]
    assert ("depositors" in found) == bool(scenario.share_vaults or holders)


def table(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "payer_class": [row[0] for row in rows],
            "receiver_class": [row[1] for row in rows],
            "cause": [row[2] for row in rows],
            "usd": [row[3] for row in rows],
            "within_class": [row[0] == row[1] for row in rows],
        }
    )


def test_net_is_by_cause_and_leaves_out_what_stays_in_a_class() -> None:
    rows = table(
        ("keepers", "outside_world", "outside_trade", 9.0),
        ("outside_world", "keepers", "outside_trade", 7.0),
        ("keepers", "keepers", "settlement", 5.0),
        ("keepers", "validators", "gas", 2.0),
        ("keepers", "validators", "tip", 1.0),
    )
    assert net_by_cause(rows) == {
        ("keepers", "outside_world", "outside_trade"): 2.0,
        ("keepers", "validators", "gas"): 2.0,
        ("keepers", "validators", "tip"): 1.0,
    }
    drawn = net_payments(rows).to_dicts()
    assert [(row["receiver_class"], row["cause"], row["net_usd"]) for row in drawn] == [
        ("validators", "gas and tips", 3.0),
        ("outside_world", "trades outside", 2.0),
    ]


def test_what_goes_round_in_a_circle_is_netted_and_nobody_is_the_richer_for_it() -> None:
    names = ("a", "b", "c", "d")
    flows = {("a", "b"): 10.0, ("b", "c"): 8.0, ("c", "a"): 7.0, ("c", "d"): 3.0, ("d", "b"): 2.0}

    def net(pairs: dict[tuple[str, str], float]) -> dict[str, float]:
        out = {who: -sum(usd for (payer, _), usd in pairs.items() if payer == who) for who in names}
        return {
            who: out[who] + sum(u for (_, to), u in pairs.items() if to == who) for who in names
        }

    left = without_circles(flows, names)
    assert left == {("a", "b"): 3.0, ("c", "d"): 2.0, ("d", "b"): 1.0}
    assert net(left) == net(flows)
    assert without_circles(left, names) == left


def test_a_node_is_as_tall_as_the_wider_of_its_sides() -> None:
    columns = (("vault_owners",), ("lenders",), ("keepers", "outside_world"))
    ribbons = [
        Ribbon("vault_owners", "lenders", 5.0, "liquidation"),
        Ribbon("lenders", "keepers", 4.0, "liquidation"),
        Ribbon("outside_world", "lenders", 2.0, "swap"),  # backwards, and still on the facing side
    ]
    heights = {name: node.height for name, node in place(columns, ribbons).items()}
    assert heights == {"vault_owners": 5.0, "lenders": 6.0, "keepers": 4.0, "outside_world": 2.0}


@pytest.mark.usefixtures("compiled_engine")
def test_gas_paid_is_that_of_the_recorded_events_alone() -> None:
    """An independent count: gas of each event at the price of its block; the burn-in paid gas too."""
    crash = execute.in_memory(window("black_thursday_2020"), 7, QUIET)
    events = crash.events.select("block", "gas_eth").collect()
    blocks = crash.blocks.select("block", "fundamental_price_usd.ETH").collect()
    price_usd = dict(blocks.iter_rows())
    paid = crash.incidence.filter(receiver_class="validators").collect()
    from_events = math.fsum(gas * price_usd[block] for block, gas in events.iter_rows())
    assert from_events > 0.0
    assert math.fsum(paid["usd"]) == pytest.approx(from_events, rel=1e-9)

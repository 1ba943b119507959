"""Each channel alone changes the table it is about; where a scenario does not use it, it changes no byte.

The first half opens one channel in a crash in which all are frictionless. The second half switches one off
in a scenario that has everything else: trades, liquidations, other frictions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.schema.world import CHANNELS
from sim.columns import BLOCK_COLUMNS, COHORT_COLUMNS
from sim.transaction import LIQUIDATE, PUBLISH_PRICE, SWAP
from tests.evidence.measures import Whole, whole
from tests.short_window import PRICE_TAKING, window

SEED = 100
FALL = {"name": "fall", "shock": "price_gap", "asset": "ETH", "size": "-30 %", "start": "2 min"}
SHORT = {"time.horizon_blocks": 100, "time.burn_in_blocks": 10, "cohorts.*.n_rows": 20}
TRADED = ("eth_usdc", "eth_usdc_low_fee", "btc_usdc")

pytestmark = pytest.mark.usefixtures("compiled_engine")


def small(remove: tuple[str, ...] = (), **changes: Any) -> Scenario:
    """A calm market in small that falls by a third; without what is named."""
    base = load("calm_market")
    kept = base.with_(remove=list(remove)) if remove else base
    return kept.with_(**{**SHORT, **changes}, shocks=[FALL])


def tables(run: Whole) -> dict[str, bytes]:
    """Every table of a run, and the last state of vaults, keepers and marks, in bytes."""
    told = {
        name: getattr(run, name) for name in ("blocks", "cohorts", "pools", "reserves", "events")
    }
    sim = run.simulation
    snapshots = {"vaults": sim.vault_rows(), "keepers": sim.keeper_rows(), "marks": sim.mark_rows()}
    for table, rows in snapshots.items():
        told.update({f"{table}.{name}": np.asarray(column) for name, column in rows.items()})
    return {name: array.tobytes() for name, array in told.items()}


def off_the_fundamental(run: Whole) -> Any:
    names = run.simulation.block_columns
    market, fundamental = (
        names.index(f"{kind}_price_usd.ETH") for kind in ("market", "fundamental")
    )
    return np.abs(run.blocks[:, market] - run.blocks[:, fundamental]).max()


def off_the_market(run: Whole) -> Any:
    names = run.simulation.block_columns
    oracle, market = names.index("oracle_price_usd.eth_usd"), names.index("market_price_usd.ETH")
    return np.abs(run.blocks[:, oracle] / run.blocks[:, market] - 1.0).max()


def pool_off_the_market(run: Whole) -> Any:
    names = run.simulation.block_columns
    price = run.pools[:, 0, 1] / run.pools[:, 0, 0]
    return np.abs(price / run.blocks[:, names.index("market_price_usd.ETH")] - 1.0).max()


def burned_eth(run: Whole) -> Any:
    columns = [BLOCK_COLUMNS.index(name) for name in ("fees_burned_eth", "tips_paid_eth")]
    return run.blocks[:, columns].sum()


def keepers_waiting(run: Whole) -> Any:
    """Positions at risk at the end of blocks: a keeper without frictions leaves none that pays."""
    return run.cohorts[:, :, COHORT_COLUMNS.index("n_at_risk")].sum()


STATED = {
    "outside_impact": ("blocks: market off the fundamental price", off_the_fundamental),
    "pool_depth": ("pools: price off the market", pool_off_the_market),
    "oracle_lag": ("blocks: oracle off the market", off_the_market),
    "gas": ("blocks: fees and tips", burned_eth),
    "keeper_friction": ("cohorts: positions at risk", keepers_waiting),
}


def test_every_channel_is_stated() -> None:
    assert set(STATED) == set(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_alone_changes_its_table(channel: str) -> None:
    frictionless = window(PRICE_TAKING)
    alone = frictionless.with_(channels={channel: True})
    title, measure = STATED[channel]
    without, with_it = (measure(whole(one, SEED)) for one in (frictionless, alone))
    print(f"\n{channel} alone, {title}: {without:.6g} -> {with_it:.6g}")
    assert with_it > without


FIXED: dict[str, Any] = {
    "feeds.*.mode": "fixed",
    "feeds.eth_usd.fixed_price_usd": 1700.0,
    "feeds.btc_usd.fixed_price_usd": 43000.0,
    "feeds.usdc_usd.fixed_price_usd": 1.0,
}
POOLS = tuple(f"pools.{pool}" for pool in TRADED) + tuple(f"cohorts.{p}_providers" for p in TRADED)


def recorded_as_market(asset: str, price_usd: float) -> dict[str, Any]:
    anchors = [[0, price_usd], [0.1, 0.7 * price_usd], [0.5, 0.7 * price_usd]]
    path = {"name": f"{asset}_path", "shock": "price_path", "asset": asset, "kind": "market"}
    return {**path, "volatility_per_year": 0.9, "anchors": anchors}


def unused(channel: str) -> tuple[Scenario, tuple[int, ...]]:
    """A scenario without the channel, and what happens in it all the same."""
    if channel == "outside_impact":  # the exchange outside is the file
        paths = [recorded_as_market("ETH", 2300.0), recorded_as_market("BTC", 43000.0)]
        return load("calm_market").with_(**SHORT, shocks=paths), (SWAP, LIQUIDATE)
    if channel == "pool_depth":
        return small(remove=(*POOLS, "cohorts.arbitrageurs", "cohorts.noise")), (LIQUIDATE,)
    if channel == "oracle_lag":
        return small(**FIXED), (SWAP,)
    if channel == "keeper_friction":
        return small(remove=("cohorts.liquidators",)), (SWAP, PUBLISH_PRICE)
    return small(**FIXED).frozen(), ()  # nobody sends anything, and no oracle publishes


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_that_is_not_used_changes_no_byte(channel: str) -> None:
    scenario, happens = unused(channel)
    open_, shut = whole(scenario, SEED), whole(scenario.without(channel), SEED)
    kinds = set(open_.events["kind"].tolist())
    assert set(happens) <= kinds
    assert bool(kinds) == bool(happens)
    here, there = tables(open_), tables(shut)
    assert {name for name in here if here[name] != there[name]} == set()

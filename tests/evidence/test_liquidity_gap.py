"""The preset of a liquidity gap: what forced sellers lose to it, against the same money at all prices."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from sim import accounts, status
from sim.transaction import SWAP
from tests.evidence.measures import FEW_SEEDS

ETH = 0
RANGES = [
    f"cohorts.eth_usdc{which}_providers.{end}_price_multiple"
    for which in ("", "_far")
    for end in ("lower", "upper")
]


def with_gap() -> Scenario:
    """The preset."""
    return load("liquidity_gap")


def without_gap() -> Scenario:
    """The same money, spread over all prices."""
    spread = {"pools.eth_usdc.kind": "constant_product"}
    return with_gap().with_(**spread, remove=[*RANGES, "pools.eth_usdc.tick_spacing"])


def shortfall(scenario: Scenario, seed: int) -> float:
    """By how much vaults sold their ETH below the outside market, on average over all they sold."""
    simulation = Simulation(scenario, seed)
    sold_usd = got_usd = 0.0
    vaults = [
        c for c, row in enumerate(simulation.world.cohorts.table) if row.role == accounts.VAULT
    ]
    while not simulation.is_done:
        simulation.run()
        events = simulation.drain().events
        is_sale = (events["kind"] == SWAP) & (events["status"] == status.OK)
        is_sale &= (events["token"] == ETH) & np.isin(events["cohort"], vaults)
        sold_usd += float(events["usd"][is_sale].sum())
        got_usd += float(events["amount_out"][is_sale].sum())
    assert sold_usd > 1e6
    return 1.0 - got_usd / sold_usd


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_forced_sellers_lose_more_where_there_is_a_gap(seed):
    assert shortfall(with_gap(), seed) > shortfall(without_gap(), seed)

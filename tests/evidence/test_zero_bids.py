"""Auctions end at nothing where gas keeps bidders away, and only there: five seeds of March 2020, in pairs.

Thirty seeds, with intervals, stand in docs/validation.md.
"""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.load import load
from scenarios.simulation import Simulation
from sim.status import OK
from sim.tables import CDP
from sim.transaction import DEAL

pytestmark = pytest.mark.usefixtures("compiled_engine")
SEEDS = (4, 5, 6, 7, 8)


def outcome(seed: int, **changes: object) -> tuple[float, float]:
    """The hole in M coin, and the share of auctions that ended below a hundredth of the market value."""
    simulation = Simulation(load("zero_bid_auctions_2020", changes=changes or None), seed)
    events = []
    while not simulation.is_done:
        simulation.run()
        events.append(np.array(simulation.drain().events))
    ended = np.concatenate(events)
    ended = ended[(ended["kind"] == DEAL) & (ended["status"] == OK)]
    assert len(ended) > 1_000
    worth_usd = ended["amount_out"] * ended["market_price_usd"]
    venues = simulation.world.venues
    deficit = sum(
        float(reserve.deficit)
        for reserve in venues.reserves
        if venues.markets[reserve.market].kind == CDP
    )
    return deficit / 1e6, float(np.mean(ended["token_amount"] < 0.01 * worth_usd))


@pytest.mark.parametrize("channel", ["gas", "keeper_friction"])
def test_without_the_friction_no_auction_ends_at_nothing(channel):
    with_all = [outcome(seed) for seed in SEEDS]
    without = [outcome(seed, **{f"channels.{channel}": False}) for seed in SEEDS]
    assert without == [(0.0, 0.0)] * len(SEEDS)
    assert all(share > 0.0 for _, share in with_all)
    assert sum(hole > 0.0 for hole, _ in with_all) >= len(SEEDS) - 1


def test_no_hole_without_a_bidder_who_opens_with_nothing():
    hole, share = outcome(7, **{"cohorts.opportunist.opening_fraction": 1.0})
    assert hole == 0.0
    assert share < 0.001

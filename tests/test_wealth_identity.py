"""The wealth identity: what the inside has lost is what the prices, its trades and its payments say it has.

The left side is read off balances and prices; the right side off the tables that the engine adds up as
transactions are executed. A crash with liquidations, interest, gas, custody and noise stands between them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.load import load
from scenarios.schema.world import CHANNELS
from scenarios.simulation import Simulation
from sim.ledger import column
from tests.banded_stage import BANDED, short_bands
from tests.short_window import PRICE_TAKING, window


def inside(world, prices):
    """What inside accounts hold less the coin their markets have issued, at these prices, exactly summed."""
    issued = math.fsum(r.issued * prices[r.asset] for r in world.venues.reserves)
    return -issued + math.fsum(
        amount * prices[a]
        for a in range(len(prices))
        for group in np.flatnonzero(world.log.is_inside)
        for amount in column(world.ledger, a, group).tolist()
    )


def market(world):
    return world.venues.exchanges["market_price_usd"].copy()


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("name", ["black_thursday_2020", "calm_market", PRICE_TAKING, BANDED])
def test_the_loss_is_what_its_parts_say(name):
    sim = Simulation(short_bands() if name == BANDED else window(name), seed=11)
    sim.run(sim.scenario.time.burn_in_blocks)
    before_usd = inside(sim.world, market(sim.world))
    sim.run()
    world, wealth = sim.world, sim.world.log.wealth
    loss_usd = before_usd - inside(world, market(world))
    held = wealth["inside"]
    fundamental = world.venues.exchanges["fundamental_price_usd"]
    frozen = -wealth["inside_at_start"] * (fundamental - wealth["price_at_start_usd"])
    mark = held * (fundamental - market(world))
    mark -= wealth["inside_at_start"] * (
        wealth["price_at_start_usd"] - wealth["market_price_at_start_usd"]
    )
    is_inside = world.log.is_inside == 1
    out = world.log.paid_usd[:, is_inside][:, :, ~is_inside].sum()
    back = world.log.paid_usd[:, ~is_inside][:, :, is_inside].sum()
    parts = frozen.sum() + wealth["timing_usd"].sum() + (out - back) + mark.sum()
    assert loss_usd == pytest.approx(parts, rel=1e-9, abs=1e-9 * before_usd)
    if name != "calm_market":
        assert (
            abs(out - back) > 1e-5 * before_usd
        )  # something was paid, so that there is a sum to close


def test_channels_are_what_a_scenario_can_go_without():
    crash = load("black_thursday_2020")
    assert not any(getattr(crash.price_taking().channels, name) for name in CHANNELS)
    assert crash.price_taking().channels.trading
    assert not crash.frozen().channels.trading
    assert crash.without("gas").channels.model_dump() == {
        **crash.channels.model_dump(),
        "gas": False,
    }
    with pytest.raises(Exception, match="Did you mean 'oracle_lag'"):
        crash.without("oracle_lags")

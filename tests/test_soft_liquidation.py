"""Soft liquidation in a run: a fall and a recovery sell a loan and buy it back; the same loan, hard, is lost.

What a band brings is compared with the closed form of a slow sale, the mean of its edges (Egorov 2022);
what everybody owns is added up a second time from the balances.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from scenarios.marks import marks_of_all
from scenarios.simulation import Simulation
from scenarios.still import still
from sim.formulas.llamma import DEAD_SHARES
from sim.ledger import column
from sim.status import OK
from sim.transaction import LIQUIDATE
from sim.venues.band_pool import index_now
from sim.venues.bands import edge_of, row_of
from sim.venues.lending import left_to_treasury
from sim.world import state_hash
from tests.banded_stage import banded_stage

SOFT, HARD = 0, 1  # cohorts, and their collateral is that of the same loan
BOTTOM = 612  # the slot after the lowest price
LAG = (
    0.02  # of the price: by so much arbitrageurs come late, who wait for the fee and for the oracle
)


@dataclasses.dataclass(frozen=True)
class Band:
    """What one band holds, and the mean of its edges."""

    coin: float
    collateral: float
    mean: float


def bands_of(sim: Simulation) -> dict[int, Band]:
    """All bands in which a loan lies."""
    venues, seconds = sim.world.venues, float(sim.world.clock.now[0].seconds)
    market, index = venues.banded[0], index_now(venues, 0, seconds)
    found = {}
    for n in range(int(market.lowest_used), int(market.highest_used) + 1):
        row = venues.bands[row_of(market, n)]
        edges = (float(edge_of(market, index, n + k)) for k in (0, 1))
        if row.shares > DEAD_SHARES:
            mean = math.sqrt(math.prod(edges))
            found[n] = Band(float(row.coin), float(row.collateral), mean)
    return found


def run(sim: Simulation, slot: int) -> None:
    """Up to a slot; the log is emptied on the way, and an audit that fails would stop it."""
    while sim.slot < slot and not sim.is_done:
        sim.run(min(100, slot - sim.slot))
        sim.drain()


@pytest.fixture(scope="module")
def told(compiled_engine):
    """The stage: bands at birth, at the bottom and at the end, and the world that is left."""
    sim = Simulation(banded_stage(), seed=7)
    born = bands_of(sim)
    collateral = float(column(sim.world.ledger, receipt_of_hard(sim), group(sim, HARD)).sum())
    run(sim, BOTTOM)
    low = bands_of(sim)
    run(sim, sim.n_slots)
    return sim, born, low, bands_of(sim), collateral


def group(sim: Simulation, c: int) -> int:
    return int(sim.world.cohorts.table[c].group)


def receipt_of_hard(sim: Simulation) -> int:
    return int(sim.world.venues.reserves[2].receipt_token)


def test_both_are_born_with_the_same_loan(told):
    _, born, _, _, collateral = told
    assert len(born) == 20
    assert math.fsum(band.collateral for band in born.values()) == pytest.approx(
        5e6 * 3.5 / 3000.0, rel=1e-12
    )
    assert collateral == pytest.approx(5e6 * 3.5 / 3000.0, rel=1e-9)


def test_on_the_way_down_a_band_brings_a_little_less_than_a_slow_sale(told):
    _, born, low, _, _ = told
    sold = [n for n, band in low.items() if band.collateral == 0.0]
    assert len(sold) >= 15
    for n in sold:
        slow = born[n].collateral * born[n].mean
        assert (1.0 - LAG) * slow < low[n].coin < slow, n


def test_after_the_recovery_all_is_collateral_again_and_the_turn_has_cost_some(told):
    sim, born, low, end, _ = told
    touched = [n for n in born if low[n].coin > 0.0]
    assert all(band.coin == 0.0 for band in end.values())
    for n in born:
        if n in touched:
            assert 1.0 - 2.0 * LAG < end[n].collateral / born[n].collateral < 1.0, n
        else:
            assert end[n].collateral == born[n].collateral
    pool = sim.world.venues.pools[1]
    assert pool.reserve0 == pytest.approx(math.fsum(b.collateral for b in end.values()), rel=1e-12)


def test_the_same_loan_hard_has_lost_far_more(told):
    sim, *_ = told
    soft, hard = (sim.world.cohorts.table[c] for c in (SOFT, HARD))
    price = float(sim.world.venues.exchanges[0].market_price_usd)
    unhurt = 5e6 * (1.0 + 3.5 * (price / 3000.0 - 1.0))
    assert soft.nav_usd == pytest.approx(unhurt, rel=0.07)
    assert hard.nav_usd < 0.6 * unhurt
    assert hard.debt_usd < 0.5 * soft.debt_usd


def everything_adds_up(sim: Simulation) -> None:
    """What cohorts and treasuries are marked at is what the inside holds, less the coin that was issued."""
    world = sim.world
    prices = world.venues.exchanges["market_price_usd"]
    held_usd = math.fsum(
        amount * prices[a]
        for a in range(len(prices))
        for inside in np.flatnonzero(world.log.is_inside)
        for amount in column(world.ledger, a, inside).tolist()
    )
    issued_usd = math.fsum(r.issued * prices[r.asset] for r in world.venues.reserves)
    seconds = world.clock.now[0].seconds
    owned_usd = math.fsum(cohort.nav_usd for cohort in world.cohorts.table) + math.fsum(
        left_to_treasury(r, seconds) * prices[r.asset] for r in world.venues.reserves
    )
    assert owned_usd == pytest.approx(held_usd - issued_usd, rel=1e-12)
    for cohort, marks in zip(world.cohorts.table, marks_of_all(still(world)), strict=True):
        assert math.fsum(marks.nav_usd) == pytest.approx(cohort.nav_usd, rel=1e-12)
        assert math.fsum(marks.nav_protocol_usd) == pytest.approx(
            cohort.nav_protocol_usd, rel=1e-12
        )


def test_what_bands_hold_is_their_borrowers(told):
    everything_adds_up(told[0])


def test_a_run_goes_on_from_the_bottom_as_if_it_had_not_been_saved(told, tmp_path):
    first = Simulation(banded_stage(), seed=7)
    run(first, BOTTOM)
    first.save(tmp_path / "checkpoint")
    second = Simulation.load(tmp_path / "checkpoint", banded_stage(), 7)
    assert bands_of(second) == told[2]
    run(second, second.n_slots)
    assert state_hash(second.world) == state_hash(told[0].world)


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("has_friction", [True, False])
def test_bands_that_no_longer_cover_the_debt_are_taken_over(has_friction):
    """With a discount that the way down uses up: the bands' own coin pays first, the liquidator the rest.

    Without ``keeper_friction`` the outside world lends it.
    """
    stage = banded_stage(is_hard=True)
    sim = Simulation(stage if has_friction else stage.without("keeper_friction"), seed=7)
    taken = []
    while not sim.is_done:
        sim.run(100)
        events = sim.drain().events
        is_soft = events["venue"] == sim.world.venues.reserves[0].account
        taken += list(events[(events["kind"] == LIQUIDATE) & (events["status"] == OK) & is_soft])
    assert len(taken) == sim.scenario.cohorts[SOFT].n_rows
    for event in taken:
        assert event["health_before"] < 1.0
        assert 0.0 < event["token_amount"] < event["usd"]  # the bands' coin has paid the rest
        assert event["token_amount"] < event["amount_out"] * event["market_price_usd"]
    cohort, pool = sim.world.cohorts.table[SOFT], sim.world.venues.pools[1]
    assert cohort.debt_usd == cohort.nav_usd == 0.0
    assert max(pool.reserve0, pool.reserve1) < 1e-6
    everything_adds_up(sim)

"""The staked token at its contract: rate, a line in order, claims in any, slashing, reasons."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim import status
from sim.audit import audit
from sim.block.book import book
from sim.transaction import CLAIM, CONVERT, REQUEST
from sim.venues import oracle
from sim.venues.redemptions import most, pass_time, pays
from tests.sim.staked_world import LIDO, staked_world
from tests.sim.worlds import Leg, SmallWorld

RATE = 2200 / 2000
PER_SECOND = 2e6 / 2000 / 86_400  # ether


@pytest.fixture
def small() -> SmallWorld:
    world = staked_world()
    for name in ("patient.0", "patient.1"):
        world.give(name, "stETH", 500.0)
    world.give("arbitrageurs.0", "ETH", 400.0)
    return world


def act(small: SmallWorld, sender: str, kind: int, amount: float) -> int:
    token = "ETH" if kind == CONVERT else "stETH"
    return small.attempt(sender, Leg(kind, LIDO, amount, small.token(token)))


def wait(small: SmallWorld, seconds: float) -> None:
    now = small.world.clock.now[0]
    now.seconds += seconds
    pass_time(small.world.ledger, small.world.venues, now.seconds, seconds)
    book(small.world)


def terms(small: SmallWorld) -> Any:
    return small.world.venues.staked[0]


def test_ether_becomes_tokens_at_the_rate(small):
    before, rate = small.held("arbitrageurs.0", "stETH"), float(terms(small).rate)
    assert rate == pytest.approx(RATE, rel=1e-6)
    assert act(small, "arbitrageurs.0", CONVERT, 110.0) == status.OK
    assert small.held("arbitrageurs.0", "stETH") - before == pytest.approx(110.0 / rate, rel=1e-12)
    assert pays(small.world.venues, LIDO, small.token("ETH"), 110.0) == pytest.approx(110.0 / rate)
    assert pays(small.world.venues, LIDO, small.token("stETH"), 1.0) == 0.0
    assert most(small.world.venues, LIDO, small.token("stETH"), 0.0) == 0.0


def test_what_is_staked_earns_and_the_reserve_grows_with_the_rate(small):
    module, rate = small.world.venues.redemptions[LIDO], float(terms(small).rate)
    reserve = float(module.reserve)
    wait(small, 365 * 86_400.0)
    assert terms(small).rate == pytest.approx(rate * math.exp(0.05 * 0.9), rel=1e-12)
    assert module.reserve == pytest.approx(reserve * math.exp(0.045), rel=1e-12)
    assert module.reserve >= module.issued * terms(small).rate * (1.0 - 1e-12)


def test_the_line_is_served_in_order_and_claimed_in_any(small):
    now = small.world.clock.now[0]
    start, rate = float(now.seconds), float(terms(small).rate)
    for sender, amount in (("patient.0", 10.0), ("patient.1", 30.0), ("patient.0", 5.0)):
        assert act(small, sender, REQUEST, amount) == status.OK
    waiting = small.world.venues.waiting
    served = start
    for k, amount in enumerate((10.0, 30.0, 5.0)):
        served += amount * rate / PER_SECOND
        assert waiting[k].ready_seconds == pytest.approx(max(served, start + 120.0), rel=1e-12)
    assert act(small, "patient.0", CLAIM, 0.0) == status.NOT_FINAL
    wait(small, 1.01 * 40.0 * rate / PER_SECOND)  # two of the three
    assert act(small, "patient.0", CLAIM, 2.0) == status.NOT_FINAL
    assert act(small, "patient.0", CLAIM, 1.0) == status.NO_REQUEST  # somebody else's
    ether = small.held("patient.1", "ETH")
    assert act(small, "patient.1", CLAIM, 1.0) == status.OK  # before the first
    assert small.held("patient.1", "ETH") - ether == pytest.approx(30.0 * rate, rel=1e-12)
    assert act(small, "patient.1", CLAIM, 1.0) == status.NO_REQUEST  # once is enough
    assert terms(small).first_request == 0
    assert act(small, "patient.0", CLAIM, 0.0) == status.OK
    assert terms(small).first_request == 2
    assert terms(small).locked == pytest.approx(0.0, abs=1e-12)
    assert audit(small.world)


def test_what_waits_is_in_the_custody_of_whoever_waits(small):
    nav_usd = [float(row.nav_usd) for row in small.world.cohorts.table]
    assert act(small, "patient.0", REQUEST, 10.0) == status.OK
    assert small.held("patient.custody.0", "stETH") == 10.0
    small.block()
    patient = small.names.cohorts.index("patient")
    assert small.world.cohorts.table[patient].nav_usd == pytest.approx(
        nav_usd[patient] + 2.2e6, rel=1e-6
    )


def test_slashing_cuts_the_rate_and_those_who_wait_bear_it(small):
    module, rate = small.world.venues.redemptions[LIDO], float(terms(small).rate)
    assert act(small, "patient.0", REQUEST, 10.0) == status.OK
    module.locked_fraction = 0.2
    wait(small, 0.0)
    assert terms(small).rate == pytest.approx(0.8 * rate, rel=1e-12)
    reserve = float(module.reserve)
    wait(small, 0.0)
    assert module.reserve == reserve  # once
    wait(small, 7_200.0)
    ether = small.held("patient.0", "ETH")
    assert act(small, "patient.0", CLAIM, 0.0) == status.OK
    paid = small.held("patient.0", "ETH") - ether
    assert paid == pytest.approx(10.0 * float(terms(small).rate), rel=1e-12)
    assert paid == pytest.approx(8.0 * rate, rel=2e-5)
    assert audit(small.world)


def test_every_refusal_has_its_reason_and_changes_nothing(small):
    assert act(small, "patient.0", REQUEST, 0.0) == status.BAD_AMOUNT
    assert act(small, "patient.0", REQUEST, math.nan) == status.BAD_AMOUNT
    assert act(small, "patient.0", REQUEST, 501.0) == status.INSUFFICIENT_BALANCE
    assert act(small, "patient.0", CLAIM, math.nan) == status.NO_REQUEST
    assert act(small, "patient.0", CLAIM, 7.0) == status.NO_REQUEST
    back = Leg(CONVERT, LIDO, 1.0, small.token("stETH"))
    assert small.attempt("patient.0", back) == status.QUEUE_ONLY
    dear = Leg(CONVERT, LIDO, 11.0, small.token("ETH"), limit=10.1)
    assert small.attempt("arbitrageurs.0", dear) == status.SLIPPAGE
    for _ in range(4):
        assert act(small, "patient.0", REQUEST, 1.0) == status.OK
    assert act(small, "patient.0", REQUEST, 1.0) == status.QUEUE_FULL
    module = small.world.venues.redemptions[LIDO]
    module.is_halted = 1.0
    assert act(small, "patient.1", REQUEST, 1.0) == status.CLOSED
    module.cap = module.issued
    assert act(small, "arbitrageurs.0", CONVERT, 1.0) == status.CEILING_EXCEEDED


def test_a_feed_of_its_rate_follows_what_is_staked_and_no_sale(small):
    feeds = small.world.venues.feeds
    eth, rate = (small.names.feeds.index(name) for name in ("eth_usd", "steth_rate"))
    assert feeds[rate].price_usd == pytest.approx(2200.0, rel=1e-6)
    small.world.venues.exchanges[small.token("stETH")].permanent_impact = -0.3
    small.block(3)
    assert feeds[rate].price_usd == pytest.approx(2200.0, rel=1e-6)
    leg = Leg(21, eth, 1000.0)  # an update, and in the same transaction the view knows it
    assert small.attempt("eth_usd.operator", leg) == status.OK
    assert feeds[rate].price_usd == pytest.approx(1100.0, rel=1e-6)
    assert not oracle.wants_update(feeds[rate], 1.0, 1e9)


def test_it_is_worth_what_stands_behind_it(small):
    price = small.world.clock.fundamental_price_usd
    eth, staked = small.token("ETH"), small.token("stETH")
    days = 12.0 * (len(price) - 1) / 86_400.0
    grown = RATE * math.exp(0.045 * days / 365.0)
    assert price[-1, staked] / price[-1, eth] == pytest.approx(grown, rel=1e-12)
    slashed = staked_world(
        shocks=[{"name": "cut", "shock": "reserve_loss", "redemption": "lido", "fraction": 0.1,
                 "start_seconds": 600.0}]
    )  # fmt: skip
    ratio = slashed.world.clock.fundamental_price_usd[:, staked] / price[:, staked]
    assert ratio[49] == pytest.approx(1.0, rel=1e-12)
    assert ratio[50:] == pytest.approx(0.9, rel=1e-12)

"""Mint and burn at its module: what it pays, what it makes and destroys, how it recovers, what it refuses."""

from __future__ import annotations

import pytest

from sim import status
from sim.audit import audit
from sim.transaction import CONVERT, REQUEST
from sim.venues.redemptions import most, pass_time, pays
from tests.sim.staked_world import TERRA, staked_world
from tests.sim.worlds import Leg, SmallWorld

BASE = 1e6


@pytest.fixture
def small() -> SmallWorld:
    world = staked_world()
    world.give("arbitrageurs.0", "UST", 600_000.0)
    world.give("arbitrageurs.0", "LUNA", 10_000.0)
    return world


def convert(small: SmallWorld, token: str, amount: float, limit: float = 0.0) -> int:
    return small.attempt("arbitrageurs.0", Leg(CONVERT, TERRA, amount, small.token(token), limit))


def delta(small: SmallWorld) -> float:
    return float(small.world.venues.virtual_pools[0].delta)


def in_issue(small: SmallWorld, token: str) -> float:
    ledger, number = small.world.ledger, small.token(token)
    return float(ledger.minted[number].sum() - ledger.burned[number].sum())


def test_coin_is_burned_for_its_dollar_less_the_spread(small):
    """By hand: 250,000 into pools of a million each: the other pool pays 200,000, a spread of a fifth."""
    coin, volatile = in_issue(small, "UST"), in_issue(small, "LUNA")
    held = small.held("arbitrageurs.0", "LUNA")
    expected = 200_000.0 / 80.0
    assert pays(small.world.venues, TERRA, small.token("UST"), 250_000.0) == pytest.approx(expected)
    assert convert(small, "UST", 250_000.0) == status.OK
    assert small.held("arbitrageurs.0", "LUNA") - held == pytest.approx(expected, rel=1e-12)
    assert in_issue(small, "UST") == pytest.approx(coin - 250_000.0, rel=1e-12)
    assert in_issue(small, "LUNA") == pytest.approx(volatile + expected, rel=1e-12)
    assert delta(small) == 250_000.0
    assert audit(small.world)


def test_small_trades_pay_the_least_spread_both_ways(small):
    held = small.held("arbitrageurs.0", "UST")
    assert convert(small, "LUNA", 10.0) == status.OK
    assert small.held("arbitrageurs.0", "UST") - held == pytest.approx(800.0 * 0.995, rel=1e-12)
    assert delta(small) == pytest.approx(-796.0, rel=1e-12)
    held = small.held("arbitrageurs.0", "LUNA")
    assert convert(small, "UST", 796.0) == status.OK
    assert small.held("arbitrageurs.0", "LUNA") - held == pytest.approx(
        796.0 * 0.995 / 80.0, rel=1e-12
    )
    assert audit(small.world)


def test_it_believes_its_oracle_and_in_one_dollar(small):
    feed = small.names.feeds.index("luna_usd")
    small.world.venues.feeds[feed].price_usd = 0.5
    small.world.venues.exchanges[small.token("UST")].market_price_usd = 0.3
    assert pays(small.world.venues, TERRA, small.token("UST"), 1.0) == pytest.approx(1.99)


def test_its_pools_go_back_to_rest(small):
    convert(small, "UST", 100_000.0)
    now = small.world.clock.now[0]
    pass_time(small.world.ledger, small.world.venues, now.seconds, 12.0)  # two of its blocks
    assert delta(small) == pytest.approx(100_000.0 * (35.0 / 36.0) ** 2, rel=1e-12)


def test_it_asks_a_hundredth_more_for_the_most_at_once(small):
    for token, unit in (("UST", 1.0), ("LUNA", 80.0)):
        amount = most(small.world.venues, TERRA, small.token(token), 0.0)
        out = pays(small.world.venues, TERRA, small.token(token), amount)
        worth = out * (80.0 if token == "UST" else 1.0)
        assert worth / (amount * unit) == pytest.approx(1.0 - 0.015, rel=1e-9)


def test_every_refusal_has_its_reason_and_changes_nothing(small):
    assert convert(small, "UST", 0.0) == status.BAD_AMOUNT
    assert convert(small, "USDC", 1.0) == status.BAD_AMOUNT
    assert convert(small, "UST", 1e9) == status.INSUFFICIENT_BALANCE
    assert convert(small, "UST", 80.0, limit=1.0) == status.SLIPPAGE
    leg = Leg(REQUEST, TERRA, 1.0, small.token("UST"))
    assert small.attempt("arbitrageurs.0", leg) == status.NOTHING_TO_DO
    small.world.venues.redemptions[TERRA].is_halted = 1.0
    assert convert(small, "UST", 1.0) == status.CLOSED
    small.world.venues.redemptions[TERRA].cap = 1.0
    assert convert(small, "LUNA", 1.0) == status.CEILING_EXCEEDED

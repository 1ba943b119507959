"""Who buys a discounted staked token and waits: up to what price, with what capital, and what then."""

from __future__ import annotations

import pytest

from agents.quotes import marginal_price
from scenarios.dials import dial_columns
from sim import status
from sim.transaction import CLAIM, REQUEST, SWAP
from tests.sim.staked_world import LIDO, staked_world
from tests.sim.worlds import Leg, SmallWorld

POOL = 1
YEAR = 365 * 86_400.0
AWAKE = {
    "cohorts.patient.attention_fraction": 1.0,
    "cohorts.patient.n_rows": 1,
    "redemptions.lido.withdrawals_usd_per_day": 400e6,
}


def world(**changes: object) -> SmallWorld:
    return staked_world(**{**AWAKE, **changes})


def price(small: SmallWorld) -> float:
    """Ether that the next token costs in the pool, with its fee."""
    ether, coin = small.token("ETH"), small.token("stETH")
    return 1.0 / float(marginal_price(small.view, 0, POOL, ether, coin))


def push(small: SmallWorld, tokens: float) -> None:
    """Somebody sells so much into the pool."""
    small.give("arbitrageurs.0", "stETH", tokens)
    leg = Leg(SWAP, POOL, tokens, small.token("stETH"), token_out=small.token("ETH"))
    assert small.attempt("arbitrageurs.0", leg) == status.OK


def close(small: SmallWorld, closed: float = 1.0) -> None:
    """Turn the gate of the line for all time to come."""
    halt = dial_columns(small.scenario).index(("redemption_halted", "lido"))
    small.world.clock.dials[:, halt] = closed


def done(small: SmallWorld) -> list[int]:
    """Kinds of what the patient have done, in order; all of it stood."""
    patient = small.names.cohorts.index("patient")
    mine = [event for event in small.events() if event.cohort == patient]
    assert all(event.status == status.OK for event in mine)
    return [int(event.kind) for event in mine]


def test_where_waiting_earns_too_little_nobody_moves():
    small = world()
    assert small.block(3)
    assert done(small) == []


def test_with_the_line_open_he_buys_up_to_the_rate_hands_in_and_claims():
    small = world()
    push(small, 500.0)
    rate = float(small.world.venues.staked[0].rate)
    ether = small.held("patient.0", "ETH")
    first = price(small)
    assert first < 0.997 * rate
    assert small.block(2)
    assert done(small) == [SWAP, REQUEST]
    assert price(small) == pytest.approx(rate, rel=1e-5)  # two minutes cost next to nothing
    assert small.held("patient.0", "stETH") == 0.0
    asked = small.held("patient.custody.0", "stETH")
    small.world.clock.now[0].seconds += 3_600.0
    assert small.block(2)
    assert done(small) == [SWAP, REQUEST, CLAIM]
    assert small.held("patient.custody.0", "stETH") == 0.0
    gained = small.held("patient.0", "ETH") - ether
    assert 0.0 < gained < (rate - first) * asked  # the first token was the cheapest


def test_with_the_line_closed_he_asks_for_the_wait_and_hands_in_when_it_opens():
    small = world(**{"cohorts.patient.tvl_usd": 20e6})
    close(small)
    small.block()
    push(small, 1_100.0)
    rate = float(small.world.venues.staked[0].rate)
    years = (180 * 86_400.0 + 120.0) / YEAR
    assert price(small) < rate * 1.1**-years
    assert small.block(2)
    assert done(small) == [SWAP]
    assert price(small) == pytest.approx(rate * 1.1**-years, rel=3e-5)
    held = small.held("patient.0", "stETH")
    assert held > 0.0
    close(small, 0.0)
    assert small.block(2)
    assert done(small)[:2] == [SWAP, REQUEST]
    assert small.held("patient.custody.0", "stETH") >= held
    assert small.block(2)  # and now there is more to earn
    assert done(small) == [SWAP, REQUEST, SWAP, REQUEST]
    assert price(small) == pytest.approx(rate, rel=3e-5)


def test_a_longer_line_and_a_higher_return_are_worth_less():
    prices = []
    for changes in (
        {},
        {"redemptions.lido.min_delay_seconds": 0.5 * YEAR},
        {"redemptions.lido.min_delay_seconds": 0.5 * YEAR,
         "cohorts.patient.required_return_per_year": 0.2},
    ):  # fmt: skip
        small = world(**{"cohorts.patient.tvl_usd": 20e6, **changes})
        push(small, 1_400.0)
        assert small.block(2)
        assert done(small) == [SWAP, REQUEST]
        prices.append(price(small) / float(small.world.venues.staked[0].rate))
    assert prices == pytest.approx([1.0, 1.1**-0.5, 1.2**-0.5], rel=1e-4)


def test_he_spends_what_he_has_and_keeps_his_gas_money():
    small = world(**{"cohorts.patient.tvl_usd": 60e3, "cohorts.patient.gas_reserve_eth": 7.0})
    push(small, 900.0)
    assert small.block(2)
    assert SWAP in done(small)
    assert small.held("patient.0", "ETH") == pytest.approx(7.0, abs=0.05)
    assert price(small) < 0.999 * float(small.world.venues.staked[0].rate)


def test_he_never_hands_in_into_a_full_line_for_nothing():
    """The swap and the request stand or fall together: what cannot be handed in is not bought."""
    small = world()
    small.give("arbitrageurs.0", "stETH", 10.0)
    for _ in range(4):
        leg = Leg(REQUEST, LIDO, 1.0, small.token("stETH"))
        assert small.attempt("arbitrageurs.0", leg) == status.OK
    push(small, 500.0)
    before = price(small)
    assert small.block(2)
    assert price(small) == before
    assert small.held("patient.0", "stETH") == 0.0

"""Redemption modules: what they pay to the token, when they refuse, and that a refusal leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest

from sim import status
from sim.transaction import CLAIM, CONVERT, PROCEEDS, REQUEST, SWAP
from sim.venues import redemptions
from tests.sim.redemption_world import BANK, PEG, redemption_world
from tests.sim.worlds import Leg, SmallWorld

WHO = "arbitrageurs.0"
DAY = 86_400.0
POOL = 1


@pytest.fixture
def small() -> SmallWorld:
    world = redemption_world()
    world.give(WHO, "DAI", 2e6)
    world.give(WHO, "USDC", 2e6)
    return world


def sell(small: SmallWorld, module: int, symbol: str, amount: float, limit: float = 0.0) -> int:
    return small.attempt(WHO, Leg(CONVERT, module, amount, small.token(symbol), limit))


def row(small: SmallWorld, module: int) -> Any:
    return small.world.venues.redemptions[module]


def test_the_peg_module_by_hand(small):
    assert sell(small, PEG, "USDC", 100_000.0) == status.OK
    assert small.held(WHO, "DAI") == 2e6 + 99_000.0
    assert small.held("peg", "DAI") == 1_000.0
    assert (row(small, PEG).reserve, row(small, PEG).issued) == (1.1e6, 1.1e6)
    assert sell(small, PEG, "DAI", 102_000.0) == status.OK
    assert small.held(WHO, "USDC") == 2e6
    assert small.held("peg", "DAI") == pytest.approx(3_000.0, rel=1e-12)
    assert row(small, PEG).reserve == row(small, PEG).issued == small.held("peg", "USDC") == 1e6


def test_the_issuer_by_hand(small):
    assert sell(small, BANK, "USDC", 100_000.0) == status.OK
    assert small.held(WHO, "DAI") == 2e6 + 99_000.0
    assert (row(small, BANK).reserve, row(small, BANK).issued) == (2.1e6, 2.099e6)
    assert sell(small, BANK, "DAI", 100_000.0) == status.OK
    assert small.held(WHO, "USDC") == 2e6 - 100_000.0 + 98_000.0
    assert row(small, BANK).issued == 1.999e6
    assert small.held("bank", "DAI") == 0.0


def test_it_pays_to_the_last_token_and_then_nothing(small):
    whole = 1e6 * 1.02
    assert sell(small, PEG, "DAI", whole * (1.0 + 1e-9)) == status.RESERVE_DRY
    most = redemptions.most(small.world.venues, PEG, small.token("DAI"), 0.0)
    assert most == pytest.approx(whole, rel=1e-11)
    assert sell(small, PEG, "DAI", most) == status.OK
    assert sell(small, PEG, "DAI", 1.0) == status.RESERVE_DRY
    assert sell(small, PEG, "USDC", 10_000.0) == status.OK  # it can be filled again


@pytest.mark.parametrize("module", [PEG, BANK])
def test_what_a_module_says_it_takes_it_takes(small, module):
    for symbol in ("DAI", "USDC"):
        seconds = small.world.clock.now[0].seconds
        most = redemptions.most(small.world.venues, module, small.token(symbol), seconds)
        expected = redemptions.pays(small.world.venues, module, small.token(symbol), most)
        assert sell(small, module, symbol, most) == status.OK
        assert small.receipt().amount_out == expected
        assert sell(small, module, symbol, max(1e-6 * most, 1000.0)) != status.OK


@pytest.mark.parametrize("module", [PEG, BANK])
def test_no_more_coin_than_the_cap(small, module):
    room = row(small, module).cap - row(small, module).issued
    assert sell(small, module, "USDC", room * 1.011) == status.CEILING_EXCEEDED
    assert sell(small, module, "USDC", room * 0.999) == status.OK


def test_a_limit_is_kept(small):
    assert sell(small, PEG, "USDC", 1000.0, 990.1) == status.SLIPPAGE
    assert sell(small, PEG, "USDC", 1000.0, 990.0) == status.OK
    assert sell(small, BANK, "DAI", 1000.0, 980.1) == status.SLIPPAGE


@pytest.mark.parametrize("module", [PEG, BANK])
def test_what_makes_no_sense_is_refused(small, module):
    for amount in (0.0, -1.0, float("nan")):
        assert sell(small, module, "DAI", amount) == status.BAD_AMOUNT
    assert sell(small, module, "ETH", 1000.0) == status.BAD_AMOUNT
    small.give(WHO, "DAI", 500.0)
    assert sell(small, module, "DAI", 1000.0) == status.INSUFFICIENT_BALANCE
    for kind in (REQUEST, CLAIM):
        leg = Leg(kind, module, 1000.0, small.token("DAI"))
        assert small.attempt(WHO, leg) == status.NOTHING_TO_DO


@pytest.mark.parametrize("module", [PEG, BANK])
def test_what_is_locked_cannot_be_paid_out(small, module):
    row(small, module).locked_fraction = 0.9
    left = 0.1 * row(small, module).reserve
    assert sell(small, module, "DAI", left * 1.03) == status.RESERVE_DRY
    assert sell(small, module, "DAI", left) == status.OK
    assert sell(small, module, "DAI", left) == status.RESERVE_DRY


@pytest.mark.parametrize("module", [PEG, BANK])
def test_a_halted_module_issues_and_pays_nothing(small, module):
    row(small, module).is_halted = 1.0
    assert sell(small, module, "DAI", 1000.0) == status.CLOSED
    assert sell(small, module, "USDC", 1000.0) == status.OK
    assert redemptions.most(small.world.venues, module, small.token("DAI"), 9 * 3600.0) == 0.0


def test_the_counter_has_hours_a_least_amount_and_a_cap_a_day(small):
    now = small.world.clock.now[0]
    now.seconds = 17 * 3600.0
    assert sell(small, BANK, "DAI", 5000.0) == status.CLOSED
    assert sell(small, BANK, "USDC", 5000.0) == status.CLOSED
    assert redemptions.pays_now(small.world.venues, BANK, now.seconds) == 0.0
    now.seconds = 10 * 3600.0
    assert sell(small, BANK, "DAI", 999.0) == status.BELOW_MINIMUM
    assert sell(small, BANK, "DAI", 700_000.0) == status.OK
    assert sell(small, BANK, "DAI", 300_001.0) == status.DAILY_CAP_EXCEEDED
    assert sell(small, BANK, "DAI", 300_000.0) == status.OK
    now.seconds += DAY
    assert sell(small, BANK, "DAI", 300_001.0) == status.OK
    now.seconds += 4 * DAY  # Saturday
    assert sell(small, BANK, "DAI", 5000.0) == status.CLOSED


def test_a_leg_that_fails_later_takes_the_conversion_back(small):
    dai, usdc = small.token("DAI"), small.token("USDC")
    legs = (
        Leg(CONVERT, PEG, 1000.0, usdc),
        Leg(SWAP, POOL, PROCEEDS, dai, limit=1e6, token_out=usdc),
    )
    assert small.attempt(WHO, *legs) == status.SLIPPAGE


@pytest.mark.parametrize("module", [PEG, BANK])
def test_a_round_trip_never_profits(small, module):
    row(small, module).fee_in_fraction = row(small, module).fee_out_fraction = 0.0
    for amount in (1000.0, 12_345.678, 333_333.3):
        before = small.held(WHO, "USDC"), small.held(WHO, "DAI")
        assert sell(small, module, "USDC", amount) == status.OK
        assert sell(small, module, "DAI", small.receipt().amount_out) == status.OK
        after = small.held(WHO, "USDC"), small.held(WHO, "DAI")
        assert after[0] <= before[0]
        assert after == pytest.approx(before, rel=1e-12)


def test_who_paid_whom_names_the_issuer(small):
    small.send(WHO, Leg(CONVERT, PEG, 100_000.0, small.token("USDC")), pays_gas=False)
    assert small.block()
    groups = [group.name for group in small.names.groups]
    who, module = groups.index("arbitrageurs"), groups.index("redemptions")
    paid_usd = small.world.log.paid_usd
    assert paid_usd[:, who, module].sum() == 100_000.0
    assert paid_usd[:, module, who].sum() == pytest.approx(99_000.0)
    assert small.world.log.is_inside[module] == 0

"""An isolated market in a run: the loops, the keepers and the lenders of the engine, moved by hand.

75 ETH against 80,000 USDC as in the pooled market of ``worlds.py``; LLTV 86 %, incentive 1 / 0.958.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim import status
from sim.ledger import balance
from sim.transaction import BORROW, FLASH_BORROW, FLASH_REPAY, LIQUIDATE, SWAP, WITHDRAW
from sim.venues.lending import liquidity_index_now
from tests.sim.lending_worlds import ISOLATED
from tests.sim.worlds import Leg, SmallWorld

ETH_ROW, USDC_ROW = 0, 1
INCENTIVE = 1.0 / 0.958


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld(text=ISOLATED)


def loan(small):
    return small.world.venues.reserves[USDC_ROW]


def liquidation(small, amount=math.inf):
    borrower = small.account("loops.0")
    return Leg(LIQUIDATE, USDC_ROW, amount, token_out=ETH_ROW, counterparty=borrower)


def owed(small, account="loops.0"):
    return small.held(account, "dUSDC.core") * loan(small).borrow_index


def test_born_at_the_declared_utilisation_and_the_first_rate(small):
    assert loan(small).scaled_debt / loan(small).scaled_supply == pytest.approx(0.8, rel=1e-12)
    distance = (0.8 - 0.9) / 0.9
    rate = 0.04 * (1.0 + 0.75 * distance)
    assert loan(small).borrow_rate_per_year == pytest.approx(rate, rel=1e-12)


def test_no_more_than_the_lltv_and_the_cash(small):
    collateral = small.held("loops.0", "aETH.core")
    room = collateral * 2_000.0 * 0.86 - owed(small)
    too_much = Leg(BORROW, USDC_ROW, room + 1.0)
    assert small.attempt("loops.0", too_much) == status.HEALTH_TOO_LOW
    assert small.attempt("loops.0", Leg(WITHDRAW, ETH_ROW, math.inf)) == status.HEALTH_TOO_LOW
    cash = loan(small).cash
    small.give("loops.0", "aETH.core", 1_000.0)
    assert small.attempt("loops.0", Leg(BORROW, USDC_ROW, cash + 1.0)) == status.NO_LIQUIDITY


def test_lenders_of_the_market_bear_what_collateral_does_not_cover(small):
    collateral, debt = small.held("loops.0", "aETH.core"), owed(small)
    lent = small.held("lenders.0", "aUSDC.core") * liquidity_index_now(loan(small), 12.0)
    small.world.venues.feeds[0].price_usd = 800.0
    assert small.attempt("keepers.0", liquidation(small)) == status.OK
    repaid = collateral * 800.0 / INCENTIVE
    assert small.receipt().amount_in == pytest.approx(repaid, rel=1e-9)
    lost = debt - repaid
    assert small.receipt().deficit == pytest.approx(lost, rel=1e-5)  # 12 s of interest
    after = small.held("lenders.0", "aUSDC.core") * loan(small).liquidity_index
    assert lent - after == pytest.approx(lost, rel=1e-5)
    assert loan(small).deficit == 0.0
    assert small.held("loops.0", "dUSDC.core") == 0.0
    assert small.block()  # the audit holds


def test_a_flash_loan_around_a_liquidation_needs_no_capital(small):
    small.world.venues.feeds[0].price_usd = 1_200.0
    small.give("keepers.0", "USDC", 0.0)
    part = 20e3
    legs = [
        Leg(FLASH_BORROW, USDC_ROW, part),
        liquidation(small, part),
        Leg(SWAP, 0, -1.0, token_in=0),
        Leg(FLASH_REPAY, USDC_ROW, 0.0),
    ]
    assert small.attempt("keepers.0", *legs[:2]) == status.NOT_REPAID
    assert small.attempt("keepers.0", *legs) == status.OK
    seized = part * INCENTIVE / 1_200.0
    sold = 2e6 * 0.997 * seized / (1_000.0 + 0.997 * seized)
    assert small.held("keepers.0", "USDC") == pytest.approx(sold - part, rel=1e-9)
    assert loan(small).flash_lent == 0.0


def test_loops_repair_and_keepers_come_as_in_a_pooled_market():
    changes = {"cohorts.loops.attention_fraction": 1.0, "cohorts.keepers.attention_fraction": 1.0}
    small = SmallWorld(changes, ISOLATED)
    small.world.clock.fundamental_price_usd[3:, 0] = 1_150.0  # health below one at a stroke
    small.world.venues.feeds[0].heartbeat_seconds = 12.0
    holds = small.block(8)
    assert holds
    kinds = set(small.events()["kind"][small.events()["status"] == status.OK].tolist())
    assert LIQUIDATE in kinds or WITHDRAW in kinds
    ledger, market = small.world.ledger, int(loan(small).account)
    for reserve in small.world.venues.reserves:
        held = float(balance(ledger, int(reserve.token), market))
        assert held == pytest.approx(float(reserve.cash), rel=1e-9)
    assert np.isfinite(small.world.log.wealth["inside"]).all()

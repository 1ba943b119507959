"""Liquidation by hand: 75 ETH against 80,000 USDC, threshold 0.8, bonus 5 %, at a chosen oracle price.

Health is 75 p x 0.8 / 80,000: below 1 from p = 1,333 USD, below 0.95 from 1,267; from 1,120 the collateral
no longer covers the debt and the bonus. Rules: aave-v3-origin, LiquidationLogic (v3.3).
"""

from __future__ import annotations

import math

import pytest

from sim import status
from sim.transaction import LIQUIDATE
from sim.venues.lending import borrow_index_now
from tests.sim.worlds import Leg, SmallWorld

CORE_ETH, CORE_USDC = 0, 1


def at(price_usd: float) -> SmallWorld:
    small = SmallWorld()
    small.world.venues.feeds[0].price_usd = price_usd
    return small


def call(small, amount, limit=0.0):
    return Leg(
        LIQUIDATE, CORE_USDC, amount, limit=limit, token_out=CORE_ETH,
        counterparty=small.account("loops.0"),
    )  # fmt: skip


def owed(small):
    reserve = small.world.venues.reserves[CORE_USDC]
    return small.held("loops.0", "dUSDC.core") * borrow_index_now(reserve, 12.0)


def test_half_of_the_debt_while_health_is_above_095():
    small = at(1300.0)  # health 0.975
    debt = owed(small)
    assert small.attempt("keepers.0", call(small, 1e6)) == status.OK
    assert small.receipt().amount_in == pytest.approx(debt / 2, rel=1e-14)
    assert small.receipt().amount_out == pytest.approx(debt / 2 * 1.05 / 1300, rel=1e-14)
    assert small.receipt().health_before == pytest.approx(75 * 1300 * 0.8 / debt, rel=1e-14)
    assert owed(small) == pytest.approx(debt / 2, rel=1e-14)
    assert small.held("loops.0", "aETH.core") == pytest.approx(75 - debt / 2 * 1.05 / 1300)
    assert small.held("keepers.0", "ETH") == pytest.approx(50 + debt / 2 * 1.05 / 1300)


def test_all_of_the_debt_from_095_down():
    small = at(1250.0)  # health 0.9375
    debt = owed(small)
    assert small.attempt("keepers.0", call(small, 1e6)) == status.OK
    assert small.receipt().amount_in == pytest.approx(debt, rel=1e-14)
    assert small.held("loops.0", "dUSDC.core") == 0.0
    assert small.held("loops.0", "aETH.core") == pytest.approx(75 - debt * 1.05 / 1250)


def test_a_keeper_may_take_less_than_the_most():
    small = at(1300.0)
    assert small.attempt("keepers.0", call(small, 10e3)) == status.OK
    assert small.receipt().amount_in == 10e3


def test_beyond_the_frontier_the_rest_is_booked_as_deficit():
    small = at(1000.0)
    debt = owed(small)
    assert small.attempt("keepers.0", call(small, 1e6)) == status.OK
    # All 75 ETH go for 75,000 / 1.05 = 71,428.57 USDC; the rest of the debt is lost.
    assert small.receipt().amount_in == pytest.approx(75_000 / 1.05, rel=1e-14)
    assert small.receipt().amount_out == 75.0
    assert small.receipt().deficit == pytest.approx(debt - 75_000 / 1.05, rel=1e-10)
    reserve = small.world.venues.reserves[CORE_USDC]
    assert reserve.deficit == pytest.approx(debt - 75_000 / 1.05, rel=1e-10)
    assert (small.held("loops.0", "dUSDC.core"), small.held("loops.0", "aETH.core")) == (0.0, 0.0)
    # Lenders' claims stand as before; what is behind them has shrunk by the deficit.
    backing = reserve.cash + reserve.scaled_debt * reserve.borrow_index
    assert reserve.scaled_supply == 200e3
    assert backing == pytest.approx(200e3 - reserve.deficit, rel=1e-6)


def test_nobody_is_liquidated_at_health_one():
    small = at(1300.0)
    index = borrow_index_now(small.world.venues.reserves[CORE_USDC], 12.0)
    small.world.venues.feeds[0].price_usd = 80e3 * index / (75 * 0.8)
    code = small.attempt("keepers.0", call(small, 1e6))
    health = small.events()[-1].health_before
    assert health == pytest.approx(1.0, abs=1e-15)
    assert code == (status.NOT_LIQUIDATABLE if health >= 1.0 else status.OK)
    small.world.venues.feeds[0].price_usd *= 1.0 + 1e-12
    assert small.attempt("keepers.0", call(small, 1e6)) == status.NOT_LIQUIDATABLE


@pytest.mark.parametrize(
    ("price_usd", "sender", "amount", "limit", "reason"),
    [
        (2000.0, "keepers.0", 1e6, 0.0, status.NOT_LIQUIDATABLE),
        (1300.0, "keepers.0", 0.0, 0.0, status.BAD_AMOUNT),
        (1300.0, "keepers.0", math.nan, 0.0, status.BAD_AMOUNT),
        (1300.0, "keepers.0", 1e6, 40.0, status.SLIPPAGE),
        (1250.0, "keepers.0", 79_500.0, 0.0, status.WOULD_LEAVE_DUST),  # 500 USD of debt left
        (
            1300.0,
            "holders.0",
            60e3,
            0.0,
            status.INSUFFICIENT_BALANCE,
        ),  # may not hold receipts; has 50,000
    ],
)
def test_what_reverts_leaves_the_world_as_it_was(price_usd, sender, amount, limit, reason):
    small = at(price_usd)
    small.give("holders.0", "USDC", 10e3)
    assert small.attempt(sender, call(small, amount, limit)) == reason


def test_a_market_that_has_lent_out_the_collateral_cannot_hand_it_over():
    small = at(1300.0)
    small.world.venues.reserves[CORE_ETH].cash = 10.0
    assert small.attempt("keepers.0", call(small, 1e6)) == status.NO_LIQUIDITY


def test_dust_and_the_floor_of_the_close_factor_count_per_position():
    """A row of 100 positions of 800 USDC each: every one is below 2,000 USD, so all debt may go."""
    small = at(1300.0)
    debt = owed(small)
    assert small.attempt("keepers.0", call(small, 1e6), positions=100.0) == status.OK
    assert small.receipt().amount_in == pytest.approx(debt, rel=1e-14)


def test_a_stale_high_oracle_protects_nobody_but_the_liquidator_pays_for_it():
    """The bonus is earned at the oracle's price: at a market of 1,200 this liquidation is a loss."""
    small = at(1330.0)
    assert small.attempt("keepers.0", call(small, 1e6)) == status.OK
    receipt = small.receipt()
    assert receipt.amount_out * 1200.0 < receipt.amount_in

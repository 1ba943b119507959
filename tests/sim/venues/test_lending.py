"""Each verb of the lending market by hand: 150 ETH and 200,000 USDC supplied, 160,000 USDC lent."""

from __future__ import annotations

import math

import pytest

from sim import status
from sim.formulas import interest
from sim.transaction import BORROW, REPAY, SUPPLY, SWAP, WITHDRAW
from sim.venues.lending import borrow_index_now, liquidity_index_now
from tests.sim.worlds import Leg, SmallWorld

CORE_ETH, CORE_USDC = 0, 1
ETH, USDC = 0, 1


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


def usdc(small):
    return small.world.venues.reserves[CORE_USDC]


def test_born_at_the_declared_utilisation_and_its_rates(small):
    reserve = usdc(small)
    assert (reserve.scaled_supply, reserve.scaled_debt, reserve.cash) == (200e3, 160e3, 40e3)
    assert reserve.borrow_rate_per_year == pytest.approx(0.05 * 0.8 / 0.9, rel=1e-15)
    assert reserve.supply_rate_per_year == pytest.approx(0.05 * 0.8 / 0.9 * 0.8 * 0.9, rel=1e-15)


def test_supply_is_scaled_by_the_index(small):
    small.world.venues.reserves[CORE_ETH].liquidity_index = 1.25
    assert small.attempt("loops.0", Leg(SUPPLY, CORE_ETH, 0.5)) == status.OK
    assert small.held("loops.0", "ETH") == 0.0
    assert small.held("loops.0", "aETH.core") == 75.0 + 0.4
    assert small.held("core", "ETH") == 150.5


def test_a_withdrawal_is_at_most_what_the_account_has(small):
    small.give("loops.0", "USDC", 100e3)
    assert small.attempt("loops.0", Leg(REPAY, CORE_USDC, 100e3)) == status.OK
    assert small.held("loops.0", "dUSDC.core") == 0.0
    assert small.attempt("loops.0", Leg(WITHDRAW, CORE_ETH, 1e9)) == status.INSUFFICIENT_BALANCE
    assert small.attempt("loops.0", Leg(WITHDRAW, CORE_ETH, math.inf)) == status.OK
    assert small.held("loops.0", "aETH.core") == 0.0
    assert small.held("loops.0", "ETH") == 75.5


def test_a_withdrawal_down_to_health_one_and_no_further(small):
    owed = 80e3 * borrow_index_now(usdc(small), 12.0)
    free = 75.0 - owed / (0.8 * 2000.0)  # 25 ETH less what 12 seconds of interest have taken
    assert small.attempt("loops.0", Leg(WITHDRAW, CORE_ETH, free + 1e-6)) == status.HEALTH_TOO_LOW
    assert small.attempt("loops.0", Leg(WITHDRAW, CORE_ETH, free - 1e-6)) == status.OK


def test_a_loan_up_to_the_loan_to_value_and_no_further(small):
    owed = 80e3 * borrow_index_now(usdc(small), 12.0)
    room = 75.0 * 2000.0 * 0.75 - owed  # 32,500 USD: loan-to-value binds before health does
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, room + 0.01)) == status.LTV_EXCEEDED
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, room - 0.01)) == status.OK
    assert small.held("loops.0", "USDC") == pytest.approx(room - 0.01, rel=1e-15)


def test_rates_follow_utilisation_after_the_action(small):
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 30e3)) == status.OK
    used = 190e3 / 200e3  # beyond the kink at 0.9
    rate = 0.05 + 0.6 * (used - 0.9) / 0.1
    assert usdc(small).borrow_rate_per_year == pytest.approx(rate, rel=1e-6)
    assert usdc(small).supply_rate_per_year == pytest.approx(rate * used * 0.9, rel=1e-6)


def test_nobody_repays_more_than_is_owed(small):
    small.give("loops.0", "USDC", 200e3)
    owed = 80e3 * borrow_index_now(usdc(small), 12.0)
    assert small.attempt("loops.0", Leg(REPAY, CORE_USDC, 150e3)) == status.OK
    assert small.held("loops.0", "USDC") == pytest.approx(200e3 - owed, rel=1e-15)
    assert small.held("loops.0", "dUSDC.core") == 0.0
    assert small.attempt("loops.0", Leg(REPAY, CORE_USDC, 1.0)) == status.NOTHING_OWED


@pytest.mark.parametrize(
    ("sender", "leg", "reason"),
    [
        ("loops.0", Leg(SUPPLY, CORE_ETH, 0.0), status.BAD_AMOUNT),
        ("loops.0", Leg(SUPPLY, CORE_ETH, math.nan), status.BAD_AMOUNT),
        ("loops.0", Leg(SUPPLY, CORE_ETH, 1.0), status.INSUFFICIENT_BALANCE),  # has 0.5 ETH
        (
            "holders.0",
            Leg(SUPPLY, CORE_ETH, 1.0),
            status.INSUFFICIENT_BALANCE,
        ),  # may hold no receipt
        ("loops.0", Leg(WITHDRAW, CORE_ETH, 0.0), status.BAD_AMOUNT),
        (
            "holders.0",
            Leg(WITHDRAW, CORE_ETH, 1.0),
            status.INSUFFICIENT_BALANCE,
        ),  # has supplied nothing
        ("lenders.0", Leg(WITHDRAW, CORE_USDC, 40_001.0), status.NO_LIQUIDITY),  # the rest is lent
        ("loops.0", Leg(BORROW, CORE_USDC, -1.0), status.BAD_AMOUNT),
        ("loops.0", Leg(BORROW, CORE_USDC, 40_001.0), status.NO_LIQUIDITY),
        ("holders.0", Leg(BORROW, CORE_USDC, 1.0), status.INSUFFICIENT_BALANCE),
        ("loops.0", Leg(REPAY, CORE_USDC, 10.0), status.INSUFFICIENT_BALANCE),  # has no USDC
        ("loops.0", Leg(REPAY, CORE_USDC, math.nan), status.BAD_AMOUNT),
        ("loops.0", Leg(20, CORE_USDC, 1.0), status.NOTHING_TO_DO),
    ],
)
def test_what_reverts_leaves_the_world_as_it_was(small, sender, leg, reason):
    small.block(3)  # so that interest would have been written
    assert small.attempt(sender, leg) == reason


def test_caps_count_what_is_there_with_its_interest(small):
    reserve = usdc(small)
    reserve.borrow_cap = 160e3 + 100.0
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 101.0)) == status.CAP_EXCEEDED
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 99.0)) == status.OK
    small.give("lenders.0", "USDC", 1000.0)
    reserve.supply_cap = 200e3 + 100.0
    assert small.attempt("lenders.0", Leg(SUPPLY, CORE_USDC, 101.0)) == status.CAP_EXCEEDED
    assert small.attempt("lenders.0", Leg(SUPPLY, CORE_USDC, 99.0)) == status.OK


def test_indices_are_viewed_between_interactions_and_written_at_them(small):
    reserve = usdc(small)
    rate, supply_rate = float(reserve.borrow_rate_per_year), float(reserve.supply_rate_per_year)
    small.world.clock.now[0].seconds = 3600.0  # since birth
    assert (reserve.borrow_index, reserve.liquidity_index) == (1.0, 1.0)
    assert borrow_index_now(reserve, 3600.0) == interest.series_growth(rate, 3600.0)
    assert liquidity_index_now(reserve, 3600.0) == pytest.approx(1 + supply_rate / 8760, rel=1e-15)
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 1.0)) == status.OK
    assert reserve.borrow_index == interest.series_growth(rate, 3600.0)
    # The market's own share is a tenth of the interest paid.
    paid = 160e3 * (reserve.borrow_index - 1.0)
    assert reserve.treasury_scaled * reserve.liquidity_index == pytest.approx(0.1 * paid, rel=1e-9)


def owed_to_lenders(reserve):
    return (reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index


def owned_by_lenders(reserve):
    return reserve.cash + reserve.scaled_debt * reserve.borrow_index + reserve.deficit


def test_lenders_are_owed_what_borrowers_owe_and_the_cash(small):
    """Interest is no token: claims grow with what stands behind them, to a billionth a day."""
    for _ in range(5):
        small.block(10)
        assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 1000.0)) == status.OK
    reserve = usdc(small)
    assert owed_to_lenders(reserve) == pytest.approx(owned_by_lenders(reserve), rel=1e-9)


def test_a_deficit_earns_no_interest(small):
    """The hole that bad debt leaves pays nobody: lenders are promised no more than borrowers pay."""
    reserve = usdc(small)
    assert small.attempt("loops.1", Leg(SUPPLY, CORE_ETH, 0.1)) == status.OK
    # Write loops.1 off by hand: 80,000 of debt gone, 80,000 of deficit in its place.
    small.give("loops.1", "dUSDC.core", 0.0)
    reserve.scaled_debt = 80e3
    reserve.deficit = 80e3
    assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 1000.0)) == status.OK
    gap = owned_by_lenders(reserve) - owed_to_lenders(reserve)
    for _ in range(10):
        small.world.clock.now[0].seconds += 360.0
        assert small.attempt("loops.0", Leg(BORROW, CORE_USDC, 1.0)) == status.OK
    paid = 80e3 * (reserve.borrow_index - 1.0)
    assert owned_by_lenders(reserve) - owed_to_lenders(reserve) == pytest.approx(
        gap, abs=1e-3 * paid
    )


def test_several_legs_stand_or_fall_together(small):
    """Deleveraging in one transaction; if the repayment fails, the withdrawal and the sale never were."""
    legs = [Leg(WITHDRAW, CORE_ETH, 10.0), Leg(SWAP, 0, 10.0, token_in=ETH)]
    too_much = Leg(REPAY, CORE_USDC, 50e3)
    assert small.attempt("loops.0", *legs, too_much) == status.INSUFFICIENT_BALANCE
    proceeds = Leg(REPAY, CORE_USDC, -1.0)
    assert small.attempt("loops.0", *legs, proceeds) == status.OK
    owed = small.held("loops.0", "dUSDC.core") * usdc(small).borrow_index
    assert owed == pytest.approx(80e3 - 9.97 * 2e6 / 1009.97, rel=1e-6)
    assert small.held("loops.0", "USDC") == 0.0

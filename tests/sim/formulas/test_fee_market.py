"""EIP-1559 against the integers of the EIP, and the demand curve against its inverse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.formulas import fee_market

GWEI = 10**9
TARGET = 15_000_000


def eip_1559(base_fee: int, gas_used: int, gas_target: int) -> int:
    """The formula of EIP-1559 (2019) in wei, with its integer divisions."""
    if gas_used == gas_target:
        return base_fee
    if gas_used > gas_target:
        change = base_fee * (gas_used - gas_target) // gas_target // 8
        return base_fee + max(change, 1)
    return base_fee - base_fee * (gas_target - gas_used) // gas_target // 8


@pytest.mark.parametrize(
    ("base_fee", "gas_used", "next_fee"),
    [
        (100 * GWEI, 30_000_000, 112.5),  # a full block: an eighth up
        (100 * GWEI, 0, 87.5),  # an empty one: an eighth down
        (100 * GWEI, TARGET, 100.0),
        (100 * GWEI, 22_500_000, 106.25),
    ],
)
def test_by_hand(base_fee, gas_used, next_fee):
    assert fee_market.next_base_fee_gwei(base_fee / GWEI, gas_used, TARGET) == next_fee
    assert eip_1559(base_fee, gas_used, TARGET) / GWEI == next_fee


@given(base_fee=st.integers(GWEI, 10**13), gas_used=st.integers(0, 2 * TARGET))
def test_like_the_eip_to_a_wei(base_fee, gas_used):
    ours = fee_market.next_base_fee_gwei(base_fee / GWEI, float(gas_used), float(TARGET)) * GWEI
    assert ours == pytest.approx(eip_1559(base_fee, gas_used, TARGET), abs=1.01)


def test_the_base_fee_never_falls_to_nothing():
    assert fee_market.next_base_fee_gwei(1e-9, 0.0, 15e6) == 1e-9


def test_background_demand_by_hand():
    # Unit elasticity: at twice the reference price half the gas; demand six times as high, six times it.
    assert fee_market.background_gas(40.0, 15e6, 20.0, 1.0, 1.0) == pytest.approx(7.5e6, rel=1e-15)
    assert fee_market.background_gas(40.0, 15e6, 20.0, 6.0, 1.0) == pytest.approx(45e6, rel=1e-15)
    assert fee_market.background_gas(40.0, 15e6, 20.0, 1.0, 2.0) == pytest.approx(3.75e6, rel=1e-14)


@given(
    price=st.floats(1e-3, 1e5),
    multiple=st.floats(0.01, 100.0),
    elasticity=st.floats(0.2, 5.0),
)
def test_the_price_at_which_demand_fits_is_its_inverse(price, multiple, elasticity):
    curve = (15e6, 20.0, multiple, elasticity)
    gas = fee_market.background_gas(price, *curve)
    if gas >= 1.0:  # demand below one unit of gas is none
        assert fee_market.background_price_gwei(gas, *curve) == pytest.approx(price, rel=1e-10)


@pytest.mark.parametrize(
    ("max_fee", "tip", "base_fee", "paid"), [(50, 2, 20, 2), (21, 2, 20, 1), (19, 2, 20, -1)]
)
def test_the_builder_gets_the_tip_as_far_as_the_maximum_fee_reaches(max_fee, tip, base_fee, paid):
    assert fee_market.effective_tip_gwei(max_fee, tip, base_fee) == paid


def test_the_suggested_price_follows_by_at_most_an_eighth():
    assert fee_market.followed_price_gwei(80.0, 1000.0) == 90.0
    assert fee_market.followed_price_gwei(90.0, 1.0) == 80.0
    assert fee_market.followed_price_gwei(80.0, 85.0) == 85.0

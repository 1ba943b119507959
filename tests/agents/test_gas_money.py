"""Who deals in the native asset keeps what gas may cost: to come back, and to bring liquidity back."""

from __future__ import annotations

import pytest

from sim import status
from sim.transaction import ADD_LIQUIDITY, GAS_UNITS, SWAP
from sim.units import ETH_PER_GWEI
from tests.sim.worlds import SCENARIO, SmallWorld

SELLER = """
[[cohorts]]
name = "sellers"
strategy = "cppi"
n_rows = 1
tvl_usd = 10e3
asset = "ETH"
multiplier = 5
floor_fraction = 0.8

[[shocks]]
name = "fall"
shock = "price_gap"
asset = "ETH"
size_fraction = -0.3
start_seconds = 24
"""

FLIGHT = """
[[shocks]]
name = "flight"
shock = "liquidity_withdrawal"
pool = "eth_usdc"
fraction = 0.5
start_seconds = 24
duration_seconds = 48
"""


def test_a_vault_that_has_sold_out_can_pay_for_the_way_back():
    small = SmallWorld(text=SCENARIO + SELLER)
    assert small.held("sellers.0", "ETH") == pytest.approx(5.0)
    assert small.block(6)
    sold = [e for e in small.events() if e.kind == SWAP and e.status == status.OK]
    assert small.account("sellers.0") in [int(event.account) for event in sold]
    left = small.held("sellers.0", "ETH")
    going_gwei = float(small.world.chains.table[0].base_fee_gwei)
    way_back = GAS_UNITS[SWAP] * (2.0 * going_gwei + 2.0) * ETH_PER_GWEI
    assert way_back < left < 0.01


def test_a_provider_brings_in_no_more_than_leaves_its_gas():
    """With a thousand times the usual price of gas, and no tank beside what it has taken out."""
    small = SmallWorld(text=SCENARIO + FLIGHT)
    assert small.block(4)
    taken = small.held("providers.0", "ETH")
    assert taken > 200.0
    small.give("providers.0", "ETH", 10.0)
    small.world.chains.table[0].base_fee_gwei = 20_000.0
    assert small.block(6)
    mine = [
        event
        for event in small.events()
        if event.kind == ADD_LIQUIDITY and event.account == small.account("providers.0")
    ]
    assert [int(event.status) for event in mine][:1] == [status.OK]
    assert status.OUT_OF_GAS_MONEY not in {int(event.status) for event in mine}


def test_money_that_leaves_a_market_counts_at_its_index():
    """A withdrawal and a loan burn and mint scaled tokens; what they are worth is what was paid out."""
    from sim.transaction import BORROW, WITHDRAW
    from tests.sim.worlds import Leg

    small = SmallWorld()
    reserves = small.world.venues.reserves
    for reserve in reserves:
        reserve.liquidity_index, reserve.borrow_index = 1.25, 1.25
    assert small.attempt("loops.0", Leg(BORROW, 1, 1_000.0)) == status.OK
    assert small.events()[-1].usd == pytest.approx(1_000.0, rel=1e-6)
    assert small.attempt("loops.0", Leg(WITHDRAW, 0, 1.0)) == status.OK
    assert small.events()[-1].usd == pytest.approx(2_000.0, rel=1e-3)

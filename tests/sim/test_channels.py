"""Each channel switched off does what its frictionless meaning says, by hand.

ETH is at 2,000 USD; the pool has 1,000 ETH and 2 M USDC, a fee of 0.3 %; gas costs 20 gwei.
"""

from __future__ import annotations

import math

import pytest

from sim import status
from sim.transaction import OUTSIDE_LOAN, OUTSIDE_RETURN, OUTSIDE_TRADE, SWAP
from tests.sim.worlds import Leg, SmallWorld

ETH, USDC = 0, 1


def without(channel: str, **changes: object) -> SmallWorld:
    return SmallWorld({f"channels.{channel}": False, **changes})


def later(small: SmallWorld, price_usd: float) -> None:
    """From the next block on, ETH has another fundamental price."""
    small.world.clock.fundamental_price_usd[small.world.clock.now[0].slot + 1 :, ETH] = price_usd


def test_outside_trades_fill_at_the_fundamental_price():
    small = without("outside_impact")
    assert small.attempt("arbitrageurs.0", Leg(OUTSIDE_TRADE, ETH, 100.0, token_out=USDC)) == 0
    assert small.held("arbitrageurs.0", "USDC") == 1e6 + 200_000.0
    assert small.world.venues.exchanges[ETH].market_price_usd == 2000.0


def test_a_swap_of_any_size_fills_at_the_outside_price_less_the_fee():
    small = without("pool_depth")
    outside_before = small.held("outside", "ETH")
    assert small.attempt("arbitrageurs.0", Leg(SWAP, 0, 100.0, token_in=ETH)) == status.OK
    assert small.held("arbitrageurs.0", "USDC") == pytest.approx(1e6 + 100 * 0.997 * 2000)
    assert small.world.venues.pools[0].reserve0 == pytest.approx(1000.3)  # the fee stays
    assert small.world.venues.pools[0].reserve1 == 2e6
    assert small.held("outside", "ETH") - outside_before == pytest.approx(99.7)


def test_a_pool_without_depth_follows_the_market_and_its_providers_lose_by_divergence():
    small = without("pool_depth")
    later(small, 1280.0)  # a fall to 0.64: reserves 1,000 / 0.8 and 2 M x 0.8
    assert small.block()
    pool = small.world.venues.pools[0]
    assert pool.reserve0 == pytest.approx(1250.0, rel=1e-12)
    assert pool.reserve1 == pytest.approx(1.6e6, rel=1e-12)
    # Worth 3.2 M instead of 1,000 x 1,280 + 2 M = 3.28 M: the divergence loss 1 - 2 sqrt(r) / (1 + r).
    held = pool.reserve0 * 1280.0 + pool.reserve1
    assert held / 3.28e6 == pytest.approx(2 * math.sqrt(0.64) / 1.64, rel=1e-12)


def test_oracles_without_lag_equal_the_market_in_each_block():
    small = without("oracle_lag")
    later(small, 1999.0)  # far less than the deviation of a push oracle
    assert small.block()
    assert small.world.venues.feeds[0].price_usd == 1999.0
    assert len(small.events()) == 0


def test_without_gas_nobody_pays_or_waits():
    small = without("gas")
    small.world.chains.table[0].gas_limit = 1.0  # no room for anybody
    held = small.held("holders.0", "ETH")
    small.send("holders.0", Leg(SWAP, 0, 1.0, token_in=ETH))
    assert small.block()
    assert small.held("holders.0", "ETH") == held - 1.0
    assert small.events()[-1].status == status.OK
    assert small.world.chains.table[0].tips_paid == 0.0


def test_the_keeper_without_frictions_needs_no_capital_and_no_time():
    """Health 75 x 1,300 x 0.8 / 80,000 = 0.975: half of the debt is repaid, for 5 % more in ETH."""
    small = without("keeper_friction", **{"channels.oracle_lag": False, "channels.gas": False})
    small.give("keepers.0", "USDC", 0.0)
    small.give("keepers.1", "USDC", 0.0)
    later(small, 1300.0)
    assert small.block()
    debt_left = small.held("loops.0", "dUSDC.core") * small.world.venues.reserves[1].borrow_index
    assert debt_left == pytest.approx(40_000.0, rel=1e-5)  # less a minute's interest
    seized = 40_000.0 * 1.05 / 1300.0  # a loop, at 1e9 USD of depth: impact of 42e-6
    assert small.held("loops.0", "aETH.core") == pytest.approx(75.0 - seized, rel=1e-5)
    # Both loops were liquidated in the block in which the price fell; the bonus is the keeper's, in cash.
    assert small.held("keepers.0", "USDC") == pytest.approx(2 * 2_000.0, rel=0.005)
    assert small.held("keepers.0", "ETH") == pytest.approx(50.0)  # its gas reserve, untouched
    assert [event.kind for event in small.events()].count(OUTSIDE_LOAN) == 2


def test_what_cannot_be_returned_is_not_lent():
    small = SmallWorld()
    small.give("keepers.0", "USDC", 10.0)
    loan = Leg(OUTSIDE_LOAN, USDC, 1000.0, token_in=USDC)
    back = Leg(OUTSIDE_RETURN, USDC, 1020.0, token_in=USDC)
    assert small.attempt("keepers.0", loan, back) == status.INSUFFICIENT_BALANCE


def test_frozen_means_that_nobody_acts():
    small = without("trading")
    later(small, 1000.0)
    held = small.held("loops.0", "aETH.core")
    assert small.block(5)
    assert small.held("loops.0", "aETH.core") == held
    assert {int(event.cohort) for event in small.events()} <= {-1}  # oracles only

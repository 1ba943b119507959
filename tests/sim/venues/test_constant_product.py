"""Each verb of a constant-product pool by hand: 1,000 ETH and 2 M USDC, fee 30 bps."""

from __future__ import annotations

import math

import pytest

from sim import status
from sim.transaction import ADD_LIQUIDITY, REMOVE_LIQUIDITY, SUPPLY, SWAP
from tests.sim.worlds import Leg, SmallWorld

ETH, USDC, LP = 0, 1, 2


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld()


def test_a_sale_fills_by_the_formula_and_moves_the_price(small):
    assert small.attempt("holders.0", Leg(SWAP, 0, 10.0, token_in=ETH)) == status.OK
    bought = 9.97 * 2e6 / 1009.97  # y g dx / (x + g dx): 19,743.16 USDC
    assert small.held("holders.0", "ETH") == 15.0
    assert small.held("holders.0", "USDC") == pytest.approx(50_000 + bought, rel=1e-15)
    pool = small.world.venues.pools[0]
    assert (pool.reserve0, pool.reserve1) == (1010.0, pytest.approx(2e6 - bought, rel=1e-15))
    assert (small.held("eth_usdc", "ETH"), small.held("eth_usdc", "USDC")) == (
        pool.reserve0,
        pool.reserve1,
    )
    impact = math.log((2e6 - bought) / 1010 / 2000)
    assert small.receipt().impact == pytest.approx(impact, rel=1e-12)


def test_a_purchase_raises_the_price(small):
    assert small.attempt("holders.0", Leg(SWAP, 0, 20_000.0, token_in=USDC)) == status.OK
    assert small.held("holders.0", "ETH") == pytest.approx(
        25 + 19_940 * 1000 / 2_019_940, rel=1e-15
    )
    assert small.receipt().impact > 0.0


@pytest.mark.parametrize(
    ("sender", "leg", "reason"),
    [
        ("holders.0", Leg(SWAP, 0, 30.0, token_in=ETH), status.INSUFFICIENT_BALANCE),
        ("holders.0", Leg(SWAP, 0, 0.0, token_in=ETH), status.BAD_AMOUNT),
        ("holders.0", Leg(SWAP, 0, -5.0, token_in=ETH), status.BAD_AMOUNT),
        ("holders.0", Leg(SWAP, 0, math.nan, token_in=ETH), status.BAD_AMOUNT),
        ("holders.0", Leg(SWAP, 0, 10.0, token_in=ETH, limit=19_744.0), status.SLIPPAGE),
        ("lenders.0", Leg(SWAP, 0, 1.0, token_in=ETH), status.INSUFFICIENT_BALANCE),
        ("holders.0", Leg(ADD_LIQUIDITY, 0, 0.0), status.BAD_AMOUNT),
        ("holders.0", Leg(ADD_LIQUIDITY, 0, 20.0, limit=1e9), status.SLIPPAGE),
        ("providers.0", Leg(ADD_LIQUIDITY, 0, 1.0), status.INSUFFICIENT_BALANCE),  # has no USDC
        (
            "holders.0",
            Leg(ADD_LIQUIDITY, 0, 1.0),
            status.INSUFFICIENT_BALANCE,
        ),  # may hold no shares
        ("holders.0", Leg(REMOVE_LIQUIDITY, 0, 1.0), status.BAD_AMOUNT),  # has no shares
        ("providers.0", Leg(REMOVE_LIQUIDITY, 0, 10.0, limit=1.0), status.SLIPPAGE),
        ("holders.0", Leg(SUPPLY - 1, 0, 1.0), status.NOTHING_TO_DO),  # no such verb
    ],
)
def test_what_reverts_leaves_the_world_as_it_was(small, sender, leg, reason):
    assert small.attempt(sender, leg) == reason


def test_liquidity_goes_in_and_out_in_the_proportion_of_the_pool(small):
    shares = small.held("providers.0", "LP.eth_usdc")
    assert small.attempt("providers.0", Leg(REMOVE_LIQUIDITY, 0, 0.1 * shares)) == status.OK
    # A tenth of a half: 50 of 1,000 ETH, on top of 50 for gas; and 100,000 of 2 M USDC.
    assert small.held("providers.0", "ETH") == pytest.approx(100.0, rel=1e-14)
    assert small.held("providers.0", "USDC") == pytest.approx(100_000.0, rel=1e-14)
    assert small.attempt("providers.0", Leg(ADD_LIQUIDITY, 0, 49.9)) == status.OK
    assert small.held("providers.0", "LP.eth_usdc") == pytest.approx(
        (0.9 + 0.1 * 0.998) * shares, rel=1e-14
    )
    pool = small.world.venues.pools[0]
    assert pool.reserve1 / pool.reserve0 == pytest.approx(2000.0, rel=1e-14)


def test_an_emptied_pool_takes_no_trade_and_no_deposit(small):
    for provider in ("providers.0", "providers.1"):
        assert small.attempt(provider, Leg(REMOVE_LIQUIDITY, 0, 1e9)) == status.OK
    assert small.held("providers.0", "USDC") + small.held("providers.1", "USDC") == pytest.approx(
        2e6
    )
    assert small.attempt("holders.0", Leg(SWAP, 0, 1.0, token_in=ETH)) == status.NO_LIQUIDITY
    assert small.attempt("providers.0", Leg(ADD_LIQUIDITY, 0, 1.0)) == status.NO_LIQUIDITY


def test_nobody_can_buy_the_last_token_of_a_pool(small):
    """A pool that rounding has left with next to nothing cannot be emptied by a huge sale."""
    pool = small.world.venues.pools[0]
    small.give("eth_usdc", "ETH", 1e-18)
    small.give("eth_usdc", "USDC", 2e-15)
    pool.reserve0, pool.reserve1 = 1e-18, 2e-15
    assert small.attempt("holders.0", Leg(SWAP, 0, 1.0, token_in=ETH)) == status.NO_LIQUIDITY


def test_sandwiching_ones_own_sale_does_not_pay(small):
    """Sell, sell, buy back everything: the fee is lost, and nothing else can be gained."""
    for amount in (5.0, 7.0):
        assert small.attempt("holders.0", Leg(SWAP, 0, amount, token_in=ETH)) == status.OK
    proceeds = small.held("holders.0", "USDC") - 50_000
    assert small.attempt("holders.0", Leg(SWAP, 0, proceeds, token_in=USDC)) == status.OK
    assert 24.9 < small.held("holders.0", "ETH") < 25.0

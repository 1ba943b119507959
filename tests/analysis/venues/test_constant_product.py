"""A constant-product pool at the prompt: hand calculations, and calls that change nothing."""

from __future__ import annotations

import numpy as np
import pytest

import aftershock as af
from sim.errors import InputError
from sim.world import snapshot


@pytest.fixture
def pool():
    return af.venues.ConstantProductPool({"ETH": 1_000.0, "USDC": 2e6}, fee_fraction=0.003)


def test_a_quote_is_what_a_swap_then_pays(pool):
    by_hand = 2e6 * 9.97 / (1_000.0 + 9.97)  # x y = k with 0.3 % of the 10 ETH kept as a fee
    assert pool.quote("ETH", 10.0) == pytest.approx(by_hand, rel=1e-14)
    assert pool.reserves == {"ETH": 1_000.0, "USDC": 2e6}
    assert pool.swap("ETH", 10.0) == pytest.approx(by_hand, rel=1e-14)
    assert pool.reserves == pytest.approx({"ETH": 1_010.0, "USDC": 2e6 - by_hand}, rel=1e-14)


def test_liquidity_in_and_out_again_is_what_was_put_in(pool):
    shares = pool.add_liquidity("USDC", 20_000.0)
    assert shares == pytest.approx(0.01 * (1_000.0 * 2e6) ** 0.5, rel=1e-12)
    assert pool.remove_liquidity(shares) == pytest.approx({"ETH": 10.0, "USDC": 2e4}, rel=1e-9)


def test_a_reverted_call_says_why_and_changes_nothing(pool):
    pool.account()
    before = snapshot(pool._world)
    with pytest.raises(af.venues.Reverted, match="slippage limit"):
        pool.swap("ETH", 1.0, at_least=2_000.0)
    after = snapshot(pool._world)
    state = [name for name in before if name.startswith(("ledger.memory", "ledger.minted"))]
    assert state
    assert all(np.array_equal(before[name], after[name]) for name in state)


def test_accounts_have_their_own_money(pool):
    with pytest.raises(af.venues.Reverted, match="insufficient balance"):
        pool.swap("ETH", 1.0, account="alice")
    pool.give("alice", "ETH", 1.0)
    received = pool.swap("ETH", 1.0, account="alice")
    assert pool.balance("USDC", "alice") == received
    assert pool.balance("ETH", "alice") == 0.0


def test_what_cannot_be_is_refused_by_name():
    with pytest.raises(InputError, match="fee_fraction"):
        af.venues.ConstantProductPool({"ETH": 1.0, "USDC": 1.0}, fee_fraction=-0.1)
    with pytest.raises(InputError, match="2 tokens"):
        af.venues.ConstantProductPool({"ETH": 1.0})
    with pytest.raises(InputError, match="Did you mean 'ETH'"):
        af.venues.ConstantProductPool({"ETH": 1.0, "USDC": 1.0}).swap("ETHH", 1.0)


def test_the_picture_has_both_directions(pool):
    (axis,) = pool.plot().axes
    assert len(axis.lines) == 2
    assert "USDC" in pool._repr_html_()


def test_the_price_sums_are_prices_that_stood_times_how_long(pool):
    pool.wait(100.0)
    pool.swap("ETH", 100.0)
    assert pool.price_sums == {"ETH": 100.0 * 2_000.0, "USDC": 100.0 / 2_000.0}
    pool.swap("ETH", 1.0)  # at once: no time has passed
    price = pool.spot_price("ETH")
    pool.wait(50.0)
    pool.remove_liquidity(1.0)
    assert pool.price_sums["ETH"] == pytest.approx(200_000.0 + 50.0 * price, rel=1e-15)


def test_the_protocol_gets_a_sixth_of_what_fees_have_added():
    """By hand, as in section 2.4 of the paper: shares that own a sixth of the growth of sqrt(k)."""
    pool = af.venues.ConstantProductPool({"ETH": 1_000.0, "USDC": 2e6}, 0.003, None, 1.0 / 6.0)
    first, before = pool.lp_supply, (1_000.0 * 2e6) ** 0.5
    for _ in range(20):
        pool.swap("ETH", 50.0)
        pool.swap("USDC", 90_000.0)
    reserves = pool.reserves
    after = (reserves["ETH"] * reserves["USDC"]) ** 0.5
    pool.remove_liquidity(1e-6)
    by_hand = first * (after - before) / (5.0 * after + before)
    assert pool.protocol_shares == pytest.approx(by_hand, rel=1e-11)
    assert pool.protocol_shares > 1.0

"""A weighted pool at the prompt: hand calculations, limits, and calls that change nothing."""

from __future__ import annotations

import random

import pytest

import aftershock as af
from sim.errors import InputError


@pytest.fixture
def pool():
    return af.venues.WeightedPool(
        {"ETH": 1_000.0, "USDC": 5e5, "BAL": 1e4}, {"ETH": 0.5, "USDC": 0.25, "BAL": 0.25}
    )


def test_a_swap_by_hand(pool):
    by_hand = 5e5 * (1.0 - (1_000.0 / (1_000.0 + 9.97)) ** 2.0)  # 30 bps of the 10 ETH are the fee
    assert pool.quote("ETH", 10.0) == pytest.approx(by_hand, rel=1e-13)
    assert pool.swap("ETH", 10.0) == pytest.approx(by_hand, rel=1e-13)
    assert pool.reserves["ETH"] == 1_010.0
    assert pool.reserves["USDC"] == pytest.approx(5e5 - by_hand, rel=1e-13)


def test_buying_what_a_sale_brought_costs_what_was_sold(pool):
    bought = pool.quote("ETH", 10.0, into="BAL")
    assert pool.buy("BAL", bought, paying="ETH") == pytest.approx(10.0, rel=1e-12)


def test_two_equal_weights_without_fee_are_a_constant_product():
    reserves = {"ETH": 1_000.0, "USDC": 2e6}
    even = af.venues.WeightedPool(reserves, {"ETH": 0.5, "USDC": 0.5}, 0.0)
    product = af.venues.ConstantProductPool(reserves, 0.0)
    for symbol, amount in (("ETH", 100.0), ("USDC", 1e5), ("ETH", 1e-9)):
        assert even.swap(symbol, amount) == pytest.approx(product.swap(symbol, amount), rel=1e-12)


def test_the_virtual_price_never_falls_and_a_round_trip_never_gains(pool):
    rng = random.Random(3)
    for _ in range(200):
        before = pool.virtual_price
        i, j = rng.sample(["ETH", "USDC", "BAL"], 2)
        act = rng.choice(["swap", "add", "one", "out", "all"])
        if act == "swap":
            sold = pool.reserves[i] * 10.0 ** rng.uniform(-9.0, -1.0)
            assert pool.swap(j, pool.swap(i, sold, into=j), into=i) < sold
        elif act == "add":
            pool.add_liquidity({i: 0.1 * pool.reserves[i], j: 0.01 * pool.reserves[j]})
        elif act == "one":
            pool.remove_one(i, 0.05 * pool.lp_supply)
        elif act == "out":
            pool.remove_amounts({i: 0.1 * pool.reserves[i]})
        else:
            pool.mint_shares(0.1 * pool.lp_supply, rng.choice([None, i]))
        assert pool.virtual_price >= before * (1.0 - 1e-14)


def test_half_of_what_the_fees_have_added_is_the_protocols():
    pool = af.venues.WeightedPool(
        {"ETH": 1_000.0, "USDC": 5e5}, {"ETH": 0.8, "USDC": 0.2}, 0.01, 0.5
    )
    first, before = pool.lp_supply, pool.invariant
    for _ in range(10):
        pool.swap("USDC", pool.swap("ETH", 50.0))
    after = pool.invariant
    pool.remove_liquidity(1e-9)
    owned = pool.protocol_shares / (first + pool.protocol_shares) * after
    assert owned == pytest.approx(0.5 * (after - before), rel=1e-10)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda pool: pool.swap("ETH", 302.0), "more than the pool allows"),  # 30 % after the fee
        (lambda pool: pool.buy("ETH", 300.1), "more than the pool allows"),
        (lambda pool: pool.buy("ETH", 10.0, at_most=1.0), "slippage limit"),
        (lambda pool: pool.remove_one("ETH", 0.31 * pool.lp_supply), "more than the pool allows"),
        (lambda pool: pool.mint_shares(2.1 * pool.lp_supply, "ETH"), "more than the pool allows"),
        (lambda pool: pool.mint_shares(1.0, at_most=1e-9), "slippage limit"),
        (lambda pool: pool.remove_amounts({"ETH": 1_000.0}), "no liquidity"),
        (lambda pool: pool.add_liquidity({"ETH": float("nan")}), "bad amount"),
    ],
)
def test_what_is_refused_changes_nothing(pool, call, reason):
    before, shares = pool.reserves, pool.lp_supply
    with pytest.raises(af.venues.Reverted, match=reason):
        call(pool)
    assert (pool.reserves, pool.lp_supply) == (before, shares)


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("weights", {"weights": {"ETH": 0.5, "USDC": 0.6}}),
        ("weights.USDC", {"weights": {"ETH": 1.0, "USDC": 0.0}}),
        ("weights", {"weights": {"ETH": 0.5, "USDT": 0.5}}),
        ("fee_fraction", {"fee_fraction": -0.1}),
        ("protocol_fee_fraction", {"protocol_fee_fraction": 2.0}),
    ],
)
def test_what_cannot_be_is_refused_by_name(key, arguments):
    given = {"reserves": {"ETH": 1.0, "USDC": 1.0}, "weights": {"ETH": 0.5, "USDC": 0.5}}
    with pytest.raises(InputError, match=key):
        af.venues.WeightedPool(**{**given, **arguments})


def test_the_price_sums_are_prices_that_stood_times_how_long(pool):
    pool.wait(100.0)
    pool.swap("ETH", 10.0)
    by_hand = {"USDC": 2_000.0 / 2e6, "BAL": 2_000.0 / 4e4}  # balance over weight of each, in ETH
    assert pool.price_sums == pytest.approx({s: 100.0 * price for s, price in by_hand.items()})
    pool.swap("ETH", 10.0)  # at once: no time has passed
    reserves = pool.reserves
    pool.wait(50.0)
    with pytest.raises(af.venues.Reverted):
        pool.swap("ETH", 1e9)
    assert pool.price_sums["USDC"] == pytest.approx(
        100.0 * by_hand["USDC"]
    )  # a revert writes nothing
    pool.remove_liquidity(1.0)
    stood = (reserves["ETH"] / 0.5) / (reserves["USDC"] / 0.25)
    assert pool.price_sums["USDC"] == pytest.approx(100.0 * by_hand["USDC"] + 50.0 * stood)

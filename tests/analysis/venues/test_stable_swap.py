"""A StableSwap pool at the prompt against the slow exact one, and against what it promises."""

from __future__ import annotations

import random
from decimal import Decimal

import numpy as np
import pytest

import aftershock as af
from sim.errors import InputError
from sim.world import snapshot
from tests.reference.stable_swap import ExactPool

NAMES = "abcd"
EXACT = 1e-12  # relative; the bar for a contract is 1e-9


def random_pools(rng: random.Random) -> tuple[af.venues.StableSwapPool, ExactPool, list[float]]:
    """Two to four coins, up to 1e9:1 out of balance, in both models."""
    n, worst = rng.choice([2, 3, 4]), 10.0 ** rng.uniform(-9.0, 0.0)
    balances = [1e6, 1e6 * worst, *(1e6 * worst ** rng.random() for _ in range(n - 2))]
    rng.shuffle(balances)
    amplification, fee = 10.0 ** rng.uniform(0.0, 4.0), rng.choice([0.0, 4e-4, 1e-2])
    admin = rng.choice([0.0, 0.5, 1.0])
    reserves = dict(zip(NAMES, balances, strict=False))
    pool = af.venues.StableSwapPool(reserves, amplification, fee, admin)
    return pool, ExactPool(balances, amplification, fee, admin), balances


def same(found: float, exact: Decimal) -> bool:
    return abs(Decimal(found) - exact) <= Decimal(EXACT) * abs(exact)


@pytest.mark.parametrize("seed", range(25))
def test_every_verb_to_twelve_digits(seed):
    """Trades down to dust, 1e-15 of a balance: the fall of a balance is exact, not only the balance."""
    rng = random.Random(seed)
    for verb in ("swap", "add", "remove", "one"):
        pool, exact, balances = random_pools(rng)
        n = len(balances)
        i, j = rng.sample(range(n), 2)
        assert same(pool.invariant, exact.supply)
        size = 10.0 ** rng.uniform(-15.0, 1.0) * balances[i]
        amounts = [0.0] * n
        if verb == "swap":
            assert same(pool.swap(NAMES[i], size, into=NAMES[j]), exact.swap(i, j, size))
        elif verb == "add":
            amounts[i], amounts[j] = size, rng.choice([0.0, balances[j]])
            by_name = dict(zip(NAMES, amounts, strict=False))
            assert same(pool.add_liquidity(by_name), exact.change(amounts))
        elif verb == "remove":
            amounts[i] = balances[i] * 10.0 ** rng.uniform(-15.0, -0.05)
            by_name = dict(zip(NAMES, amounts, strict=False))
            assert same(-pool.remove_amounts(by_name), exact.change([-a for a in amounts]))
        else:
            shares = pool.lp_supply * 10.0 ** rng.uniform(-15.0, -0.05)
            assert same(pool.remove_one(NAMES[i], shares), exact.remove_one(i, shares))
        for found, balance in zip(pool.reserves.values(), exact.balances, strict=True):
            assert found == pytest.approx(float(balance), rel=1e-12)


def test_the_virtual_price_never_falls_and_a_round_trip_never_gains():
    rng = random.Random(7)
    pool = af.venues.StableSwapPool({"a": 1e6, "b": 2e6, "c": 5e5}, 300.0, 4e-4, 0.5)
    for _ in range(200):
        before = pool.virtual_price
        i, j = rng.sample("abc", 2)
        act = rng.choice(["swap", "swap", "add", "one", "all"])
        if act == "swap":
            sold = 10.0 ** rng.uniform(-3.0, 5.5)
            assert pool.swap(j, pool.swap(i, sold, into=j), into=i) < sold
        elif act == "add":
            pool.add_liquidity({i: 10.0 ** rng.uniform(0.0, 5.0), j: 1.0})
        elif act == "one":
            pool.remove_one(i, 1e-4 * pool.lp_supply)
        else:
            pool.remove_liquidity(1e-2 * pool.lp_supply)
        assert pool.virtual_price >= before * (1.0 - 1e-14)


def test_a_ramp_moves_the_amplification_and_has_the_contracts_bounds():
    pool = af.venues.StableSwapPool({"a": 1e6, "b": 1e6}, 100.0)
    pool.ramp(400.0, 4 * 86_400.0)
    pool.wait(86_400.0)
    assert pool.amplification == 175.0
    for amplification, days in ((1e4, 2.0), (10.0, 2.0), (200.0, 0.5)):
        with pytest.raises(af.venues.Reverted):
            pool.ramp(amplification, days * 86_400.0)
    assert pool.amplification == 175.0


def test_a_reverted_call_changes_nothing():
    pool = af.venues.StableSwapPool({"a": 1e6, "b": 1e6}, 100.0)
    before = snapshot(pool._world)
    for call, reason in (
        (lambda: pool.swap("a", 1e3, at_least=1e3), "slippage limit"),
        (lambda: pool.swap("a", 1e3, into="a"), "bad amount"),
        (lambda: pool.remove_amounts({"a": 1e6}), "no liquidity"),
        (lambda: pool.remove_amounts({"a": 1e5}, at_most=1e4), "slippage limit"),
        (lambda: pool.remove_one("a", 1e12), "no liquidity"),
        (lambda: pool.add_liquidity({"a": 0.0}), "bad amount"),
        (lambda: pool.add_liquidity({"a": float("inf"), "b": 5.0}), "bad amount"),
    ):
        with pytest.raises(af.venues.Reverted, match=reason):
            call()
    after = snapshot(pool._world)
    state = [name for name in before if name.startswith(("ledger.memory", "ledger.minted"))]
    assert state
    assert all(np.array_equal(before[name], after[name]) for name in state)


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("amplification", {"amplification": 0.0}),
        ("amplification", {"amplification": 1e6}),
        ("fee_fraction", {"fee_fraction": -1e-4}),
        ("admin_fee_fraction", {"admin_fee_fraction": 1.5}),
        ("rates.b", {"rates": {"b": 0.0}}),
        ("reserves", {"reserves": dict.fromkeys("abcde", 1.0)}),
    ],
)
def test_what_cannot_be_is_refused_by_name(key, arguments):
    with pytest.raises(InputError, match=key):
        af.venues.StableSwapPool(**{"reserves": {"a": 1e6, "b": 1e6}, **arguments})


def test_amounts_are_not_negative():
    with pytest.raises(InputError, match=r"amounts\.a"):
        af.venues.StableSwapPool({"a": 1e6, "b": 1e6}).add_liquidity({"a": -1.0, "b": 5.0})


def test_the_picture_and_the_table():
    pool = af.venues.StableSwapPool({"a": 1e6, "b": 1e6, "c": 2e6}, rates={"c": 1.1})
    assert len(pool.plot().axes[0].lines) == 2
    assert "StableSwapPool" in pool._repr_html_()


def test_the_price_sums_are_prices_that_stood_times_how_long():
    """Against the exact pool of fifty digits: what a billionth of a coin is sold for without a fee."""
    balances = [1e6, 3e5, 2e6]
    pool = af.venues.StableSwapPool(dict(zip(NAMES, balances, strict=False)), 100.0, 0.0)
    pool.wait(100.0)
    pool.swap("a", 1e5, into="b")
    exact = [
        ExactPool(list(stood), 100.0, 0.0, 0.0) for stood in (balances, pool.reserves.values())
    ]
    pool.wait(50.0)
    pool.remove_one("c", 1.0)
    for k, symbol in ((1, "b"), (2, "c")):
        before, after = (float(one.swap(k, 0, 1e-9)) / 1e-9 for one in exact)
        assert pool.price_sums[symbol] == pytest.approx(100.0 * before + 50.0 * after, rel=1e-9)
    assert "a" not in pool.price_sums

"""Mint and burn at the prompt: what it pays by hand, how it recovers, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

import aftershock as af
from sim.errors import InputError


def terra(**changes: float) -> af.venues.MintAndBurn:
    """A million in each virtual pool, 80 dollars a token."""
    told = {"price_usd": 80.0, "base_pool_usd": 1e6, **changes}
    return af.venues.MintAndBurn("UST", "LUNA", **told)


def test_a_quarter_of_the_pool_costs_a_fifth():
    """1e12 / 1.25e6 = 800,000: the other pool gives 200,000 for 250,000."""
    module = terra()
    assert module.spread("UST", 250_000.0) == pytest.approx(0.2)
    assert module.quote("UST", 250_000.0) == pytest.approx(2_500.0)
    module.give("bob", "UST", 250_000.0)
    assert module.burn(250_000.0, account="bob") == pytest.approx(2_500.0)
    assert module.balance("LUNA", "bob") == pytest.approx(2_500.0)
    assert (module.delta, module.issued) == (250_000.0, -250_000.0)
    assert module.volatile_issued == pytest.approx(2_500.0)


def test_the_lower_the_price_the_more_tokens_a_coin_makes():
    module = terra()
    few = module.quote("UST", 1_000.0)
    module.set_price(0.8)
    assert module.quote("UST", 1_000.0) == pytest.approx(100.0 * few)


def test_there_and_back_costs_both_spreads():
    module = terra()
    module.give("bob", "LUNA", 10.0)
    coins = module.mint(10.0, account="bob")
    assert coins == pytest.approx(800.0 * 0.995)
    assert module.burn(coins, account="bob") == pytest.approx(10.0 * 0.995**2)


def test_the_pools_recover_by_blocks_of_their_own():
    module = terra(recovery_blocks=36.0, block_seconds=6.0)
    module.burn(100_000.0)
    module.wait(216.0)  # 36 of its blocks
    assert module.delta == pytest.approx(100_000.0 * (35.0 / 36.0) ** 36, rel=1e-12)
    module.wait(1e6)
    assert module.spread("UST", 1.0) == pytest.approx(0.005)


def test_a_refusal_says_why_and_changes_nothing():
    module = terra(cap=1_000.0)
    module.account("poor")
    for symbol, amount, at_least, who, reason in (
        ("LUNA", 13.0, 0.0, "anyone", "debt ceiling exceeded"),
        ("UST", 80.0, 1.0, "anyone", "slippage limit"),
        ("UST", -1.0, 0.0, "anyone", "bad amount"),
        ("UST", math.nan, 0.0, "anyone", "bad amount"),
        ("UST", 1.0, 0.0, "poor", "insufficient balance"),
    ):
        with pytest.raises(af.venues.Reverted) as caught:
            module.convert(symbol, amount, at_least, who)
        assert caught.value.reason == reason
        assert (module.delta, module.issued, module.volatile_issued) == (0.0, 0.0, 0.0)
    module.halt()
    with pytest.raises(af.venues.Reverted, match="closed now"):
        module.burn(1.0)
    assert module.mint(1.0) == pytest.approx(79.6)  # a halt stops the burning of coin only


def test_it_shows_itself():
    module = terra()
    module.burn(1_000.0)
    assert "1.001e+06 UST" in module._repr_html_()
    burned, minted = (np.asarray(line.get_ydata()) for line in module.plot().axes[0].lines)
    assert burned[-1] > minted[-1] > 60.0  # a pool that is leaning


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("price_usd", 0.0),
        ("base_pool_usd", math.inf),
        ("min_spread_fraction", 1.0),
        ("recovery_blocks", 0.5),
        ("block_seconds", 0.0),
        ("cap", 0.0),
    ],
)
def test_what_cannot_be_is_refused_by_name(key, value):
    with pytest.raises(InputError, match=key):
        terra(**{key: value})


def test_two_tokens_that_differ():
    with pytest.raises(InputError, match="coin"):
        af.venues.MintAndBurn("UST", "UST", 1.0, 1.0)
    with pytest.raises(InputError, match="price_usd"):
        terra().set_price(-1.0)

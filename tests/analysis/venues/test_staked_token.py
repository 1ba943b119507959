"""A staked token at the prompt: the same verbs, with time, slashing and a gate that can be set."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import aftershock as af
from sim.errors import InputError

DAY = 86_400.0
YEAR = 365.0 * DAY


def lido(**changes: float) -> af.venues.StakedToken:
    """1.1 ether a token, no rewards, a thousand ether a day."""
    told: dict[str, Any] = {
        "staked": 110_000.0,
        "rate": 1.1,
        "withdrawals_per_day": 1_000.0,
        "reward_per_year": 0.0,
    }
    return af.venues.StakedToken("stETH", "ETH", **{**told, **changes})


def test_staked_and_handed_in_and_claimed_by_hand():
    token = lido()
    assert (token.rate, token.issued, token.reserve) == (1.1, 110_000.0 / 1.1, 110_000.0)
    assert token.quote("ETH", 11.0) == pytest.approx(10.0)
    token.give("bob", "ETH", 11.0)
    assert token.stake(11.0, account="bob") == pytest.approx(10.0, rel=1e-15)
    number = token.request(4.0, account="bob")
    assert token.balance("stETH", "bob") == pytest.approx(6.0)
    (asked,) = token.line
    assert (asked.number, asked.account, asked.tokens, asked.is_final) == (
        number,
        "bob",
        4.0,
        False,
    )
    assert (asked.ether, asked.ready_in_seconds) == pytest.approx((4.4, DAY))
    token.wait(DAY)
    assert token.line[0].is_final
    assert token.claim(number, account="bob") == pytest.approx(4.4)
    assert token.balance("ETH", "bob") == pytest.approx(4.4)
    assert token.line == []
    assert token.issued == pytest.approx(100_006.0)


def test_the_line_is_served_in_order_at_its_capacity_and_claimed_in_any():
    token = lido()
    for name, tokens in (("bob", 2_000.0), ("eve", 1_000.0)):
        token.give(name, "stETH", tokens)
    first, second = token.request(2_000.0, "bob"), token.request(1_000.0, "eve")
    # 2,200 ether at a thousand a day, and 1,100 behind them.
    assert [row.ready_in_seconds / DAY for row in token.line] == pytest.approx([2.2, 3.3])
    assert token.wait_seconds == pytest.approx(3.3 * DAY)
    assert token.waits_for(1_000.0) == pytest.approx(4.4 * DAY)
    token.wait(2.3 * DAY)
    with pytest.raises(af.venues.Reverted, match="request not finalised"):
        token.claim(second, "eve")
    token.wait(1.1 * DAY)
    assert token.claim(second, "eve") == pytest.approx(1_100.0)
    assert token.claim(first, "bob") == pytest.approx(2_200.0)


def test_rewards_stop_in_line_and_slashing_does_not():
    token = lido(reward_per_year=0.05, reward_fee_fraction=0.2)
    token.give("bob", "stETH", 10.0)
    token.give("eve", "stETH", 10.0)
    number = token.request(10.0, "bob")
    token.wait(YEAR)
    assert token.rate == pytest.approx(1.1 * math.exp(0.04), rel=1e-12)
    assert token.claim(number, "bob") == pytest.approx(11.0)
    late = token.request(10.0, "eve")
    token.slash(0.1)
    rate = 1.1 * math.exp(0.04) * 0.9
    assert token.rate == pytest.approx(rate, rel=1e-12)
    token.wait(DAY)
    assert token.claim(late, "eve") == pytest.approx(10.0 * rate, rel=1e-3)


def test_a_patient_buyer_pays_for_the_wait():
    token = lido()
    assert token.patient_price(100.0, 0.1) == pytest.approx(1.1 / 1.1 ** (1 / 365), rel=1e-12)
    assert token.patient_price(50_000.0, 0.1) == pytest.approx(1.1 / 1.1 ** (55 / 365), rel=1e-12)


@pytest.mark.parametrize(
    ("reason", "call"),
    [
        ("redemptions wait in line here", lambda t: t.convert("stETH", 1.0)),
        ("debt ceiling exceeded", lambda t: t.stake(2_000.0)),
        ("slippage limit", lambda t: t.stake(11.0, at_least=10.01)),
        ("bad amount", lambda t: t.stake(-1.0)),
        ("bad amount", lambda t: t.request(0.0)),
        ("insufficient balance", lambda t: t.stake(1.0, account="poor")),
        ("the line is full", lambda t: t.request(1.0)),
        ("no such request", lambda t: t.claim(7)),
        ("no such request", lambda t: t.claim(0, "poor")),
        ("request not finalised", lambda t: t.claim(0)),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    reason: str, call: Callable[[af.venues.StakedToken], float]
) -> None:
    token = lido(cap=101_000.0, queue_length=2)
    token.account("poor")
    token.request(1.0)
    token.request(2.0)
    before = token._repr_html_(), token.line, token.balance("ETH", "poor")
    with pytest.raises(af.venues.Reverted) as caught:
        call(token)
    assert caught.value.reason == reason
    assert (token._repr_html_(), token.line, token.balance("ETH", "poor")) == before


def test_a_closed_line_serves_those_who_are_in_it():
    token = lido()
    number = token.request(1.0)
    token.halt()
    assert not token.is_open
    with pytest.raises(af.venues.Reverted, match="closed now"):
        token.request(1.0)
    token.wait(DAY)
    assert token.claim(number) == pytest.approx(1.1)
    token.halt(False)
    token.request(1.0)
    assert "1 (open)" in token._repr_html_()


def test_it_shows_itself():
    token = lido()
    assert "1.100000 ETH" in token._repr_html_()
    wait, price = token.plot().axes
    assert np.asarray(wait.lines[0].get_ydata())[-1] == pytest.approx(
        110.0
    )  # all of it, at a thousand a day
    assert len(price.lines) == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("staked", 0.0),
        ("rate", -1.0),
        ("rate", math.nan),
        ("withdrawals_per_day", math.inf),
        ("queue_length", 0),
        ("cap", 1.0),
        ("reward_per_year", -0.1),
        ("reward_fee_fraction", 1.0),
        ("min_delay_seconds", -1.0),
    ],
)
def test_what_cannot_be_is_refused_by_name(key, value):
    with pytest.raises(InputError, match=key):
        lido(**{key: value})


def test_slashing_and_time_have_their_range():
    with pytest.raises(InputError, match="fraction"):
        lido().slash(1.0)
    with pytest.raises(InputError, match="coin"):
        af.venues.StakedToken("ETH", "ETH", 1.0, 1.0)
    with pytest.raises(af.venues.Reverted, match="bad amount"):
        lido().request(math.nan)

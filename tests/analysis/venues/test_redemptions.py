"""Redemption modules at the prompt: the same verbs, with time and reserve that can be set."""

from __future__ import annotations

from typing import Any

import pytest

import aftershock as af
from sim.errors import InputError


def issuer(**changes: Any) -> af.venues.IssuerRedemption:
    told: dict[str, Any] = {
        "reserve": 40e9, "opens_hour": 13.0, "closes_hour": 21.0, "daily_cap": 5e9,
        "minimum": 100e3, "start": "2023-03-10T20:00:00Z",
    }  # fmt: skip
    return af.venues.IssuerRedemption("USDC", "USD", **{**told, **changes})


def test_a_peg_module_by_hand():
    module = af.venues.PegModule("DAI", "USDC", 1e6, 1.5e6, tin_fraction=0.01, tout_fraction=0.02)
    assert module.quote("DAI", 1020.0) == pytest.approx(1000.0)
    assert module.reserve == module.issued == 1e6
    module.give("bob", "USDC", 1000.0)
    assert module.convert("USDC", 1000.0, account="bob") == 990.0
    assert module.balance("DAI", "bob") == 990.0
    assert (module.reserve, module.issued, module.fees) == (1.001e6, 1.001e6, 10.0)


def test_a_refusal_says_why_and_changes_nothing():
    module = af.venues.PegModule("DAI", "USDC", 1e6, 1.5e6)
    for symbol, amount, reason in (
        ("DAI", 1e6 + 1.0, "reserve is dry"),
        ("USDC", 5e5 + 1.0, "debt ceiling exceeded"),
        ("DAI", -1.0, "bad amount"),
    ):
        with pytest.raises(af.venues.Reverted) as caught:
            module.convert(symbol, amount)
        assert caught.value.reason == reason
        assert (module.reserve, module.issued) == (1e6, 1e6)


def test_the_weekend_of_march_2023():
    """3.3 of 40 billion locked at a bank, and a counter that is closed from Friday to Monday."""
    coin = issuer()
    coin.lock(3.3 / 40.0)
    assert coin.payable == pytest.approx(36.7e9)
    assert coin.is_open
    assert coin.convert("USDC", 3e9) == 3e9
    assert coin.redeemed_today == 3e9
    with pytest.raises(af.venues.Reverted, match="daily cap exceeded"):
        coin.convert("USDC", 3e9)
    coin.wait(3600.0)
    with pytest.raises(af.venues.Reverted, match="closed now"):
        coin.convert("USDC", 1e6)
    assert coin.most("USDC") == 0.0
    coin.set_time("2023-03-13T13:00:00Z")
    assert coin.redeemed_today == 0.0
    with pytest.raises(af.venues.Reverted, match="below the minimum"):
        coin.convert("USDC", 1e4)
    assert coin.most("USDC") == pytest.approx(5e9)
    assert coin.convert("USDC", 1e9) == 1e9
    assert sum(coin.open_hours()) == 40


def test_reserves_can_be_written_down_and_payment_halted():
    coin = issuer(daily_cap=50e9)
    coin.set_reserve(10e9)
    assert (coin.reserve, coin.issued) == (10e9, 40e9)
    with pytest.raises(af.venues.Reverted, match="reserve is dry"):
        coin.convert("USDC", 11e9)
    coin.halt()
    with pytest.raises(af.venues.Reverted, match="closed now"):
        coin.convert("USDC", 1e9)
    coin.halt(False)
    assert coin.convert("USDC", 10e9) == 10e9


def test_both_show_themselves():
    module = af.venues.PegModule("DAI", "USDC", 1e6, tout_fraction=0.01)
    assert "tolls kept" in module._repr_html_()
    assert "open (Fri 10 Mar 2023 20:00 UTC)" in issuer()._repr_html_()
    assert len(module.plot().axes) == 1
    assert len(issuer().plot().axes) == 2


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"reserve": -1.0}, "reserve"),
        ({"cap": 1.0}, "cap"),
        ({"fee_out_fraction": 1.0}, "fee_out_fraction"),
        ({"minimum": 6e9}, "minimum"),
        ({"opens_hour": 22.0}, "closes_hour"),
        ({"weekdays": ("Mon", "Tues")}, "weekdays"),
        ({"start": "yesterday"}, "moment"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes, key):
    with pytest.raises(InputError, match=key):
        issuer(**changes)

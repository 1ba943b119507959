"""Redemption modules at the prompt: the same verbs, with time and reserve that can be set."""

from __future__ import annotations

import math
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
    module = af.venues.PegModule(
        "DAI", "USDC", 1e6, 1.5e6, fee_in_fraction=0.01, fee_out_fraction=0.02
    )
    assert module.quote("DAI", 1020.0) == pytest.approx(1000.0)
    assert module.reserve == module.issued == 1e6
    module.give("bob", "USDC", 1000.0)
    assert module.convert("USDC", 1000.0, account="bob") == 990.0
    assert module.balance("DAI", "bob") == 990.0
    assert (module.reserve, module.issued, module.fees) == (1.001e6, 1.001e6, 10.0)


def refused(module: af.venues.PegModule | af.venues.IssuerRedemption, *call: Any) -> str:
    """Why a conversion reverts; not a bit of the world is another afterwards."""
    before = module._world.ledger.memory.tobytes()
    with pytest.raises(af.venues.Reverted) as caught:
        module.convert(*call)
    assert module._world.ledger.memory.tobytes() == before
    return caught.value.reason


def test_a_peg_module_that_refuses_says_why_and_changes_nothing():
    module = af.venues.PegModule("DAI", "USDC", 1e6, 1.5e6, fee_in_fraction=0.01)
    module.give("bob", "DAI", 5.0)
    assert refused(module, "DAI", 1e6 + 1.0) == "reserve is dry"
    assert refused(module, "USDC", 5e5 + 1.0) == "debt ceiling exceeded"
    assert refused(module, "USDC", 100.0, 99.1) == "slippage limit"
    assert refused(module, "DAI", 6.0, 0.0, "bob") == "insufficient balance"
    for amount in (0.0, -1.0, math.nan):
        assert refused(module, "DAI", amount) == "bad amount"
    module.halt()
    assert refused(module, "DAI", 1.0) == "closed now"


def test_an_issuer_who_refuses_says_why_and_changes_nothing():
    coin = issuer(reserve=20e6, cap=21e6, daily_cap=15e6, fee_out_fraction=0.01)
    assert refused(coin, "USDC", 99e3) == "below the minimum"
    assert refused(coin, "USDC", 15e6 + 1.0) == "daily cap exceeded"
    assert refused(coin, "USD", 1e6 + 1.0) == "debt ceiling exceeded"
    assert refused(coin, "USDC", 1e6, 0.991e6) == "slippage limit"
    coin.convert("USDC", 10e6)
    assert refused(coin, "USDC", 6e6) == "daily cap exceeded"
    coin.lock(0.5)
    assert refused(coin, "USDC", 0.2e6) == "reserve is dry"
    coin.set_time("2023-03-11T14:00:00Z")
    for symbol in ("USD", "USDC"):
        assert refused(coin, symbol, 1e6) == "closed now"


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
    module = af.venues.PegModule("DAI", "USDC", 1e6, fee_out_fraction=0.01)
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
        ({"reserve": math.nan}, "reserve"),
        ({"cap": math.nan}, "cap"),
        ({"fee_in_fraction": -0.1}, "fee_in_fraction"),
        ({"fee_in_fraction": math.nan}, "fee_in_fraction"),
        ({"daily_cap": 0.0}, "daily_cap"),
        ({"daily_cap": math.nan}, "daily_cap"),
        ({"opens_hour": -1.0}, "opens_hour"),
        ({"opens_hour": 22.0}, "closes_hour"),
        ({"closes_hour": math.nan}, "closes_hour"),
        ({"weekdays": ("Mon", "Tues")}, "weekdays"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": ("Mon", "Mon")}, "weekdays"),
        ({"weekdays": "Mon"}, "weekdays"),
        ({"start": "yesterday"}, "start"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes, key):
    with pytest.raises(InputError, match=key):
        issuer(**changes)

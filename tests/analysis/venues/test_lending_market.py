"""A pooled lending market at the prompt: hand calculations, and calls that change nothing."""

from __future__ import annotations

import math

import pytest

import aftershock as af
from sim.errors import InputError

YEAR = 365.0 * 86_400.0


@pytest.fixture
def market():
    """A million USDC lent by anyone; alice has 10 ETH of collateral at 2,000 USD."""
    opened = af.venues.LendingMarket(
        {
            "ETH": {
                "price_usd": 2_000.0, "ltv_fraction": 0.8, "threshold_fraction": 0.83,
                "bonus_fraction": 0.05,
            },
            "USDC": {
                "price_usd": 1.0, "slope1_per_year": 0.05, "slope2_per_year": 0.6,
                "reserve_factor_fraction": 0.1, "decimals": 6,
            },
        }
    )  # fmt: skip
    opened.supply("USDC", 1e6)
    opened.give("alice", "ETH", 10.0)
    opened.supply("ETH", 10.0, account="alice")
    return opened


def test_a_loan_up_to_the_loan_to_value(market):
    assert market.account_data("alice") == (20_000.0, 0.0, 16_000.0, math.inf)
    assert market.borrow("USDC", 15_000.0, account="alice") == 15_000.0
    assert market.balance("USDC", "alice") == 15_000.0
    data = market.account_data("alice")
    assert data.available_usd == 1_000.0
    assert data.health_factor == pytest.approx(20_000.0 * 0.83 / 15_000.0, rel=1e-15)
    with pytest.raises(af.venues.Reverted):
        market.borrow("USDC", 1_000.01, account="alice")
    assert market.account_data("alice") == data


def test_a_year_of_interest_at_the_rate_of_the_utilisation(market):
    market.borrow("USDC", 15_000.0, account="alice")
    rate = 0.05 * 0.015 / 0.9
    assert market.reserve("USDC").borrow_rate_per_year == pytest.approx(rate, rel=1e-14)
    market.wait(YEAR)
    assert market.owed("USDC", "alice") == pytest.approx(15_000.0 * math.exp(rate), rel=1e-12)
    lent = 1e6 * (1.0 + rate * 0.015 * 0.9)
    assert market.supplied("USDC") == pytest.approx(lent, rel=1e-14)


def test_anything_can_be_borrowed_against_anything():
    pair = dict.fromkeys(("ltv_fraction", "threshold_fraction"), 0.9)
    market = af.venues.LendingMarket(
        {"ETH": {"price_usd": 2_000.0, **pair}, "stETH": {"price_usd": 1_990.0, **pair}}
    )
    market.supply("ETH", 100.0)
    market.give("loop", "stETH", 10.0)
    market.supply("stETH", 10.0, account="loop")
    market.borrow("ETH", 8.0, account="loop")
    assert market.account_data("loop").health_factor == pytest.approx(0.9 * 19_900 / 16_000)


def test_half_of_a_loan_is_liquidated_just_below_health_one(market):
    market.borrow("USDC", 15_000.0, account="alice")
    market.set_price("ETH", 1_800.0)  # health 0.996: half, as both sides are above 2,000 USD
    done = market.liquidate("alice", "ETH", "USDC")
    assert done.repaid == pytest.approx(7_500.0, rel=1e-14)
    assert done.seized == pytest.approx(7_500.0 * 1.05 / 1_800.0, rel=1e-14)
    assert market.supplied("ETH", "alice") == pytest.approx(10.0 - done.seized, rel=1e-14)


def test_what_collateral_does_not_cover_is_a_deficit(market):
    market.borrow("USDC", 15_000.0, account="alice")
    market.set_price("ETH", 1_000.0)
    done = market.liquidate("alice", "ETH", "USDC")
    assert done.seized == 10.0
    assert done.repaid == pytest.approx(10_000.0 / 1.05, rel=1e-14)
    assert done.deficit_usd == pytest.approx(15_000.0 - 10_000.0 / 1.05, rel=1e-14)
    assert market.reserve("USDC").deficit == done.deficit_usd
    assert market.owed("USDC", "alice") == 0.0


def test_the_map_of_liquidations_and_the_rate_curve(market):
    from analysis.venues.lending_pictures import liquidatable_usd

    market.borrow("USDC", 15_000.0, account="alice")
    threshold = 1.0 - 15_000.0 / (0.83 * 20_000.0)  # the fall at which health is one
    assert liquidatable_usd(market, "ETH", threshold - 1e-9) == 0.0
    assert liquidatable_usd(market, "ETH", threshold + 1e-9) == 15_000.0
    assert market.reserve("ETH").price_usd == 2_000.0
    rates, liquidations = market.plot().axes
    assert rates.lines
    assert liquidations.lines
    assert "USDC" in market._repr_html_()


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"price_usd": -1.0}, "price_usd"),
        ({}, "price_usd"),
        ({"price_usd": 1.0, "ltv": 0.5}, "ltv_fraction"),
        ({"price_usd": 1.0, "ltv_fraction": 0.8, "threshold_fraction": 0.7}, "threshold_fraction"),
        ({"price_usd": 1.0, "threshold_fraction": 1.5}, "between 0 and 1"),
        ({"price_usd": 1.0, "threshold_fraction": 0.97, "bonus_fraction": 0.05}, "exceeds 1"),
        ({"price_usd": math.nan}, "price_usd"),
    ],
)
def test_what_cannot_be_is_refused_by_name(terms, named):
    with pytest.raises(InputError, match=named):
        af.venues.LendingMarket({"ETH": terms})

"""A pooled lending market at the prompt: hand calculations, and calls that change nothing."""

from __future__ import annotations

import math

import pytest

import aftershock as af
from sim.errors import InputError
from sim.transaction import FLASH_BORROW

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


@pytest.fixture
def pair():
    """ETH and stETH with an e-mode; bob has put up 10 stETH; a thousand ETH to lend."""
    market = af.venues.LendingMarket(
        {
            "ETH": {
                "price_usd": 2_000.0, "ltv_fraction": 0.8, "threshold_fraction": 0.83,
                "bonus_fraction": 0.05, "is_borrowable_in_isolation": True,
            },
            "stETH": {
                "price_usd": 2_000.0, "ltv_fraction": 0.7, "threshold_fraction": 0.75,
                "bonus_fraction": 0.07, "liquidation_fee_fraction": 0.1,
            },
            "USDC": {"price_usd": 1.0},
        },
        emodes={
            "eth": {
                "ltv_fraction": 0.93, "threshold_fraction": 0.95, "bonus_fraction": 0.01,
                "collateral": ["stETH"], "borrowable": ["ETH"],
            }
        },
    )  # fmt: skip
    market.supply("ETH", 1_000.0)
    market.supply("USDC", 1e6)
    market.give("bob", "stETH", 10.0)
    market.supply("stETH", 10.0, account="bob")
    return market


def test_an_emode_lends_more_against_what_moves_together(pair):
    assert pair.account_data("bob").available_usd == 14_000.0
    pair.set_emode("eth", "bob")
    assert pair.account_data("bob").available_usd == pytest.approx(18_600.0)
    with pytest.raises(af.venues.Reverted, match="not borrowable"):
        pair.borrow("USDC", 1.0, account="bob")
    pair.borrow("ETH", 9.3, account="bob")
    with pytest.raises(af.venues.Reverted, match="health too low"):
        pair.set_emode(None, "bob")
    assert pair.emode("bob") == "eth"


def test_a_debt_or_collateral_that_an_emode_does_not_know_keeps_one_out(pair):
    pair.borrow("USDC", 1_000.0, account="bob")
    with pytest.raises(af.venues.Reverted, match="debt not allowed"):
        pair.set_emode("eth", "bob")


def test_the_bonus_of_the_emode_less_the_fee_of_the_protocol(pair):
    pair.set_emode("eth", "bob")
    pair.borrow("ETH", 9.3, account="bob")
    pair.set_price("stETH", 1_940.0)
    done = pair.liquidate("bob", "stETH", "ETH")
    assert done.repaid == pytest.approx(4.65, rel=1e-14)
    taken = 4.65 * 2_000.0 * 1.01 / 1_940.0
    fee = 0.1 * (taken - taken / 1.01)
    assert done.seized == pytest.approx(taken - fee, rel=1e-14)
    assert pair.reserve("stETH").treasury == pytest.approx(fee, rel=1e-12)
    assert pair.reserve("stETH").cash == pytest.approx(10.0 - taken + fee, rel=1e-14)


def test_collateral_that_does_not_count_is_neither_lent_against_nor_liquidated(pair):
    pair.use_as_collateral("stETH", False, "bob")
    with pytest.raises(af.venues.Reverted, match="loan-to-value is zero"):
        pair.borrow("ETH", 0.1, account="bob")
    pair.use_as_collateral("stETH", True, "bob")
    pair.borrow("ETH", 5.0, account="bob")
    with pytest.raises(af.venues.Reverted, match="health too low"):
        pair.use_as_collateral("stETH", False, "bob")


def test_worthless_collateral_leaves_first(pair):
    pair.give("bob", "ETH", 10.0)
    pair.supply("ETH", 10.0, account="bob")
    pair.borrow("USDC", 1_000.0, account="bob")
    pair.set_terms("ETH", ltv_fraction=0.0)
    with pytest.raises(af.venues.Reverted, match="loan-to-value is zero"):
        pair.withdraw("stETH", 1.0, account="bob")
    assert pair.withdraw("ETH", 1.0, account="bob") == 1.0


def test_an_isolated_collateral_stands_alone_under_its_ceiling(pair):
    pair.set_terms("stETH", debt_ceiling=3.0)
    pair.give("carol", "stETH", 10.0)
    pair.supply("stETH", 10.0, account="carol")
    assert not pair.is_used_as_collateral("stETH", "carol")  # only if she says so
    pair.use_as_collateral("stETH", True, "carol")
    with pytest.raises(af.venues.Reverted, match="not borrowable in isolation"):
        pair.borrow("USDC", 1.0, account="carol")
    pair.borrow("ETH", 2.009, account="carol")
    assert pair.isolated_debt("stETH") == 2.0  # whole cents, as the contract counts
    with pytest.raises(af.venues.Reverted, match="ceiling"):
        pair.borrow("ETH", 1.01, account="carol")
    pair.give("carol", "ETH", 1.0)
    pair.supply("ETH", 1.0, account="carol")
    assert not pair.is_used_as_collateral("ETH", "carol")
    pair.repay("ETH", 1.0, account="carol")
    assert pair.isolated_debt("stETH") == 1.0


def test_a_flash_loan_comes_back_with_its_fee_or_never_was(pair):
    before = pair.reserve("ETH")
    with pytest.raises(af.venues.Reverted, match="insufficient balance"):
        pair.flash_loan("ETH", 100.0, account="dave")  # has nothing for the fee
    assert pair.reserve("ETH") == before
    pair.give("dave", "ETH", 0.05)
    assert pair.flash_loan("ETH", 100.0, account="dave") == pytest.approx(100.05, rel=1e-15)
    assert pair.reserve("ETH").treasury == pytest.approx(0.05, rel=1e-12)
    with pytest.raises(af.venues.Reverted, match="not repaid"):
        pair._call(FLASH_BORROW, "dave", row=0, amount=1.0)
    assert pair.balance("ETH", "dave") == pytest.approx(0.0, abs=1e-15)


def test_a_keeper_without_capital_liquidates_with_the_money_of_the_market(pair):
    pair.borrow("ETH", 7.0, account="bob")
    pair.set_price("stETH", 1_860.0)  # 10 x 1,860 x 0.75 is below 14,000
    pair.give("keeper", "ETH", 3.5 * 0.0005)
    with pytest.raises(af.venues.Reverted, match="insufficient balance"):
        pair.flash_liquidate("bob", "stETH", "ETH", 3.5, "keeper")  # it holds stETH, and owes ETH
    pair.give("keeper", "ETH", 3.51)
    pair.flash_liquidate("bob", "stETH", "ETH", 3.5, "keeper")
    taken = 3.5 * 2_000.0 * 1.07 / 1_860.0
    assert pair.balance("stETH", "keeper") == pytest.approx(taken - 0.1 * (taken - taken / 1.07))


def test_the_older_rules_know_no_dust_and_no_deficit():
    market = af.venues.LendingMarket(
        {
            "ETH": {
                "price_usd": 2_000.0, "ltv_fraction": 0.8, "threshold_fraction": 0.83,
                "bonus_fraction": 0.05,
            },
            "USDC": {"price_usd": 1.0},
        },
        close_factor="v3.0",
    )  # fmt: skip
    market.supply("USDC", 1e6)
    market.give("alice", "ETH", 1.0)
    market.supply("ETH", 1.0, account="alice")
    market.borrow("USDC", 1_600.0, account="alice")
    market.set_price("ETH", 1_900.0)  # health 0.986: half, however small the loan
    assert market.liquidate("alice", "ETH", "USDC").repaid == pytest.approx(800.0, rel=1e-14)
    market.set_price("ETH", 100.0)
    assert market.liquidate("alice", "ETH", "USDC").deficit_usd == 0.0
    assert market.owed("USDC", "alice") > 700.0
    assert market.supplied("ETH", "alice") == 0.0

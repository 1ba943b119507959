"""An isolated market at the prompt: hand calculations, the rate in closed form, and bad debt that stays."""

from __future__ import annotations

import math

import pytest

import aftershock as af
from sim.errors import InputError
from sim.formulas import isolated

DAY = 86_400.0
YEAR = 365.0 * DAY


@pytest.fixture
def market():
    """A million USDC lent by anyone; alice has put up 500 ETH at 2,000 USD; LLTV 86 %."""
    opened = af.venues.IsolatedMarket(
        "ETH", "USDC", 0.86, {"ETH": 2_000.0, "USDC": 1.0}, decimals={"USDC": 6}
    )
    opened.supply("USDC", 1e6)
    opened.give("alice", "ETH", 500.0)
    opened.supply("ETH", 500.0, account="alice")
    return opened


def test_a_loan_up_to_the_lltv(market):
    with pytest.raises(af.venues.Reverted, match="health too low"):
        market.borrow("USDC", 860_000.01, account="alice")
    market.borrow("USDC", 860_000.0, account="alice")
    assert market.account_data("alice").health_factor == 1.0


def test_at_its_target_the_rate_stays(market):
    market.give("alice", "ETH", 500.0)
    market.supply("ETH", 500.0, account="alice")
    market.borrow("USDC", 900_000.0, account="alice")
    rate = isolated.INITIAL_RATE_PER_YEAR
    assert rate == pytest.approx(0.04, rel=1e-7)
    market.wait(YEAR)
    x = rate
    owed = 900_000.0 * (1.0 + x + x * x / 2.0 + x * x * x / 6.0)
    assert market.owed("USDC", "alice") == pytest.approx(owed, rel=1e-12)
    assert market.supplied("USDC") == pytest.approx(1e6 + owed - 900_000.0, rel=1e-12)


def test_with_nothing_left_the_rate_doubles_in_ln2_fiftieths_of_a_year(market):
    market.give("alice", "ETH", 500.0)
    market.supply("ETH", 500.0, account="alice")
    market.borrow("USDC", 1e6, account="alice")
    rate = market.reserve("USDC").borrow_rate_per_year
    assert rate == pytest.approx(4.0 * 0.04, rel=1e-7)
    market.wait(YEAR * math.log(2.0) / 50.0)
    market.supply("USDC", 1.0)
    assert market.rate_at_target_per_year == pytest.approx(0.08, rel=1e-6)


def test_bad_debt_is_borne_by_all_lenders_at_once_in_proportion(market):
    market.give("bob", "USDC", 1e6)
    market.supply("USDC", 1e6, account="bob")
    market.borrow("USDC", 850_000.0, account="alice")
    market.set_price("ETH", 1_000.0)
    incentive = 1.0 / (0.3 * 0.86 + 0.7)
    done = market.liquidate("alice")
    assert done.seized == 500.0
    assert done.repaid == pytest.approx(500_000.0 / incentive, rel=1e-14)
    lost = 850_000.0 - 500_000.0 / incentive
    assert done.deficit_usd == pytest.approx(lost, rel=1e-12)
    for lender in ("anyone", "bob"):
        assert market.supplied("USDC", lender) == pytest.approx(1e6 - lost / 2.0, rel=1e-12)
    assert market.reserve("USDC").deficit == 0.0
    assert market.reserve("USDC").cash == pytest.approx(2e6 - lost, rel=1e-12)


def test_any_part_of_a_loan_may_be_liquidated(market):
    market.borrow("USDC", 850_000.0, account="alice")
    with pytest.raises(af.venues.Reverted, match="not liquidatable"):
        market.liquidate("alice", 1.0)
    market.set_price("ETH", 1_900.0)
    incentive = 1.0 / (0.3 * 0.86 + 0.7)
    assert market.liquidate("alice", 1.0).seized == pytest.approx(incentive / 1_900.0, rel=1e-12)
    by_collateral = market.liquidate("alice", seized=1.0)
    assert by_collateral.seized == pytest.approx(1.0, rel=1e-12)
    assert by_collateral.repaid == pytest.approx(1_900.0 / incentive, rel=1e-12)
    with pytest.raises(af.venues.Reverted):
        market.liquidate("alice", seized=1_000.0)


def test_a_fee_is_paid_in_shares_and_the_books_close():
    market = af.venues.IsolatedMarket(
        "ETH", "USDC", 0.86, {"ETH": 2_000.0, "USDC": 1.0}, fee_fraction=0.2
    )
    market.supply("USDC", 1e6)
    market.give("alice", "ETH", 500.0)
    market.supply("ETH", 500.0, account="alice")
    market.borrow("USDC", 800_000.0, account="alice")
    market.wait(30.0 * DAY)
    market.supply("USDC", 1.0)
    data = market.reserve("USDC")
    earned = data.borrowed - 800_000.0
    assert data.treasury == pytest.approx(0.2 * earned, rel=1e-9)
    assert data.supplied + data.treasury == pytest.approx(data.cash + data.borrowed, rel=1e-12)
    market.give("alice", "USDC", data.borrowed)
    assert market.repay("USDC", account="alice") == pytest.approx(data.borrowed, rel=1e-14)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"lltv_fraction": 1.1}, "lltv_fraction"),
        ({"lltv_fraction": 0.0}, "lltv_fraction"),
        ({"fee_fraction": 0.3}, "fee_fraction"),
        ({"loan": "ETH"}, "loan"),
        ({"prices_usd": {"ETH": 1.0}}, "prices_usd.USDC"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes, named):
    good = {
        "collateral": "ETH", "loan": "USDC", "lltv_fraction": 0.8,
        "prices_usd": {"ETH": 1.0, "USDC": 1.0},
    }  # fmt: skip
    with pytest.raises(InputError, match=named):
        af.venues.IsolatedMarket(**{**good, **changes})


def test_the_last_lender_leaves_nothing_behind():
    """Sums of what went in and out are off by the last bits of a double, which are nobody's."""
    market = af.venues.IsolatedMarket("ETH", "USDC", 0.86, {"ETH": 2_000.0, "USDC": 1.0})
    for name, amount in (("first", 0.1), ("second", 0.2), ("last", 0.3)):
        market.give(name, "USDC", amount)
        market.supply("USDC", amount, account=name)
    for name in ("first", "second", "last"):
        market.withdraw("USDC", account=name)
    assert 0.1 + 0.2 + 0.3 - 0.1 - 0.2 - 0.3 > 0.0
    assert market.reserve("USDC").cash == 0.0

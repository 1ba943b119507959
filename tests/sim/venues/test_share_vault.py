"""Share vaults against hand calculations: deposits, redemptions, fees, clearing, lines, and what reverts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim import status
from sim.formulas.vault_shares import assets_for, fee_shares, shares_for
from sim.tables import SHARE_TOKEN
from sim.transaction import (
    CLAIM_REDEMPTIONS,
    DEPOSIT,
    MINT_VAULT_SHARES,
    REDEEM,
    REQUEST_REDEEM,
    WITHDRAW_ASSETS,
)
from sim.venues.share_vault import clear
from tests.sim.share_vault_world import FUND, SAFE, SHARE_VAULTS, share_vault_world
from tests.sim.worlds import SCENARIO, Leg, SmallWorld

IN_LINE = {"share_vaults.safe.redemptions": "in_line"}


@pytest.fixture
def small() -> SmallWorld:
    return share_vault_world()


def vault(small: SmallWorld, v: int) -> np.record:
    return small.world.venues.share_vaults[v]


def per_share(small: SmallWorld, v: int) -> float:
    return float(vault(small, v).total_assets / vault(small, v).supply)


def test_born_placed_by_weight_with_every_share_worth_one(small):
    # fund: 20,000, of which 4,000 idle, 4,000 lent, 12,000 in safe; safe: 10,000 + 12,000, a tenth idle.
    assert vault(small, FUND).idle == pytest.approx(4_000.0)
    assert vault(small, SAFE).idle == pytest.approx(2_200.0)
    assert small.held("fund", "safe.share") == pytest.approx(12_000.0)
    assert small.held("safe", "aUSDC.core") == pytest.approx(19_800.0)
    assert per_share(small, SAFE) == pytest.approx(1.0, abs=1e-7)


def test_what_is_deposited_can_be_redeemed_again(small):
    small.give("safe_owners.0", "USDC", 1_000.0)
    assert small.attempt("safe_owners.0", Leg(DEPOSIT, SAFE, 1_000.0)) == status.OK
    shares = float(small.receipt().amount_out)
    assert shares == pytest.approx(1_000.0 / per_share(small, SAFE), rel=1e-12)
    assert vault(small, SAFE).idle == pytest.approx(0.1 * vault(small, SAFE).total_assets, rel=1e-9)
    assert small.attempt("safe_owners.0", Leg(REDEEM, SAFE, shares)) == status.OK
    assert small.held("safe_owners.0", "USDC") == pytest.approx(1_000.0, rel=1e-12)


def test_mint_and_withdraw_name_the_other_side(small):
    small.give("safe_owners.0", "USDC", 1_000.0)
    assert small.attempt("safe_owners.0", Leg(MINT_VAULT_SHARES, SAFE, 500.0)) == status.OK
    assert small.held("safe_owners.0", "safe.share") == pytest.approx(5_500.0)
    assert small.attempt("safe_owners.0", Leg(WITHDRAW_ASSETS, SAFE, 250.0)) == status.OK
    paid = 500.0 * per_share(small, SAFE)
    assert small.held("safe_owners.0", "USDC") == pytest.approx(1_000.0 - paid + 250.0, rel=1e-12)


def test_a_share_is_worth_what_clearing_says_whatever_the_order(small):
    venues, ledger = small.world.venues, small.world.ledger
    seconds = float(small.world.clock.now[0].seconds)
    claim = {v: small.held(name, "aUSDC.core") for v, name in ((SAFE, "safe"), (FUND, "fund"))}
    index = float(venues.reserves[1].liquidity_index)
    # By hand, first the vault that holds no other: two linear equations.
    safe = vault(small, SAFE).idle + claim[SAFE] * index
    share_of_safe = small.held("fund", "safe.share") / vault(small, SAFE).supply
    fund = vault(small, FUND).idle + claim[FUND] * index + share_of_safe * safe
    for guess in (0.0, 1e9):
        venues.share_vaults["total_assets"] = guess
        clear(ledger, venues.share_vaults, venues.places, venues.reserves, seconds)
        assert vault(small, SAFE).total_assets == pytest.approx(safe, rel=1e-7)
        assert vault(small, FUND).total_assets == pytest.approx(fund, rel=1e-7)


def test_vaults_that_own_each_other_are_cleared_as_two_equations():
    circle = """
[[placements]]
name = "safe_fund"
vault = "safe"
into = "fund"
weight_fraction = 0.5
"""
    small = SmallWorld(
        None, SCENARIO + SHARE_VAULTS.replace("fraction = 1.0", "fraction = 0.5") + circle
    )
    vaults = small.world.venues.share_vaults
    own = [
        vaults[v].idle + small.held(name, "aUSDC.core")
        for v, name in ((SAFE, "safe"), (FUND, "fund"))
    ]
    held = np.array(
        [
            [0.0, small.held("safe", "fund.share") / vaults[FUND].supply],
            [small.held("fund", "safe.share") / vaults[SAFE].supply, 0.0],
        ]
    )
    by_hand = np.linalg.solve(np.eye(2) - held, own)
    clear(
        small.world.ledger, vaults, small.world.venues.places, small.world.venues.reserves,
        float(small.world.clock.now[0].seconds),
    )  # fmt: skip
    assert vaults["total_assets"] == pytest.approx(by_hand, rel=1e-6)


def test_a_redemption_takes_idle_first_then_its_places_by_rank(small):
    before = small.held("fund", "aUSDC.core")
    assert small.attempt("fund_owners.0", Leg(WITHDRAW_ASSETS, FUND, 9_000.0)) == status.OK
    assert small.held("fund", "USDC") == 0.0
    # 4,000 were idle; safe, which is left first, gave 5,000: 2,200 idle and the rest from the market.
    assert small.held("fund", "aUSDC.core") == before
    assert small.held("safe", "USDC") == 0.0
    assert small.held("fund_owners.0", "USDC") == pytest.approx(9_000.0)


def test_what_nobody_can_pay_today_reverts(small):
    reserve = small.world.venues.reserves[1]
    cash = float(reserve.cash)
    small.give("core", "USDC", 1_000.0)
    reserve.cash = 1_000.0
    assert small.attempt("fund_owners.0", Leg(REDEEM, FUND, 9_500.0)) == status.NO_LIQUIDITY
    # 4,000 idle, 2,200 idle in safe, 1,000 of cash in the market: that much can be had, and no more.
    assert small.attempt("fund_owners.0", Leg(WITHDRAW_ASSETS, FUND, 7_199.0)) == status.OK
    assert cash > 1_000.0


def test_fees_are_paid_in_new_shares(small):
    small.block(5)
    fund = vault(small, FUND)
    elapsed = float(small.world.clock.now[0].seconds - fund.fees_until_seconds)
    earned = fund.total_assets - fund.fees_on_assets
    fee = 0.1 * earned + 0.02 * elapsed / (365 * 86_400) * fund.total_assets
    minted = fee * fund.supply / (fund.total_assets - fee)
    before = small.held("fund_curator.0", "fund.share")
    small.give("fund_owners.0", "USDC", 1.0)
    assert small.attempt("fund_owners.0", Leg(DEPOSIT, FUND, 1.0)) == status.OK
    assert minted > 0.0
    assert small.held("fund_curator.0", "fund.share") - before == pytest.approx(minted, rel=1e-6)


def test_who_asked_first_is_paid_first_and_nobody_else_before():
    small = share_vault_world(**IN_LINE)
    assert small.attempt("safe_owners.0", Leg(REDEEM, SAFE, 1.0)) == status.QUEUE_ONLY
    assert small.attempt("safe_owners.1", Leg(REQUEST_REDEEM, SAFE, 5_000.0)) == status.OK
    assert small.attempt("safe_owners.0", Leg(REQUEST_REDEEM, SAFE, 100.0)) == status.OK
    reserve = small.world.venues.reserves[1]
    small.give("core", "USDC", 0.0)
    reserve.cash = 0.0  # 2,200 are idle: too few for the first in line, enough for the second
    assert small.attempt("safe_owners.0", Leg(CLAIM_REDEMPTIONS, SAFE, 0.0)) == status.NO_LIQUIDITY
    small.give("core", "USDC", 10_000.0)
    reserve.cash = 10_000.0
    assert small.attempt("safe_owners.0", Leg(CLAIM_REDEMPTIONS, SAFE, 0.0)) == status.OK
    assert small.held("safe_owners.1", "USDC") == pytest.approx(5_000.0, rel=1e-6)
    assert small.held("safe_owners.0", "USDC") == 0.0
    assert small.attempt("safe_owners.1", Leg(CLAIM_REDEMPTIONS, SAFE, 0.0)) == status.OK
    assert small.held("safe_owners.0", "USDC") == pytest.approx(100.0, rel=1e-6)
    assert small.attempt("safe_owners.1", Leg(CLAIM_REDEMPTIONS, SAFE, 0.0)) == status.NOTHING_TO_DO


def test_a_cap_sends_the_money_on_to_the_next_place():
    small = share_vault_world(**{"placements.fund_core.cap_usd": 4_000.0})
    small.give("fund_owners.0", "USDC", 10_000.0)
    assert small.attempt("fund_owners.0", Leg(DEPOSIT, FUND, 10_000.0)) == status.OK
    assert small.held("fund", "aUSDC.core") == pytest.approx(4_000.0, rel=1e-6)
    assert small.held("fund", "safe.share") == pytest.approx(12_000.0 + 8_000.0, rel=1e-4)


def test_nothing_moves_between_deposit_and_redemption_at_one_block(small):
    """A round trip never profits, and what others own is the same after it."""
    small.give("safe_owners.0", "USDC", 50_000.0)
    value = per_share(small, SAFE)
    for _ in range(5):
        assert small.attempt("safe_owners.0", Leg(DEPOSIT, SAFE, 10_000.0)) == status.OK
        out = small.attempt("safe_owners.0", Leg(REDEEM, SAFE, float(small.receipt().amount_out)))
        assert out == status.OK
    assert small.held("safe_owners.0", "USDC") <= 50_000.0 * (1 + 1e-12)
    assert per_share(small, SAFE) == pytest.approx(value, rel=1e-12)


def test_shares_cost_their_part_of_the_whole():
    assert shares_for(10.0, 0.0, 0.0) == 10.0
    assert shares_for(10.0, 200.0, 100.0) == 5.0
    assert assets_for(5.0, 200.0, 100.0) == 10.0
    new = fee_shares(20.0, 200.0, 100.0)  # worth 20 after they dilute: 20 / 180 x 100
    assert math.isclose(assets_for(new, 200.0, 100.0 + new), 20.0, rel_tol=1e-14)


def test_both_marks_of_a_share(small):
    """By the books the loss of a market is nothing until it is booked; at the market a deficit counts."""
    reserve = small.world.venues.reserves[1]
    claims = float((reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index)
    reserve.deficit = 0.1 * claims
    small.block()
    tokens = small.world.tokens
    share = tokens[small.token("safe.share")]
    assert share.kind == SHARE_TOKEN
    assert share.protocol_value_usd == pytest.approx(1.0, abs=1e-6)
    assert share.value_usd == pytest.approx(0.1 + 0.9 * 0.9, abs=1e-4)  # a tenth is idle
    fund = tokens[small.token("fund.share")].value_usd
    assert fund == pytest.approx(0.2 + 0.2 * 0.9 + 0.6 * share.value_usd, abs=1e-4)


def test_what_a_vault_earns_is_what_its_places_pay_after_fees(small):
    small.block()
    rate = float(small.world.venues.reserves[1].supply_rate_per_year)
    assert rate > 0.0
    # safe lends nine tenths; fund a fifth, and owns shares of safe for three fifths.
    safe = 0.9 * rate
    assert vault(small, SAFE).yield_per_year == pytest.approx(safe, rel=1e-6)
    fund = (0.2 * rate + 0.6 * safe) * (1.0 - 0.1) - 0.02
    assert vault(small, FUND).yield_per_year == pytest.approx(fund, rel=1e-6)


def test_a_deficit_that_the_market_carries_is_a_gain_of_leaving_first():
    quiet = {"cohorts.safe_owners.hazard_per_day": 1e9}
    small = share_vault_world(**quiet)
    small.block(2)
    assert [event for event in small.events() if event.kind == REDEEM] == []  # no gap, no rumour
    reserve = small.world.venues.reserves[1]
    reserve.deficit = 0.1 * float(
        (reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index
    )
    small.block()
    # A tenth of 19,800 that safe has lent, and of 4,000 that fund has; 12 of 22 parts of safe are fund's.
    assert vault(small, SAFE).deficit_behind == pytest.approx(1_980.0, rel=1e-5)
    assert vault(small, FUND).deficit_behind == pytest.approx(400.0 + 1_080.0, rel=1e-5)
    # All of 12,000 that safe owes fund by its books can be had: there is cash for that.
    assert vault(small, FUND).liquid == pytest.approx(20_000.0, rel=1e-5)
    small.block()
    assert [event.kind for event in small.events() if event.status == status.OK].count(REDEEM) == 2


def test_a_loss_that_reaches_the_books_is_counted_once(small):
    small.block()
    assert vault(small, SAFE).socialised_loss == 0.0
    reserve = small.world.venues.reserves[1]
    reserve.liquidity_index = 0.95 * reserve.liquidity_index
    small.block(2)
    assert vault(small, SAFE).socialised_loss == pytest.approx(0.05 * 19_800.0, rel=1e-4)
    lost = 0.05 * 4_000.0 + 12.0 / 22.0 * 0.05 * 19_800.0
    assert vault(small, FUND).socialised_loss == pytest.approx(lost, rel=1e-4)

"""Shares of a vault as collateral, by hand: birth, the rate of the books, a seizure, and who cannot redeem.

The vault ``safe`` of the small world owes 10,000 to its owners, 12,000 to another vault and 2,500 to a
borrower who has pledged his shares and owes 1,500: health 2,500 x 0.9 / 1,500 = 1.5. A tenth is idle.
"""

from __future__ import annotations

import math

import pytest

from scenarios.exits import exit_of
from sim import status
from sim.tables import SHARE_TOKEN
from sim.transaction import LIQUIDATE, REDEEM, WITHDRAW_ASSETS
from tests.sim.pawn_market import BONUS, KEEN, brings_usd, pawn_market
from tests.sim.share_vault_world import SAFE, SHARE_VAULTS
from tests.sim.worlds import SCENARIO, Leg, SmallWorld

PAWN = """
[[assets]]
name = "shares"
price_usd = 1
share_vault = "safe"

[[feeds]]
name = "shares_usd"
asset = "shares"
mode = "rate"
base_feed = "usdc_usd"
""" + pawn_market("shares")
CORE_USDC, PAWN_SHARES, PAWN_USDC = 1, 2, 3


def pawn(**changes: object) -> SmallWorld:
    return SmallWorld(changes or None, SCENARIO + SHARE_VAULTS + PAWN)


def lose_half_of_what_is_lent(small: SmallWorld) -> float:
    """The market that the vault lends to owes half: the rate is 0.1 + 0.9 / 2 by the books."""
    small.world.venues.reserves[CORE_USDC].liquidity_index *= 0.5
    small.block(2)  # the books of one block are what the feed says in the next
    return 0.1 + 0.9 / 2


def test_what_is_pledged_has_been_deposited_before():
    small = pawn()
    safe = small.world.venues.share_vaults[SAFE]
    token = small.world.tokens[small.token("shares")]
    assert (token.kind, safe.share_token) == (SHARE_TOKEN, small.token("shares"))
    assert small.held("pawn", "shares") == pytest.approx(2_500.0)
    assert safe.supply == pytest.approx(10_000.0 + 12_000.0 + 2_500.0)
    assert safe.idle == pytest.approx(2_450.0)
    assert token.value_usd == pytest.approx(1.0, abs=1e-6)


def test_the_feed_follows_the_books_and_its_base():
    small = pawn()
    rate = lose_half_of_what_is_lent(small)
    feed = small.world.venues.feeds[2]
    assert feed.rate == pytest.approx(rate, rel=1e-6)
    assert feed.price_usd == feed.rate * small.world.venues.feeds[1].price_usd
    assert small.world.cohorts.table[small.names.cohorts.index("pawners")].min_health == (
        pytest.approx(1.5 * rate, rel=1e-6)
    )


def test_a_keeper_redeems_what_it_seizes_and_the_lenders_bear_the_rest():
    small = pawn()
    worth = 2_500.0 * lose_half_of_what_is_lent(small)  # less than the 1,500 that are owed
    borrower, before = small.account("pawners.0"), small.held("keepers.0", "USDC")
    seizure = Leg(LIQUIDATE, PAWN_USDC, 1e6, token_out=PAWN_SHARES, counterparty=borrower)
    assert small.attempt("keepers.0", seizure) == status.OK
    assert small.held("keepers.0", "shares") == pytest.approx(2_500.0)
    assert small.receipt().deficit == pytest.approx(1_500.0 - worth / BONUS, rel=1e-4)
    assert small.attempt("keepers.0", Leg(REDEEM, SAFE, 2_500.0)) == status.OK
    won = small.held("keepers.0", "USDC") - before
    assert won == pytest.approx(worth - worth / BONUS, rel=1e-4)
    assert small.block()  # the audit holds


def test_the_last_one_is_seized_although_sums_are_rounded():
    small = pawn()
    lose_half_of_what_is_lent(small)
    left = math.nextafter(small.held("pawn", "shares"), 0.0)
    small.give("pawn", "shares", left)
    small.world.venues.reserves[PAWN_SHARES].cash = left
    borrower = small.account("pawners.0")
    seizure = Leg(LIQUIDATE, PAWN_USDC, 1e6, token_out=PAWN_SHARES, counterparty=borrower)
    assert small.attempt("keepers.0", seizure) == status.OK
    assert small.held("keepers.0", "shares") == left


def test_what_the_vault_cannot_pay_counts_for_nothing():
    small = pawn()
    assert brings_usd(small, "shares", 2_500.0) == pytest.approx(2_500.0, rel=1e-6)
    small.world.venues.share_vaults[SAFE].liquid = 100.0
    assert brings_usd(small, "shares", 2_500.0) == pytest.approx(100.0)
    pawners = small.names.cohorts.index("pawners")
    left = exit_of(small.world, pawners).usd[0]
    small.world.venues.share_vaults[SAFE].liquid = 2_000.0
    assert exit_of(small.world, pawners).usd[0] - left == pytest.approx(1_900.0)


@pytest.mark.parametrize("friction", [True, False])
def test_keepers_come_where_they_can_redeem(friction):
    small = pawn(**KEEN, **{"channels.keeper_friction": friction})
    lose_half_of_what_is_lent(small)
    small.block(4)
    kinds = [int(event.kind) for event in small.events() if event.status == status.OK]
    assert LIQUIDATE in kinds
    assert {REDEEM, WITHDRAW_ASSETS} & set(kinds)
    assert small.held("pawn", "shares") == pytest.approx(0.0, abs=1e-6)
    assert small.held("outside", "shares") == 0.0  # nobody bought them


def test_a_run_that_has_emptied_the_vault_keeps_them_away():
    all_lent = {"reserves.core_usdc.utilisation_fraction": 0.99999}
    small = pawn(**KEEN, **all_lent)
    safe = small.world.venues.share_vaults[SAFE]
    taken = 0.5 * float(safe.liquid)
    for row in ("safe_owners.0", "safe_owners.1"):  # the two were first
        assert small.attempt(row, Leg(WITHDRAW_ASSETS, SAFE, taken)) == status.OK
    small.world.venues.reserves[CORE_USDC].liquidity_index *= 0.5
    assert small.block(6)
    keepers, pawners = (
        small.world.cohorts.table[small.names.cohorts.index(c)] for c in ("keepers", "pawners")
    )
    assert pawners.min_health < 0.9
    assert keepers.no_profit > 0
    assert LIQUIDATE not in [int(event.kind) for event in small.events()]

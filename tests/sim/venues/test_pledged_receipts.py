"""Receipts as collateral, by hand: birth, the index as a rate, a seizure, and a market without cash.

A borrower has pledged receipts for 2,500 USD in a market of their own and owes 1,500: health 2,500 x 0.9 /
1,500 = 1.5. Without him the market ``core`` of the small world holds 150 ETH, and 200,000 USDC of which
160,000 are lent.
"""

from __future__ import annotations

import math

import pytest

from scenarios.exits import exit_of
from sim import status
from sim.tables import RECEIPT_TOKEN
from sim.transaction import LIQUIDATE, WITHDRAW
from sim.venues.lending import liquidity_index_now
from tests.sim.pawn_market import BONUS, KEEN, brings_usd, pawn_market
from tests.sim.worlds import SCENARIO, Leg, SmallWorld

PAWN = """
[[assets]]
name = "receipt"
price_usd = {price}
receipt_of = "core_{of}"

[[feeds]]
name = "receipt_usd"
asset = "receipt"
mode = "rate"
base_feed = "{of}_usd"
""" + pawn_market("receipt")
CORE_ETH, CORE_USDC, PAWN_RECEIPTS, PAWN_USDC = 0, 1, 2, 3
PRICE = {"eth": 2000.0, "usdc": 1.0}
ROW = {"eth": CORE_ETH, "usdc": CORE_USDC}


def pawn(of: str = "usdc", **changes: object) -> SmallWorld:
    return SmallWorld(changes or None, SCENARIO + PAWN.format(of=of, price=PRICE[of]))


def lose_half(small: SmallWorld, of: str = "usdc") -> float:
    """An index that falls by half is no thing of this world, but all that is asked here is who follows it."""
    reserve = small.world.venues.reserves[ROW[of]]
    reserve.liquidity_index *= 0.5
    small.block()
    return float(liquidity_index_now(reserve, small.world.clock.now[0].seconds))


@pytest.mark.parametrize("of", ["eth", "usdc"])
def test_what_is_pledged_has_been_supplied_before(of):
    small = pawn(of)
    reserve, token = (
        small.world.venues.reserves[ROW[of]],
        small.world.tokens[small.token("receipt")],
    )
    assert (token.kind, reserve.receipt_token) == (RECEIPT_TOKEN, small.token("receipt"))
    assert f"a{of.upper()}.core@main" not in small.names.tokens  # one token, not two
    pledged = 2_500.0 / PRICE[of]
    assert small.held("pawn", "receipt") == pytest.approx(pledged)
    assert small.world.venues.reserves[PAWN_RECEIPTS].cash == pytest.approx(pledged)
    # Lenders of the cash bring less, for the utilisation is declared; collateral is there besides.
    supplied = {"eth": 150.0 + pledged, "usdc": 160e3 / 0.8}[of]
    assert reserve.scaled_supply == pytest.approx(supplied)
    assert token.value_usd == pytest.approx(PRICE[of], rel=1e-6)


@pytest.mark.parametrize("of", ["eth", "usdc"])
def test_the_feed_follows_the_index_and_its_base(of):
    small = pawn(of)
    small.block(2)
    feed = small.world.venues.feeds[2]
    now = float(small.world.clock.now[0].seconds)
    index = liquidity_index_now(small.world.venues.reserves[ROW[of]], now)
    assert feed.rate == index
    assert (index > 1.0) == (of == "usdc")  # nobody pays interest on the ETH
    assert feed.price_usd == feed.rate * PRICE[of]


def test_a_deficit_is_on_the_mark_and_not_in_the_feed():
    small = pawn()
    reserve, feed = small.world.venues.reserves[CORE_USDC], small.world.venues.feeds[2]
    reserve.deficit = 0.25 * reserve.scaled_supply
    small.block(2)
    assert feed.price_usd >= 1.0
    assert small.world.tokens[small.token("receipt")].value_usd == pytest.approx(0.75, rel=1e-5)
    asset = small.names.assets.index("receipt")
    assert small.world.venues.exchanges[asset].market_price_usd == pytest.approx(0.75, rel=1e-5)
    pawners = small.world.cohorts.table[small.names.cohorts.index("pawners")]
    assert pawners.min_health == pytest.approx(1.5, rel=1e-5)
    assert pawners.uncovered_usd == 0.0
    assert pawners.nav_usd == pytest.approx(1_000.0 - 0.25 * 2_500.0, rel=1e-3)


@pytest.mark.parametrize("of", ["eth", "usdc"])
def test_a_keeper_redeems_what_it_seizes_and_the_lenders_bear_the_rest(of):
    small = pawn(of)
    worth = 2_500.0 * lose_half(small, of)  # less than the 1,500 that are owed
    borrower, symbol = small.account("pawners.0"), of.upper()
    seizure = Leg(LIQUIDATE, PAWN_USDC, 1e6, token_out=PAWN_RECEIPTS, counterparty=borrower)
    assert small.attempt("keepers.0", seizure) == status.OK
    assert small.held("keepers.0", "receipt") == pytest.approx(2_500.0 / PRICE[of])
    assert small.receipt().deficit == pytest.approx(1_500.0 - worth / BONUS, rel=1e-4)
    before = small.held("keepers.0", symbol)
    assert small.attempt("keepers.0", Leg(WITHDRAW, ROW[of], math.inf)) == status.OK
    assert small.held("keepers.0", "receipt") == 0.0
    assert small.held("keepers.0", symbol) - before == pytest.approx(worth / PRICE[of], rel=1e-6)
    assert small.block()  # the audit holds


def test_what_the_market_cannot_pay_counts_for_nothing():
    small = pawn()
    assert brings_usd(small, "receipt", 2_500.0) == pytest.approx(2_500.0, rel=1e-6)
    pawners = small.names.cohorts.index("pawners")
    whole = exit_of(small.world, pawners)
    small.world.venues.reserves[CORE_USDC].cash = 100.0
    assert brings_usd(small, "receipt", 2_500.0) == pytest.approx(100.0)
    left = exit_of(small.world, pawners)
    assert whole.usd[0] - left.usd[0] == pytest.approx(2_400.0, rel=1e-4)
    assert (whole.locked_usd[0], left.locked_usd[0]) == (0.0, pytest.approx(2_400.0, rel=1e-4))


def test_receipts_for_ether_bring_what_it_would_sell_for():
    small = pawn("eth")
    # 1.25 ETH, of an outside depth of a billion: better than the pool's fee of 30 bps.
    assert brings_usd(small, "receipt", 1.25) == pytest.approx(2_500.0, rel=1e-5)
    small.world.chains.table[0].has_gas = 0
    out = exit_of(small.world, small.names.cohorts.index("pawners")).usd[0]
    sold = 0.997 * 2e6 * 1.25 / (1_000.0 + 0.997 * 1.25)
    assert out == pytest.approx(sold - 1_500.0, abs=0.01)


@pytest.mark.parametrize("friction", [True, False])
@pytest.mark.parametrize("of", ["eth", "usdc"])
def test_keepers_come_where_they_can_redeem(of, friction):
    small = pawn(of, **KEEN, **{"channels.keeper_friction": friction})
    lose_half(small, of)
    assert small.block(6)
    kinds = [int(event.kind) for event in small.events() if event.status == status.OK]
    assert LIQUIDATE in kinds
    assert WITHDRAW in kinds
    assert small.held("pawn", "receipt") == pytest.approx(0.0, abs=1e-6)
    for keeper in ("keepers.0", "keepers.1"):
        assert small.held(keeper, "receipt") == pytest.approx(0.0, abs=1e-6)
    assert small.held("outside", "receipt") == 0.0  # nobody bought them


def test_borrowers_who_have_taken_all_the_cash_keep_them_away():
    all_lent = {"reserves.core_usdc.utilisation_fraction": 0.99999}
    small = pawn("usdc", **KEEN, **all_lent)
    lose_half(small)
    assert small.block(6)
    assert small.world.venues.reserves[CORE_USDC].cash < 10.0
    pawners = small.world.cohorts.table[small.names.cohorts.index("pawners")]
    assert pawners.at_risk == 1  # and nobody comes
    assert small.held("pawn", "receipt") == pytest.approx(2_500.0)
    assert small.world.cohorts.table[small.names.cohorts.index("keepers")].no_profit > 0

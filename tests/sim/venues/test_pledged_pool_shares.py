"""Shares of pools as collateral, by hand: birth, the fair feed, a trade that cannot move it, a seizure.

A borrower has pledged 25 shares of 100 USD each and owes 1,500: health 2,500 x 0.9 / 1,500 = 1.5.
"""

from __future__ import annotations

import math

import pytest

from agents.keepers.inventory import best_sale_usd
from scenarios.exits import exit_of
from sim import status
from sim.tables import LP_TOKEN
from sim.transaction import LIQUIDATE, PUBLISH_PRICE, REMOVE_LIQUIDITY, SWAP
from sim.view import seen_row
from tests.sim.basket_world import BASKETS
from tests.sim.pawn_market import BONUS, KEEN, pawn_market
from tests.sim.worlds import Leg, SmallWorld

FEEDS = """
[[feeds]]
name = "dai_usd"
asset = "DAI"
heartbeat_seconds = 1e6

[[feeds]]
name = "usdt_usd"
asset = "USDT"
heartbeat_seconds = 1e6
"""
PAWN = """
[[assets]]
name = "share"
price_usd = 100
pool = "{pool}"

[[feeds]]
name = "share_usd"
asset = "share"
mode = "fair"
""" + pawn_market("share")
PAWN_SHARES, PAWN_USDC = 2, 3
STILL = {
    "assets.DAI.volatility_per_year": 0.0,
    "assets.USDT.volatility_per_year": 0.0,
    "assets.USDT.price_usd": 1.0,
}
POOLS = ("eth_usdc", "stable", "index")


def pawn(pool: str, **changes: object) -> SmallWorld:
    text = BASKETS + FEEDS + PAWN.format(pool=pool)
    return SmallWorld({**STILL, **changes}, text)


def row_of(small: SmallWorld, pool: str) -> int:
    return small.names.pools.index(pool)


def feed_usd(small: SmallWorld) -> float:
    return float(small.world.venues.feeds[small.names.feeds.index("share_usd")].price_usd)


def fall(small: SmallWorld, asset: str, to: float) -> None:
    """The price of an asset from the next block on, and the block in which its feed says so."""
    column = small.world.clock.fundamental_price_usd[:, small.names.assets.index(asset)]
    column[:] *= to
    assert small.block(1)


@pytest.mark.parametrize("pool", POOLS)
def test_what_is_pledged_has_been_deposited_before(pool):
    small = pawn(pool)
    row = small.world.venues.pools[row_of(small, pool)]
    token = small.world.tokens[small.token("share")]
    assert (token.kind, row.lp_token) == (LP_TOKEN, small.token("share"))
    assert small.held("pawn", "share") == pytest.approx(25.0)
    brought = next(c.tvl_usd or 0.0 for c in small.scenario.cohorts if c.pool == pool)
    assert row.lp_supply == pytest.approx(brought / 100.0 + 25.0)
    assert token.value_usd == pytest.approx(100.0, rel=1e-9)
    assert feed_usd(small) == pytest.approx(100.0, rel=1e-9)


def test_both_sides_of_a_pool_hold_what_was_pledged():
    reserves = pawn("eth_usdc").world.venues.pools[0]
    assert reserves.reserve0 == pytest.approx(1000.0 + 1250.0 / 2000.0)
    assert reserves.reserve1 == pytest.approx(2e6 + 1250.0)


@pytest.mark.parametrize(
    ("pool", "asset", "to", "fair"),
    [
        ("eth_usdc", "ETH", 0.64, 80.0),  # the root of 0.64
        ("index", "ETH", 0.64, 100.0 * 0.64**0.6),  # its weight
        ("stable", "DAI", 0.9, 90.0),  # the least of the three
    ],
)
def test_the_feed_follows_the_oracles(pool, asset, to, fair):
    small = pawn(pool, **{"cohorts.arbitrageurs.attention_fraction": 0.0})
    fall(small, asset, to)
    assert feed_usd(small) == pytest.approx(fair, rel=1e-6)


def test_it_does_so_within_the_transaction_and_a_revert_takes_it_back():
    small = pawn("eth_usdc")
    operator = "eth_usd.operator"
    told = Leg(PUBLISH_PRICE, 0, 2000.0 * 0.81)
    assert small.attempt(operator, told, Leg(SWAP, 0, 1e9, small.token("ETH"))) != status.OK
    assert feed_usd(small) == pytest.approx(100.0)
    assert small.attempt(operator, told) == status.OK
    assert feed_usd(small) == pytest.approx(90.0)


@pytest.mark.parametrize(
    ("pool", "fee"), [("eth_usdc", 0.003), ("stable", 0.0004), ("index", 0.003)]
)
def test_a_large_trade_moves_the_reserves_and_not_the_feed(pool, fee):
    small = pawn(pool)
    before = feed_usd(small)
    p = row_of(small, pool)
    venues = small.world.venues
    sold = small.scenario.pools[p].tokens[0]
    held = (
        float(venues.pools[p].reserve0)
        if pool == "eth_usdc"
        else float(venues.coins[venues.baskets[venues.pools[p].state].first_coin].balance)
    )
    amount = 0.25 * held
    small.give("arbitrageurs.0", sold, amount)
    swap = Leg(SWAP, p, amount, small.token(sold), token_out=small.token("USDC"))
    assert small.attempt("arbitrageurs.0", swap) == status.OK
    assert small.block()
    moved = feed_usd(small) / before - 1.0
    assert 0.0 < moved < fee * 0.25
    if (
        pool != "stable"
    ):  # at prices of the market the pool is worth more: arbitrage is to pay for it
        token = small.world.tokens[small.token("share")]
        assert token.value_usd / before - 1.0 > 5.0 * fee


def test_reserves_at_the_price_of_the_market_would_have_risen():
    # A quarter more ETH, the other side divided by as much less the fee; half each.
    small = pawn("eth_usdc")
    held = float(small.world.venues.pools[0].reserve0)
    small.give("arbitrageurs.0", "ETH", 0.25 * held)
    swap = Leg(SWAP, 0, 0.25 * held, small.token("ETH"))
    assert small.attempt("arbitrageurs.0", swap) == status.OK
    assert small.block()
    left = 1.0 / (1.0 + 0.997 * 0.25)
    assert small.world.tokens[small.token("share")].value_usd == pytest.approx(50.0 * (1.25 + left))
    assert feed_usd(small) == pytest.approx(100.0 * math.sqrt(1.25 * left))


def test_a_keeper_takes_out_what_it_seizes_and_the_lenders_bear_the_rest():
    small = pawn("eth_usdc")
    fall(small, "ETH", 0.25)  # a share is worth half: 1,250 against 1,500 that are owed
    borrower = small.account("pawners.0")
    seizure = Leg(LIQUIDATE, PAWN_USDC, 1e6, token_out=PAWN_SHARES, counterparty=borrower)
    assert small.attempt("keepers.0", seizure) == status.OK
    assert small.held("keepers.0", "share") == pytest.approx(25.0)
    assert small.receipt().deficit == pytest.approx(1_500.0 - 1_250.0 / BONUS, rel=1e-4)
    before = small.held("keepers.0", "ETH"), small.held("keepers.0", "USDC")
    assert small.attempt("keepers.0", Leg(REMOVE_LIQUIDITY, 0, 25.0)) == status.OK
    assert small.held("keepers.0", "ETH") - before[0] == pytest.approx(1250.0 / 2000.0)
    assert small.held("keepers.0", "USDC") - before[1] == pytest.approx(1250.0)
    assert small.block()  # the audit holds


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("friction", [True, False])
def test_keepers_come_and_take_the_coins_out(pool, friction):
    small = pawn(pool, **KEEN, **{"channels.keeper_friction": friction})
    fall(small, "DAI" if pool == "stable" else "ETH", 0.58 if pool == "stable" else 0.3)
    assert small.block(6)
    kinds = [int(event.kind) for event in small.events() if event.status == status.OK]
    assert LIQUIDATE in kinds
    assert REMOVE_LIQUIDITY in kinds
    assert small.held("pawn", "share") == pytest.approx(0.0, abs=1e-6)
    assert small.held("keepers.0", "share") + small.held("keepers.1", "share") == (
        pytest.approx(0.0, abs=1e-6)
    )
    assert small.held("outside", "share") == 0.0  # nobody bought them


def test_a_bid_and_an_exit_count_what_the_coins_bring():
    small = pawn("eth_usdc")
    cohort = small.world.cohorts.table[small.names.cohorts.index("keepers")]
    row, asset = seen_row(small.view, cohort), small.names.assets.index("share")
    token = small.token("share")
    brings = best_sale_usd(small.view, cohort, row, asset, token, 25.0, True)
    assert brings == pytest.approx(2_500.0, rel=1e-5)  # the outside takes 0.6 ETH at its price
    pawners = small.names.cohorts.index("pawners")
    free = {"channels.gas": False}
    out = exit_of(pawn("eth_usdc", **free).world, pawners).usd[0]
    # 0.625 ETH into what is left of the pool, less the fee; 1,500 are owed.
    assert out == pytest.approx(
        1250.0 + 0.997 * 1250.0 / (1.0 + 0.997 * 0.000625) - 1500.0, abs=0.01
    )

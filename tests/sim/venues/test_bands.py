"""Bands as agents meet them: what is quoted is what is paid, and a liquidator gets what his claim says."""

from __future__ import annotations

import pytest

from agents.keepers.claim import claim
from scenarios.snapshots import Snapshot
from sim import status
from sim.transaction import LIQUIDATE, SWAP
from sim.venues import any_pool
from sim.venues.band_standing import standing
from sim.venues.bands import deposit
from tests.sim.band_world import POOL, SOFT_ETH, SOFT_USDC, band_world, set_price
from tests.sim.worlds import Leg

MARKET = 1
LOW, HIGH, CRASH = 1440.0, 1530.0, 1250.0  # the loans' bands begin near 1,500


@pytest.fixture
def small():
    """Ether has fallen into the bands, and nobody has traded with them yet."""
    world = band_world()
    for name in ("keepers.0", "arbitrageurs.0"):
        world.give(name, "USDC", 1e6)
        world.give(name, "ETH", 1000.0)
    world.block(20)  # a jump is forgotten by then
    set_price(world, LOW)
    return world


def asked(small, question, token_in, token_out, *rest):
    """A question of any pool, now."""
    world = small.world
    seconds = float(world.clock.now[0].seconds)
    tokens = small.token(token_in), small.token(token_out)
    return getattr(any_pool, question)(
        world.ledger, world.venues, POOL, seconds, 0.0, 0.0, 0.0, *tokens, *rest
    )


def swap(small, token_in, token_out, amount):
    """Trade with the bands at once; what came out."""
    leg = Leg(SWAP, POOL, amount, small.token(token_in), token_out=small.token(token_out))
    before = small.held("arbitrageurs.0", token_out)
    assert small.attempt("arbitrageurs.0", leg) == status.OK
    return small.held("arbitrageurs.0", token_out) - before


def test_what_is_quoted_is_paid_and_leaves_the_price_that_was_asked_for(small):
    price = asked(small, "marginal_price", "USDC", "ETH")
    assert 1.0 / price < LOW  # ether is cheaper here than the oracle says, fee and all
    amount = asked(small, "sale_to", "USDC", "ETH", 1.0 / LOW)
    promised = asked(small, "pays", "USDC", "ETH", amount)
    assert swap(small, "USDC", "ETH", amount) == pytest.approx(promised, rel=1e-12)
    # The fee stays in the band, so that its price goes a little further: 0.6 % of a move of 1 %.
    assert asked(small, "marginal_price", "USDC", "ETH") == pytest.approx(1.0 / LOW, rel=1e-4)
    assert asked(small, "sale_to", "USDC", "ETH", 1.0 / LOW) == pytest.approx(0.0, abs=1e-6)


def test_on_the_way_up_the_bands_buy_their_ether_back(small):
    swap(small, "USDC", "ETH", asked(small, "sale_to", "USDC", "ETH", 1.0 / LOW))
    assert asked(small, "marginal_price", "ETH", "USDC") < LOW
    small.block(20)
    set_price(small, HIGH)
    assert asked(small, "marginal_price", "ETH", "USDC") > HIGH
    amount = asked(small, "sale_to", "ETH", "USDC", HIGH)
    promised = asked(small, "pays", "ETH", "USDC", amount)
    assert swap(small, "ETH", "USDC", amount) == pytest.approx(promised, rel=1e-12)
    assert promised / amount > HIGH


def test_bands_pay_no_more_than_they_have(small):
    held = float(small.world.venues.pools[POOL].reserve0)
    assert asked(small, "pays", "USDC", "ETH", 1e9) <= held
    assert asked(small, "pays", "ETH", "USDC", 1.0) == 0.0  # nothing has been sold yet


def test_a_loan_is_born_as_it_would_have_been_opened():
    world = band_world().world
    venues = world.venues
    tables = {name: getattr(venues, name) for name in ("banded", "bands", "loans", "band_shares")}
    born = {name: table.copy() for name, table in tables.items()}
    for name in ("coin", "collateral", "shares"):
        venues.bands[name][:] = 0.0
    venues.band_shares["shares"][:] = 0.0
    venues.banded[0].lowest_used = venues.banded[0].highest_used = 0
    collateral = 0.5 * float(venues.pools[POOL].reserve0)
    for row, loan in enumerate(born["loans"]):
        code = deposit(world.ledger, venues, 0, row, collateral, loan.first, loan.last)
        assert code == status.OK
    for name, table in tables.items():
        assert table.tobytes() == born[name].tobytes(), name


def test_where_pools_have_no_bottom_bands_still_do(small):
    """The channel is about depth for sellers; bands are a loan, and go by their own curve."""
    small.world.clock.now[0].has_pool_depth = 0
    promised = asked(small, "pays", "USDC", "ETH", 1000.0)
    assert swap(small, "USDC", "ETH", 1000.0) == pytest.approx(promised, rel=1e-12)


@pytest.mark.parametrize("capital", [1e6, 20_000.0])
def test_a_liquidator_gets_what_his_claim_says_and_pays_no_more_than_he_has(small, capital):
    swap(small, "USDC", "ETH", asked(small, "sale_to", "USDC", "ETH", 1.0 / LOW))
    small.block(20)
    set_price(small, CRASH)  # too fast for arbitrageurs
    borrower = small.account("banded.0")
    now = float(small.world.clock.now[0].seconds)
    coin, collateral, debt, risk = standing(
        small.world.ledger, small.world.venues, MARKET, borrower, now
    )
    assert risk > 1.0
    small.give("keepers.0", "USDC", capital)
    repaid, seized, back = claim(small.view, borrower, capital)
    ether = small.held("keepers.0", "ETH")
    leg = Leg(
        LIQUIDATE, SOFT_USDC, repaid, small.token("USDC"), token_out=SOFT_ETH,
        counterparty=borrower,
    )  # fmt: skip
    assert small.attempt("keepers.0", leg) == status.OK
    assert small.held("keepers.0", "ETH") - ether == pytest.approx(seized, rel=1e-9)
    spent = capital - small.held("keepers.0", "USDC")
    assert 0.0 < spent <= capital
    assert spent == pytest.approx(min(repaid, debt) - back, rel=1e-6)
    if capital < debt - coin:
        assert seized < collateral
    else:
        assert (seized, back) == (collateral, coin)
    assert small.block()


def test_coin_in_the_bands_is_collateral_and_what_they_do_not_cover_is_the_markets_deficit(small):
    swap(small, "USDC", "ETH", asked(small, "sale_to", "USDC", "ETH", 1.0 / LOW))
    assert small.block()
    row = Snapshot(small.world, 1).vault_rows()
    k = list(row["account"]).index(small.account("banded.0"))
    seconds = float(small.world.clock.now[0].seconds)
    coin, collateral, _, _ = standing(
        small.world.ledger, small.world.venues, MARKET, small.account("banded.0"), seconds
    )
    assert coin > 0.0
    assert row["collateral_usd"][k] == pytest.approx(collateral * LOW + coin, rel=1e-12)
    set_price(small, 900.0)  # two loans
    assert small.block()
    reserves = small.world.log.reserves[small.world.log.n[0] - 1]
    owed = reserves[SOFT_USDC][1]
    assert reserves[SOFT_USDC][3] == pytest.approx(
        owed - 2.0 * (coin + collateral * 900.0), rel=1e-6
    )
    assert reserves[SOFT_ETH][3] == 0.0

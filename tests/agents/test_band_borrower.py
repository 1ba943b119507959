"""A borrower in bands by hand: what his market lets him do, when he acts, and when he cannot.

100 ETH at 2,000 USD and 130,000 USDC of debt: leverage 20 / 7, collateral over debt 20 / 13.
"""

from __future__ import annotations

import pytest

from sim import status
from sim.transaction import BORROW, SWAP, WITHDRAW
from sim.venues.band_standing import room, standing
from tests.sim.band_world import POOL, SOFT_ETH, SOFT_USDC, band_world, set_price
from tests.sim.worlds import Leg, SmallWorld

RATIO = 20.0 / 13.0
AWAKE = {"cohorts.banded.attention_fraction": 1.0, "cohorts.banded.gas_tank_usd": 500.0}
ONE = "banded.0"


def loan(small: SmallWorld) -> tuple[float, float, float]:
    """Coin, collateral and debt of the first borrower."""
    seconds = float(small.world.clock.now[0].seconds)
    found = standing(small.world.ledger, small.world.venues, 1, small.account(ONE), seconds)
    return found[0], found[1], found[2]


def room_of(small: SmallWorld) -> tuple[float, float]:
    seconds = float(small.world.clock.now[0].seconds)
    free, credit = room(small.world.ledger, small.world.venues, 1, small.account(ONE), seconds)
    return float(free), float(credit)


@pytest.mark.parametrize("price", [1700.0, 2000.0, 2050.0, 2600.0])
def test_his_room_is_what_the_market_grants_and_no_more(price):
    for verb, row, k in ((WITHDRAW, SOFT_ETH, 0), (BORROW, SOFT_USDC, 1)):
        small = band_world()
        set_price(small, price)
        most = room_of(small)[k]
        assert most > 0.0
        refused = small.attempt(ONE, Leg(verb, row, most * (1.0 + 1e-9)))
        assert refused == status.DEBT_TOO_HIGH
        assert small.attempt(ONE, Leg(verb, row, most * (1.0 - 1e-9))) == status.OK


def test_he_has_none_once_his_bands_have_begun_to_sell():
    small = band_world()
    set_price(small, 1450.0)
    small.give("arbitrageurs.0", "USDC", 20e3)
    buys = Leg(SWAP, POOL, 20e3, small.token("USDC"), token_out=small.token("ETH"))
    assert small.attempt("arbitrageurs.0", buys) == status.OK
    assert loan(small)[0] > 0.0
    assert room_of(small) == (0.0, 0.0)


@pytest.mark.parametrize("price", [1850.0, 2200.0])
def test_he_trades_back_to_his_leverage_and_the_fee_is_his(price):
    small = band_world(**AWAKE, **{"channels.pool_depth": False})
    _, before, owed = loan(small)
    set_price(small, price)
    assert small.block(2)
    _, collateral, debt = loan(small)
    # Of s sold 0.997 s repays: (E - s) / (D - 0.997 s) = R. For b of new debt: (E + 0.997 b) / (D + b) = R.
    exposure = before * price
    if price < 2000.0:
        sold = (RATIO * owed - exposure) / (0.997 * RATIO - 1.0)
        assert before - collateral == pytest.approx(sold / price, rel=1e-4)
        assert owed - debt == pytest.approx(0.997 * sold, rel=1e-4)
    else:
        spent = (exposure - RATIO * owed) / (RATIO - 0.997)
        assert debt - owed == pytest.approx(spent, rel=1e-4)
        assert collateral - before == pytest.approx(0.997 * spent / price, rel=1e-4)
    assert collateral * price / debt == pytest.approx(RATIO, rel=1e-4)


def test_inside_his_band_and_without_attention_he_does_nothing():
    for changes, price in ((AWAKE, 1950.0), ({}, 1700.0)):
        small = band_world(**changes)
        _, before, _ = loan(small)
        set_price(small, price)
        assert small.block(4)
        assert loan(small)[1] == before


def test_once_sold_in_part_he_waits_and_goes_on_when_it_is_bought_back():
    small = band_world(**AWAKE, **{"cohorts.banded.decision_interval_seconds": 36_000})
    set_price(small, 1450.0)
    small.give("arbitrageurs.0", "USDC", 20e3)
    buys = Leg(SWAP, POOL, 20e3, small.token("USDC"), token_out=small.token("ETH"))
    assert small.attempt("arbitrageurs.0", buys) == status.OK
    cohort = small.world.cohorts.table[small.names.cohorts.index("banded")]
    cohort.interval_slots = 1  # now he looks, and there is nothing that he may do
    collateral = loan(small)[1]
    assert small.block(4)
    assert loan(small)[1] == collateral
    assert cohort.triggers == 0
    set_price(small, 2000.0)
    small.give("arbitrageurs.0", "ETH", 200.0)  # the fee is high after such a move
    sells = Leg(SWAP, POOL, 200.0, small.token("ETH"), token_out=small.token("USDC"))
    assert small.attempt("arbitrageurs.0", sells) == status.OK
    assert loan(small)[0] == 0.0
    before = loan(small)[2]
    assert small.block(2)
    assert (
        loan(small)[2] > before
    )  # the fee of who bought it back has made him richer: he borrows again

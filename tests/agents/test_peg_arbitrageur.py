"""Who trades between a pool and a module, and who flees: in the small world, in plain Python."""

from __future__ import annotations

import pytest

from agents.quotes import marginal_price
from sim import status
from sim.transaction import CONVERT, SWAP
from tests.sim.redemption_world import BANK, PEG, REDEMPTIONS
from tests.sim.worlds import SCENARIO, Leg, SmallWorld

PEOPLE = """
[[cohorts]]
name = "peg_arbitrageurs"
strategy = "peg_arbitrageur"
n_rows = 1
tvl_usd = 4e6
pools = ["dai_usdc"]

[[cohorts]]
name = "dai_holders"
strategy = "coin_holder"
n_rows = 50
tvl_usd = 1e6
asset = "DAI"
redemption = "peg"
"""
POOL = 1
FEES = {
    "redemptions.peg.fee_in_fraction": 0.0005,
    "redemptions.peg.fee_out_fraction": 0.001,
    "redemptions.bank.opens_seconds": 86_000.0,
    "redemptions.bank.closes_seconds": 86_400.0,
    "redemptions.bank.fee_out_fraction": 0.001,
}


@pytest.fixture
def small() -> SmallWorld:
    return SmallWorld(FEES, SCENARIO + REDEMPTIONS + PEOPLE)


def price(small: SmallWorld, symbol: str = "DAI", other: str = "USDC") -> float:
    """What the next token brings in the pool, after its fee."""
    return float(marginal_price(small.view, 0, POOL, small.token(symbol), small.token(other)))


def push(small: SmallWorld, symbol: str, amount: float) -> None:
    """Sell so much of one coin into the pool."""
    small.give("arbitrageurs.0", symbol, amount)
    other = "USDC" if symbol == "DAI" else "DAI"
    leg = Leg(SWAP, POOL, amount, small.token(symbol), token_out=small.token(other))
    assert small.attempt("arbitrageurs.0", leg) == status.OK


def converted(small: SmallWorld) -> list[tuple[int, int]]:
    """Status and venue of every conversion so far."""
    return [(int(e.status), int(e.venue)) for e in small.events() if e.kind == CONVERT]


def test_below_par_the_coin_is_bought_and_redeemed_until_that_pays_no_more(small):
    push(small, "DAI", 700_000.0)
    reserve = float(small.world.venues.redemptions[PEG].reserve)
    held = small.held("peg_arbitrageurs.0", "USDC"), small.held("peg_arbitrageurs.0", "DAI")
    assert 1.0 / price(small, "USDC", "DAI") < 0.998
    assert small.block(2)
    assert converted(small) == [(status.OK, small.account("peg"))]
    # The next coin costs, with the pool's fee, what the module pays for it, but for the fee that stayed.
    assert 1.0 / price(small, "USDC", "DAI") == pytest.approx(1.0 / 1.001, abs=1e-6)
    assert small.world.venues.redemptions[PEG].reserve < reserve - 100_000.0
    assert small.held("peg_arbitrageurs.0", "USDC") > held[0] + 20.0
    assert small.held("peg_arbitrageurs.0", "DAI") == pytest.approx(held[1], abs=1e-6)


def test_above_par_the_coin_is_issued_and_sold(small):
    push(small, "USDC", 400_000.0)
    assert small.block(2)
    assert converted(small) == [(status.OK, small.account("peg"))]
    assert price(small) == pytest.approx(1.0 / (1.0 - 0.0005), abs=1e-6)
    assert small.world.venues.redemptions[PEG].issued > 1.1e6


def test_it_trades_as_far_as_reserve_capital_and_hours_go(small):
    small.world.venues.redemptions[PEG].locked_fraction = 1.0
    small.world.clock.dials[:, dial(small, "reserve_locked", PEG)] = 0.9
    push(small, "DAI", 700_000.0)
    assert small.block(4)
    peg = small.world.venues.redemptions[PEG]
    assert all(code == status.OK for code, _ in converted(small))
    assert peg.reserve == pytest.approx(0.9e6, rel=2e-2)
    assert peg.reserve >= 0.9e6
    assert 1.0 / price(small, "USDC", "DAI") < 0.999  # the peg is broken, and the bank is closed
    small.world.clock.now[0].seconds = 86_100.0
    assert small.block(2)
    assert {venue for _, venue in converted(small)} == {
        small.account("peg"), small.account("bank"),
    }  # fmt: skip
    assert small.world.venues.redemptions[BANK].reserve < 2e6


def test_where_it_does_not_pay_nobody_moves(small):
    assert small.block(3)
    assert converted(small) == []


def dial(small: SmallWorld, name: str, row: int) -> int:
    """Column of a dial of a module."""
    from scenarios.dials import dial_columns

    module = small.scenario.redemptions[row].name
    return dial_columns(small.scenario).index((name, module))


def left(small: SmallWorld) -> int:
    """Holders who have sold."""
    return sum(small.held(f"dai_holders.{k}", "DAI") == 0.0 for k in range(50))


def test_without_doubt_and_gap_nobody_leaves(small):
    assert small.block(20)
    assert left(small) == 0


def test_holders_leave_for_a_rumour_and_sooner_when_the_reserve_is_going(small):
    small.world.clock.dials[:, dial(small, "redemption_rumour", PEG)] = 0.5
    assert small.block(20)
    with_reserve = left(small)
    # 1 - exp(-200 a day x 0.5 x 20 slots of 12 s) = 24 %: 12 of 50, three standard deviations about it
    assert 3 <= with_reserve <= 21
    again = SmallWorld(FEES, SCENARIO + REDEMPTIONS + PEOPLE)
    again.world.clock.dials[:, dial(again, "redemption_rumour", PEG)] = 0.5
    again.world.clock.dials[:, dial(again, "reserve_locked", PEG)] = 1.0
    assert again.block(20)
    assert left(again) > with_reserve


def test_holders_leave_for_a_gap_beyond_the_calm_one(small):
    asset = small.names.assets.index("DAI")
    small.world.clock.fundamental_price_usd[:, asset] = 0.996
    assert small.block(10)
    assert left(small) == 0
    small.world.clock.fundamental_price_usd[:, asset] = 0.6
    assert small.block(20)
    assert left(small) > 0

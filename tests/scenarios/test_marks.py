"""Three marks by hand for a tiny world with bad debt; and in a crash nothing is lost between two holders.

Before the crash the pool holds 1,000 ETH and 2 M USDC, a loop 75 ETH and 80,000 USDC of debt, the lender
200,000 USDC of which 160,000 are lent. Then the outside market is at 1,500 USD and the oracle at 1,000.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from agents.routes import quote
from agents.strategies import STRATEGIES
from scenarios import sales, step
from scenarios.exits import exit_of, treasury_exit
from scenarios.marks import marks_of
from scenarios.simulation import Simulation
from scenarios.snapshots import Snapshot
from sim import accounts, status
from sim.block.mark import mark
from sim.columns import RESERVE_COLUMNS
from sim.ledger import column
from sim.transaction import LIQUIDATE
from tests.short_window import window
from tests.sim.worlds import Leg, SmallWorld

HOLDERS, LOOPS, LENDERS, PROVIDERS, KEEPERS = range(5)
CORE_ETH, CORE_USDC = 0, 1
NEARLY = 1e-6  # a few seconds of interest
GAS_USD = (
    (20.0 + 2.0) * 1e-9 * 1500.0
)  # USD a unit: base fee and tip of 20 and 2 gwei, ETH at 1,500


def marked(small: SmallWorld, market_usd: float, oracle_usd: float) -> None:
    small.world.venues.exchanges[0].market_price_usd = market_usd
    small.world.venues.feeds[0].price_usd = oracle_usd
    mark(small.world)


@pytest.fixture
def crashed() -> SmallWorld:
    """loops.1 is liquidated at an oracle price of 1,000: 75 ETH pay 75,000 / 1.05 of its 80,000."""
    small = SmallWorld()
    marked(small, 1500.0, 1000.0)
    bid = Leg(LIQUIDATE, CORE_USDC, 1e6, token_out=CORE_ETH, counterparty=small.account("loops.1"))
    assert small.attempt("keepers.0", bid) == status.OK
    marked(small, 1500.0, 1000.0)
    small.world.chains.table[0].base_fee_gwei = 20.0
    return small


REPAID = 75_000.0 / 1.05
DEFICIT = 80_000.0 - REPAID


def test_a_loop_by_hand_on_all_three_marks(crashed):
    marks = marks_of(crashed.world, LOOPS)
    tank_eth = crashed.held("loops.0", "ETH")
    market = 75.0 * 1500.0 - 80_000.0 + tank_eth * 1500.0
    assert marks.nav_usd[0] == pytest.approx(market, rel=NEARLY)
    protocol = 75.0 * 1000.0 - 80_000.0 + tank_eth * 1000.0
    assert marks.nav_protocol_usd[0] == pytest.approx(protocol, rel=NEARLY)
    # Alone it withdraws 75 ETH, sells them with its tank for USDC, repays, pays for three calls.
    charged = (75.0 + tank_eth) * 0.997
    proceeds = charged * 2e6 / (1000.0 + charged)
    gas = (220_000 + 130_000 + 190_000) * GAS_USD
    assert marks.nav_exit_usd[0] == pytest.approx(proceeds - 80_000.0 - gas, rel=NEARLY)
    assert marks.exit_locked_usd[0] == 0.0
    # The one that was liquidated has nothing left but its tank.
    assert marks.nav_usd[1] == pytest.approx(tank_eth * 1500.0, rel=1e-12)


def test_an_insolvent_loop_has_a_negative_exit(crashed):
    pool = crashed.world.venues.pools[0]
    pool.reserve0, pool.reserve1 = 2000.0, 2000.0 * 1000.0
    marks = marks_of(crashed.world, LOOPS)
    assert marks.nav_usd[0] > 0.0
    assert marks.nav_exit_usd[0] < 0.0
    rows = Snapshot(crashed.world, 0).mark_rows()
    assert rows["n_insolvent"][LOOPS] == 1


def test_the_lender_bears_the_deficit_and_can_take_only_cash(crashed):
    reserve = crashed.world.venues.reserves[CORE_USDC]
    assert reserve.deficit == pytest.approx(DEFICIT, rel=NEARLY)
    marks = marks_of(crashed.world, LENDERS)
    assert marks.nav_usd[0] == pytest.approx(200_000.0 - DEFICIT, rel=NEARLY)
    assert marks.nav_exit_usd[0] == pytest.approx(40_000.0 + REPAID, rel=NEARLY)
    whole = marks.nav_exit_usd[0] + marks.exit_locked_usd[0]
    assert whole == pytest.approx(marks.nav_usd[0], rel=1e-14)


def test_a_deficit_falls_on_lenders_and_treasury_alike(crashed):
    reserve = crashed.world.venues.reserves[CORE_USDC]
    reserve.treasury_scaled = 50_000.0  # a claim of a fifth of all claims, backed by cash
    reserve.cash += 50_000.0
    marked(crashed, 1500.0, 1000.0)
    (lender,) = marks_of(crashed.world, LENDERS).nav_usd
    assert lender == pytest.approx(200_000.0 - 0.8 * DEFICIT, rel=NEARLY)
    treasury = Snapshot(crashed.world, 0).mark_rows()["nav_usd"][-1]
    assert treasury == pytest.approx(50_000.0 - 0.2 * DEFICIT, rel=NEARLY)
    taken, locked = treasury_exit(crashed.world, CORE_USDC)
    assert taken == pytest.approx(0.2 * (90_000.0 + REPAID), rel=NEARLY)
    assert taken + locked == pytest.approx(treasury, rel=1e-12)


def test_a_vault_bears_the_deficit_of_its_collateral(crashed):
    before = marks_of(crashed.world, LOOPS)
    reserve = crashed.world.venues.reserves[CORE_ETH]
    reserve.deficit = 7.5  # a tenth of the 75 ETH that are left
    marked(crashed, 1500.0, 1000.0)
    after = marks_of(crashed.world, LOOPS)
    assert before.nav_usd[0] - after.nav_usd[0] == pytest.approx(7.5 * 1500.0, rel=1e-9)
    assert before.nav_protocol_usd[0] - after.nav_protocol_usd[0] == pytest.approx(7.5e3, rel=1e-9)
    assert crashed.world.cohorts.table[LOOPS].nav_usd == pytest.approx(
        math.fsum(after.nav_usd), rel=1e-13
    )


def test_collateral_that_is_lent_out_is_locked(crashed):
    crashed.world.venues.reserves[CORE_ETH].cash = 30.0
    left = exit_of(crashed.world, LOOPS)
    assert left.locked_usd[0] == pytest.approx(45.0 * 1500.0, rel=NEARLY)


def test_a_provider_by_hand(crashed):
    marks = marks_of(crashed.world, PROVIDERS)
    tank_eth = crashed.held("providers.0", "ETH")
    wallet = tank_eth * 1500.0 + crashed.held("providers.0", "USDC")
    assert marks.nav_usd[0] == pytest.approx(500.0 * 1500.0 + 1e6 + wallet, rel=1e-12)
    assert marks.nav_protocol_usd[0] == pytest.approx(
        500.0 * 1000.0 + 1e6 + tank_eth * 1000.0, rel=1e-12
    )
    # Takes out 500 ETH and 1 M USDC, and sells all its ETH to those who stay.
    charged = (500.0 + tank_eth) * 0.997
    sold = charged * 1e6 / (500.0 + charged)
    gas = (180_000 + 130_000) * GAS_USD
    assert marks.nav_exit_usd[0] == pytest.approx(1e6 + sold - gas, rel=1e-12)


def test_a_vault_without_a_loan_by_hand(crashed):
    marks = marks_of(crashed.world, HOLDERS)
    eth, usdc = crashed.held("holders.0", "ETH"), crashed.held("holders.0", "USDC")
    assert marks.nav_usd[0] == pytest.approx(eth * 1500.0 + usdc, rel=1e-14)
    charged = eth * 0.997
    proceeds = charged * 2e6 / (1000.0 + charged)
    assert marks.nav_exit_usd[0] == pytest.approx(usdc + proceeds - 130_000 * GAS_USD, rel=1e-12)


def test_a_keeper_sells_what_it_has_won_outside(crashed):
    marks = marks_of(crashed.world, KEEPERS)
    eth, usdc = crashed.held("keepers.0", "ETH"), crashed.held("keepers.0", "USDC")
    assert eth > 75.0
    assert marks.nav_usd[0] == pytest.approx(eth * 1500.0 + usdc, rel=1e-14)
    impacted = 1e9 * math.log1p(eth * 1500.0 / 1e9)
    assert marks.nav_exit_usd[0] == pytest.approx(impacted + usdc, rel=1e-14)


def test_custody_belongs_to_whoever_waits_for_it(crashed):
    crashed.give("keepers.custody.1", "USDC", 12_345.0)
    before = marks_of(crashed.world, KEEPERS).nav_usd[1]
    crashed.give("keepers.custody.1", "USDC", 0.0)
    assert before - marks_of(crashed.world, KEEPERS).nav_usd[1] == pytest.approx(12_345.0)


def test_many_sellers_are_routed_as_the_router_routes_each():
    """Two pools at different prices: the smallest sales go to one of them only."""
    simulation = Simulation(window("black_thursday_2020"), 7)
    world, view = simulation.world, simulation.view
    c = simulation.names.cohorts.index("eth_loop")
    cohort = world.cohorts.table[c]
    world.venues.pools[0].reserve0 *= 1.03
    step.observe(world)
    row = int(world.clock.now[0].slot) % len(world.cohorts.seen)
    amount = np.array([1e-6, 0.5, 20.0, 3e3, 1e5])
    route = [int(p) for p in world.cohorts.route[c, : cohort.n_pools]]
    sale = sales.over_pools(world, route, cohort.token, amount)
    told = [quote(view, cohort, row, cohort.token, one) for one in amount]
    assert sale.proceeds_usd == pytest.approx(told, rel=1e-9)
    assert sale.n_legs.tolist() == [1, 1, 1, 2, 2]
    assert sales.over_pools(world, route, cohort.token, np.zeros(1)).proceeds_usd[0] == 0.0


def underlying_inside_usd(simulation: Simulation) -> float:
    """What vaults, depositors, pools, markets, keepers and arbitrageurs hold, straight from the ledger."""
    strategy = {cohort.name: cohort.strategy for cohort in simulation.scenario.cohorts}
    outside = (accounts.OUTSIDE, accounts.BUILDER, accounts.OPERATOR)
    parts = []
    for g, group in enumerate(simulation.names.groups):
        owner = group.name.removesuffix(".custody")
        if group.kind in outside or strategy.get(owner) == "noise_trader":
            continue
        for asset, exchange in enumerate(simulation.world.venues.exchanges):
            for held in column(simulation.world.ledger, asset, g).tolist():
                parts.append(held * exchange.market_price_usd)
    return math.fsum(parts)


@pytest.mark.usefixtures("compiled_engine")
def test_in_a_crash_with_bad_debt_all_marks_add_up_to_what_there_is():
    """Claims cancel: the wealth of the system is the tokens inside it, at every recorded block."""
    simulation = Simulation(window("black_thursday_2020"), 7)
    world = simulation.world
    is_inside = [s != "noise_trader" for s in (c.strategy for c in simulation.scenario.cohorts)]
    treasury = RESERVE_COLUMNS.index("treasury_nav_usd")
    n_blocks = 0
    while not simulation.is_done:
        simulation.step()
        recorded = simulation.drain()
        if simulation.block < 1:
            continue
        n_blocks += 1
        total = math.fsum(recorded.cohorts[-1, is_inside, 0]) + math.fsum(
            recorded.reserves[-1, :, treasury]
        )
        assert total == pytest.approx(underlying_inside_usd(simulation), rel=1e-9)
        rows = Snapshot(world, simulation.block).mark_rows()
        for c, cohort in enumerate(world.cohorts.table):
            assert rows["nav_usd"][c] == pytest.approx(cohort.nav_usd, rel=1e-11)
            assert rows["nav_protocol_usd"][c] == pytest.approx(cohort.nav_protocol_usd, rel=1e-11)
    assert n_blocks == simulation.block
    assert sum(reserve.deficit for reserve in world.venues.reserves) > 1e6
    assert len({STRATEGIES[c.strategy].role for c in simulation.scenario.cohorts}) == 4

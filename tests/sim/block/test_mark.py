"""NAV and health of every vault, against the same sums in numpy."""

from __future__ import annotations

import numpy as np
import pytest

from sim.block.mark import mark
from sim.fields import NAV_USD, field
from sim.ledger import column
from sim.transaction import SUPPLY, WITHDRAW
from sim.venues.lending import borrow_index_now, liquidity_index_now
from tests.sim.worlds import Leg, SmallWorld

HOLDERS, LOOPS = 0, 1
N_LOOPS = 40


@pytest.fixture
def small() -> SmallWorld:
    """Forty loops with healths from 1.2 to 2, an hour after birth."""
    law = {"distribution": "uniform", "low": 1.2, "high": 2.0}
    loops = {"n_rows": N_LOOPS, "tvl_usd": 71e3 * N_LOOPS, "target_health": law}
    return SmallWorld({"cohorts.loops": loops})


def columns(small: SmallWorld, cohort: int) -> list[np.ndarray]:
    row = small.world.cohorts.table[cohort]
    return [
        column(small.world.ledger, token, row.group) for token in range(len(small.names.tokens))
    ]


def test_nav_of_those_who_owe_nothing(small):
    exchanges = small.world.venues.exchanges
    exchanges[0].market_price_usd, exchanges[1].market_price_usd = 1700.0, 0.98
    mark(small.world)
    eth, usdc, *_ = columns(small, HOLDERS)
    expected = eth * 1700.0 + usdc * 0.98
    assert field(small.world.cohorts, HOLDERS, NAV_USD) == pytest.approx(expected, rel=1e-15)
    assert small.world.cohorts.table[HOLDERS].nav_usd == pytest.approx(expected.sum(), rel=1e-14)


def test_nav_and_health_of_those_who_owe(small):
    venues = small.world.venues
    small.block(20)
    # The market is at 1,500 and USDC at 0.99; the protocol believes 1,400 and 1.
    venues.exchanges[0].market_price_usd, venues.exchanges[1].market_price_usd = 1500.0, 0.99
    venues.feeds[0].price_usd = 1400.0
    mark(small.world)
    seconds = small.world.clock.now[0].seconds
    eth, usdc, _, receipts, _, _, debts = columns(small, LOOPS)
    collateral = receipts * liquidity_index_now(venues.reserves[0], seconds)
    debt = debts * borrow_index_now(venues.reserves[1], seconds)
    nav = (collateral + eth) * 1500.0 + (usdc - debt) * 0.99
    assert field(small.world.cohorts, LOOPS, NAV_USD) == pytest.approx(nav, rel=1e-13)
    cohort = small.world.cohorts.table[LOOPS]
    assert cohort.nav_usd == pytest.approx(nav.sum(), rel=1e-13)
    assert cohort.debt_usd == pytest.approx((debt * 0.99).sum(), rel=1e-13)
    assert cohort.collateral_usd == pytest.approx((collateral * 1500.0).sum(), rel=1e-13)
    health = collateral * 1400.0 * 0.8 / debt
    assert cohort.min_health == pytest.approx(health.min(), rel=1e-13)
    low = np.flatnonzero(health < 1.0)
    assert 3 < len(low) < N_LOOPS - 3
    assert cohort.at_risk == len(low)
    at_risk = small.world.cohorts.at_risk[: len(low) + 1]
    assert at_risk.tolist() == [*(cohort.first_account + low), -1]
    # Bins of 0.02 of debt over weighted collateral.
    bins, _ = np.histogram(1.0 / health, bins=64, range=(0.0, 1.28))
    assert small.world.cohorts.risk_bins[LOOPS].tolist() == bins.tolist()


def test_whoever_owes_nothing_is_in_no_bin_and_has_no_health(small):
    small.give("loops.0", "dUSDC.core", 0.0)
    mark(small.world)
    assert small.world.cohorts.risk_bins[LOOPS].sum() == N_LOOPS - 1


def test_debt_without_collateral_is_not_listed_for_there_is_nothing_to_seize(small):
    small.give("loops.3", "aETH.core", 0.0)
    mark(small.world)
    assert small.world.cohorts.table[LOOPS].at_risk == 0
    assert small.world.cohorts.risk_bins[LOOPS][-1] == 1


def test_marking_twice_is_marking_once(small):
    small.attempt("loops.0", Leg(SUPPLY, 0, 0.1))
    small.attempt("loops.1", Leg(WITHDRAW, 0, 0.1))
    mark(small.world)
    first = small.world.cohorts.column.copy(), small.world.cohorts.risk_bins.copy()
    mark(small.world)
    assert (small.world.cohorts.column == first[0]).all()
    assert (small.world.cohorts.risk_bins == first[1]).all()

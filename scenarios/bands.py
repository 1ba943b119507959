"""Markets of soft liquidation in a world: an empty grid of bands, and the loans of those born with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenarios.layout import Layout
from sim import status
from sim.formulas.llamma import DEAD_SHARES, MAX_BANDS, UNIT
from sim.ledger import column
from sim.tables import BANDS
from sim.venues.band_pool import index_now, oracle
from sim.venues.band_terms import place
from sim.venues.bands import loan_of, row_of
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario

N_BANDS = 4096  # that there is room for, half of them above the price at birth


def _loans(scenario: Scenario, layout: Layout, market: str) -> tuple[int, int]:
    """The first account that may borrow there, and how many accounts from it on."""
    groups = [
        layout.cohort_group[c]
        for c, cohort in enumerate(scenario.cohorts)
        if cohort.strategy == "band_borrower" and cohort.market == market
    ]
    if not groups:
        return 0, 0
    first, end = int(layout.first[min(groups)]), int(layout.first[max(groups) + 1])
    return first, end - first


def n_rows(scenario: Scenario, layout: Layout) -> dict[str, int]:
    """Rows of each table that the markets of soft liquidation ask for."""
    n_loans = sum(_loans(scenario, layout, market.name)[1] for market in scenario.banded)
    return {
        "banded": len(scenario.banded),
        "bands": N_BANDS * len(scenario.banded),
        "loans": n_loans,
        "band_shares": MAX_BANDS * n_loans,
    }


def fill(world: World, scenario: Scenario, layout: Layout) -> None:
    """Each market beside its pool: the upper edge of band 0 is the oracle's price at birth."""
    venues, first_loan = world.venues, 0
    for k, market in enumerate(scenario.banded):
        m, p = layout.markets.index(market.name), layout.pools.index(str(market.pool))
        venues.markets[m].kind, venues.markets[m].state = BANDS, k
        venues.pools[p].state = k
        row, pool = venues.banded[k], venues.pools[p]
        row.pool = p
        row.amplification = scenario.pools[p].amplification
        row.loan_discount_fraction = market.loan_discount_fraction
        row.liquidation_discount_fraction = market.liquidation_discount_fraction
        row.bands_per_loan = market.bands_per_loan
        for r, reserve in enumerate(venues.reserves):
            if reserve.market == m:
                reserve.kind = BANDS
                if reserve.asset == pool.asset0:
                    row.collateral_reserve = r
                    # What being taken over costs at least.
                    reserve.bonus_fraction = market.liquidation_discount_fraction
                else:
                    row.debt_reserve = r
                    world.tokens[reserve.token].issuer = reserve.account
        row.first_row, row.n_rows, row.lowest_band = k * N_BANDS, N_BANDS, -N_BANDS // 2
        row.first_loan = first_loan
        row.first_account, row.n_loans = _loans(scenario, layout, market.name)
        first_loan += row.n_loans
        open_bands(world, k)
        row.base_price = row.old_price


def open_bands(world: World, m: int) -> None:
    """No trade has been made yet: the last price is the oracle's of now."""
    market = world.venues.banded[m]
    collateral = world.venues.feeds[world.venues.reserves[market.collateral_reserve].feed]
    coin = world.venues.feeds[world.venues.reserves[market.debt_reserve].feed]
    market.old_price = collateral.price_usd / coin.price_usd
    market.old_fee_fraction = 0.0
    market.price_seconds = world.clock.now[0].seconds


def endow(world: World, c: int, collateral: np.ndarray, debts: np.ndarray) -> None:
    """Give each row of a cohort its loan: collateral into bands, the coin spent on it long ago."""
    cohort, venues = world.cohorts.table[c], world.venues
    m = int(venues.markets[cohort.market].state)
    market = venues.banded[m]
    seconds = float(world.clock.now[0].seconds)
    index = index_now(venues, m, seconds)
    price, _ = oracle(venues, m, seconds)
    n_bands = int(market.bands_per_loan)
    for i, (amount, debt) in enumerate(zip(collateral.tolist(), debts.tolist(), strict=True)):
        row = int(loan_of(market, int(cohort.first_account) + i))
        code, first = place(venues, m, amount, debt, n_bands, price, index)
        assert code == status.OK, status.REASONS[code]
        _spread(world, m, row, amount, int(first), n_bands)
        venues.pools[market.pool].reserve0 += amount
    column(world.ledger, venues.reserves[market.debt_reserve].debt_token, cohort.group)[:] = debts


def _spread(world: World, m: int, row: int, collateral: float, first: int, n_bands: int) -> None:
    """The first deposit of a loan, all its bands at once: the numbers of ``sim.venues.bands.deposit``."""
    venues, market, loan = world.venues, world.venues.banded[m], world.venues.loans[row]
    start = int(row_of(market, first))
    band, own = slice(start, start + n_bands), slice(row * MAX_BANDS, row * MAX_BANDS + n_bands)
    shares, held = venues.bands["shares"], venues.bands["collateral"]
    part = collateral / n_bands
    minted = (shares[band] + DEAD_SHARES) * part / (held[band] + UNIT)
    venues.band_shares["shares"][own] = minted
    shares[band] += minted
    held[band] += part
    loan.discount_fraction = market.liquidation_discount_fraction
    loan.is_open, loan.first, loan.last = 1, first, first + n_bands - 1
    market.lowest_used = min(market.lowest_used, first)
    market.highest_used = max(market.highest_used, first + n_bands - 1)

"""Lending markets of a scenario become rows: their terms, their e-modes, and how borrowers stand at birth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scenarios.layout import Layout, borrowed_asset, standing_markets
from sim.formulas import isolated
from sim.formulas.liquidation import CLOSE_FACTORS
from sim.ledger import column
from sim.tables import ISOLATED, POOLED, STANDING_TOKEN
from sim.venues.lending_standing import CATEGORIES
from sim.venues.lending_verbs import whole_cents
from sim.world import World

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from scenarios.schema.cohorts import Cohort
    from scenarios.schema.world import Market, Reserve


def fill_markets(world: World, scenario: Scenario, layout: Layout) -> None:
    """Markets without deposits; the reserves of a market stand together, and so do its e-modes."""
    first_emode = 0
    for m, market in enumerate(scenario.markets):
        members = [k for k, row in enumerate(scenario.reserves) if row.market == market.name]
        row = world.venues.markets[m]
        row.account = layout.first[3] + m
        row.first_reserve = members[0] if members else 0
        row.n_reserves = len(members)
        row.kind = ISOLATED if market.kind == "isolated" else POOLED
        row.rules = CLOSE_FACTORS.index(market.close_factor)
        row.has_flash_loans = market.flash_loans
        row.flash_fee_fraction = 0.0 if row.kind == ISOLATED else market.flash_fee_fraction
        row.standing_token = layout.standing_token(market.name)
        row.state = first_emode
        first_emode += _fill_emodes(world, scenario, market, first_emode)
        row.n_emodes = first_emode - row.state
    for k, reserve in enumerate(scenario.reserves):
        _fill_reserve(world, scenario, layout, k, reserve)
    for name in standing_markets(scenario):
        token = world.tokens[layout.standing_token(name)]
        token.kind, token.asset, token.venue_row = STANDING_TOKEN, -1, layout.markets.index(name)
        token.issuer = layout.first[3] + token.venue_row


def _fill_emodes(world: World, scenario: Scenario, market: Market, first: int) -> int:
    members = [row.asset for row in scenario.reserves if row.market == market.name]
    modes = [mode for mode in scenario.emodes if mode.market == market.name]
    for number, mode in enumerate(modes, start=first):
        row = world.venues.emodes[number]
        row.ltv_fraction, row.threshold_fraction = mode.ltv_fraction, mode.threshold_fraction
        row.bonus_fraction = mode.bonus_fraction
        row.collateral_bits = sum(1 << members.index(asset) for asset in mode.collateral)
        row.borrowable_bits = sum(1 << members.index(asset) for asset in mode.borrowable)
    return len(modes)


def _fill_reserve(
    world: World, scenario: Scenario, layout: Layout, k: int, reserve: Reserve
) -> None:
    """What a reserve does not use is neutral: it counts nothing as collateral, or bears no interest."""
    row = world.venues.reserves[k]
    row.market = layout.markets.index(reserve.market)
    market = scenario.markets[row.market]
    row.account = layout.first[3] + row.market
    row.asset = row.token = layout.assets.index(reserve.asset)
    row.receipt_token = layout.receipt_token(k)
    row.debt_token = layout.debt_token(k)
    row.feed = layout.feeds.index(reserve.feed)
    row.ltv_fraction = reserve.ltv_fraction or 0.0
    row.threshold_fraction = reserve.threshold_fraction or 0.0
    row.bonus_fraction = reserve.bonus_fraction or 0.0
    row.base_rate_per_year = reserve.base_rate_per_year
    row.slope1_per_year = reserve.slope1_per_year or 0.0
    row.slope2_per_year = reserve.slope2_per_year or 0.0
    row.optimal_utilisation = reserve.optimal_utilisation_fraction or 1.0
    row.reserve_factor_fraction = reserve.reserve_factor_fraction or 0.0
    row.liquidation_fee_fraction = reserve.liquidation_fee_fraction
    row.is_isolated_loan = reserve.is_borrowable_in_isolation
    price = world.venues.exchanges[row.asset].market_price_usd
    row.supply_cap = math.inf if reserve.supply_cap_usd is None else reserve.supply_cap_usd / price
    row.borrow_cap = math.inf if reserve.borrow_cap_usd is None else reserve.borrow_cap_usd / price
    row.debt_ceiling = reserve.debt_ceiling_usd or 0.0
    row.kind, row.rules = (
        world.venues.markets[row.market].kind,
        world.venues.markets[row.market].rules,
    )
    row.is_borrowable = 1
    row.unit = 10.0 ** -scenario.assets[row.asset].decimals
    if market.lltv_fraction is not None:
        row.rate_at_target_per_year = reserve.rate_at_target_per_year
        if reserve.asset != (market.loan_asset or scenario.cash.name):
            row.ltv_fraction = row.threshold_fraction = market.lltv_fraction
            factor = isolated.liquidation_incentive_factor(market.lltv_fraction)
            row.bonus_fraction = factor - 1.0
    row.liquidity_index = row.borrow_index = 1.0
    row.updated_seconds = world.clock.now[0].seconds


def fill_borrower(world: World, scenario: Scenario, layout: Layout, c: int, cohort: Cohort) -> None:
    """What a cohort borrows, and on which terms: those of its e-mode if it is in one."""
    row = world.cohorts.table[c]
    if row.market < 0 or row.debt_reserve < 0:
        return
    row.cash_asset = row.cash_token = layout.assets.index(borrowed_asset(scenario, cohort))
    # A gas tank in what it borrows is part of its cash.
    row.native_is_token = int(row.native_token in (row.token, row.cash_token))
    terms = world.venues.reserves[row.collateral_reserve]
    if cohort.emode is not None:
        modes = [mode.name for mode in scenario.emodes if mode.market == cohort.market]
        number = world.venues.markets[row.market].state + modes.index(cohort.emode)
        terms = world.venues.emodes[number]
    row.threshold_fraction, row.bonus_fraction = terms.threshold_fraction, terms.bonus_fraction


def endow_standing(
    world: World, scenario: Scenario, layout: Layout, c: int, cohort: Cohort
) -> None:
    """How borrowers stand at birth: in their e-mode, their collateral counted, under its ceiling."""
    row = world.cohorts.table[c]
    if row.market < 0 or row.debt_reserve < 0:
        return
    market = world.venues.markets[row.market]
    if market.standing_token >= 0:
        modes = [mode.name for mode in scenario.emodes if mode.market == cohort.market]
        category = 0 if cohort.emode is None else 1 + modes.index(cohort.emode)
        place = int(row.collateral_reserve - market.first_reserve)
        standing = column(world.ledger, market.standing_token, row.group)
        standing[:] = category + (CATEGORIES << place)
    pledged = world.venues.reserves[row.collateral_reserve]
    if pledged.debt_ceiling > 0.0:
        debts = column(world.ledger, world.venues.reserves[row.debt_reserve].debt_token, row.group)
        pledged.isolated_debt += sum(whole_cents(float(debt)) for debt in debts)

"""What one liquidation would repay and seize, by the rules of the market and at its oracle prices.

Who takes over bands gets what is still collateral, and the coin that the rest was sold for.
"""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import liquidation, llamma
from sim.orders import add_leg
from sim.tables import BANDS, POOLED
from sim.transaction import LIQUIDATE
from sim.venues.band_standing import standing
from sim.venues.bands import loan_of
from sim.view import debt_index, holding, position_of, receipt_index

INTEREST_ON_THE_WAY = 1e-4  # of a debt, until the liquidation of all of it is executed


@formula
def owner_of(view, borrower):
    """The cohort that a borrower belongs to."""
    return view.cohorts.of_group[view.ledger.group[borrower]]


@kernel
def _claim_on_bands(view, victims, borrower, capital):
    """All of a loan if its own coin and ``capital`` pay for it, else as much as capital alone does."""
    coin, collateral, debt, risk = standing(
        view.ledger, view.venues, victims.market, borrower, view.now[0].seconds
    )
    if risk <= 1.0 or not coin + collateral > 0.0:
        return 0.0, 0.0, 0.0
    if debt * (1.0 + INTEREST_ON_THE_WAY) - coin <= capital:
        return debt * (1.0 + INTEREST_ON_THE_WAY), collateral, coin
    repaid = min(capital, debt)
    market = view.venues.banded[view.markets[victims.market].state]
    loan = view.venues.loans[loan_of(market, borrower)]
    part = llamma.part_removed(repaid / debt, loan.discount_fraction)
    return repaid, part * collateral, part * coin


@kernel
def claim(view, borrower, capital):
    """Debt repaid, collateral and coin received, in whole tokens, of the largest allowed liquidation.

    Nothing if the position is healthy; a negative repayment if ``capital`` tokens of the debt are too few
    for a part that the market accepts.
    """
    victims = view.cohorts.table[owner_of(view, borrower)]
    if view.markets[victims.market].kind == BANDS:
        return _claim_on_bands(view, victims, borrower, capital)
    debt_row = victims.debt_reserve
    collateral_row = victims.collateral_reserve
    debt_reserve = view.reserves[debt_row]
    collateral_reserve = view.reserves[collateral_row]
    debt_price = view.feeds[debt_reserve.feed].price_usd
    collateral_price = view.feeds[collateral_reserve.feed].price_usd
    debt = holding(view, debt_reserve.debt_token, borrower) * debt_index(view, debt_row)
    collateral = holding(view, collateral_reserve.receipt_token, borrower)
    collateral = collateral * receipt_index(view, collateral_row)
    collateral_usd = collateral * collateral_price
    _, weighted_usd, _, debt_usd = position_of(view, victims.market, borrower)
    health = liquidation.health_factor(weighted_usd, debt_usd)
    if health >= 1.0 or collateral_usd <= 0.0:
        return 0.0, 0.0, 0.0
    positions = victims.positions_per_row
    market = view.markets[victims.market]
    most_usd = debt * debt_price
    if market.kind == POOLED and market.rules == liquidation.V30:
        most_usd = liquidation.older_max_repay_usd(most_usd, health)
    elif market.kind == POOLED:
        most_usd = liquidation.max_repay_usd(most_usd, debt_usd, collateral_usd, health, positions)
    bonus = victims.bonus_fraction
    repaid_usd = min(most_usd, collateral_usd / (1.0 + bonus))
    if repaid_usd > capital * debt_price:
        repaid_usd = capital * debt_price
        left_usd = debt * debt_price - repaid_usd
        collateral_left_usd = collateral_usd - liquidation.seized_usd(repaid_usd, bonus)
        has_floor = market.kind == POOLED and market.rules == liquidation.V33
        if has_floor and liquidation.leaves_dust(left_usd, collateral_left_usd, positions):
            return -1.0, 0.0, 0.0
    seized = min(liquidation.seized_usd(repaid_usd, bonus) / collateral_price, collateral)
    fee = collateral_reserve.liquidation_fee_fraction
    own = seized - liquidation.protocol_share(seized, bonus, fee)
    return repaid_usd / debt_price, own, 0.0


@kernel
def add_liquidation(view, account, borrower, repaid, limit):
    """Append the leg that repays ``repaid`` of a borrower's debt for at least ``limit`` of its collateral."""
    victims = view.cohorts.table[owner_of(view, borrower)]
    debt_row = victims.debt_reserve
    cash_token = view.reserves[debt_row].token
    leg = add_leg(view.chains, 0, LIQUIDATE, account, debt_row, cash_token, repaid, limit)
    if leg >= 0:
        view.chains.mempool[0, leg].counterparty = borrower
        view.chains.mempool[0, leg].token_out = victims.collateral_reserve
    return leg

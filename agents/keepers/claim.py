"""What one liquidation would repay and seize, by the rules of the market and at its oracle prices."""

from __future__ import annotations

from sim.compile import formula, kernel
from sim.formulas import liquidation
from sim.orders import add_leg
from sim.tables import POOLED
from sim.transaction import LIQUIDATE
from sim.view import debt_index, holding, position_of, receipt_index


@formula
def owner_of(view, borrower):
    """The cohort that a borrower belongs to."""
    return view.cohorts.of_group[view.ledger.group[borrower]]


@kernel
def claim(view, borrower, capital):
    """Debt repaid and collateral received, in whole tokens, of the largest allowed liquidation.

    Nothing if the position is healthy; a negative repayment if ``capital`` tokens of the debt are too few
    for a part that the market accepts.
    """
    victims = view.cohorts.table[owner_of(view, borrower)]
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
        return 0.0, 0.0
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
            return -1.0, 0.0
    seized = min(liquidation.seized_usd(repaid_usd, bonus) / collateral_price, collateral)
    fee = collateral_reserve.liquidation_fee_fraction
    return repaid_usd / debt_price, seized - liquidation.protocol_share(seized, bonus, fee)


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

"""Liquidation by the rules of Aave v3.3, and bad debt: what is owed when no collateral is left."""

from __future__ import annotations

import math

from sim.formulas import liquidation as rules
from tests.reference.ledger import Account, Revert, transfer
from tests.reference.lending import Market, Reserve
from tests.reference.transaction import Leg, Receipt, Trigger

NOTHING_LEFT = 1e-9  # of the debt: collateral worth less than this is rounding


def liquidate(
    leg: Leg, sender: Account, positions: float, amount: float, now: float, receipt: Receipt
) -> None:
    """Repay up to ``amount`` of somebody's debt for his collateral and a bonus, at oracle prices."""
    lent: Reserve = leg.venue
    pledged: Reserve = leg.other
    borrower = leg.counterparty
    assert borrower is not None
    pledged.accrue(now)
    position = lent.market.position(borrower, now)
    receipt.health_before = position.health
    # Caused by the cascade if the borrower would be healthy at an oracle price without any impact in it.
    judged = pledged.feed
    healthy_anyway = position.health * math.exp(-judged.impact) >= 1.0
    leg.trigger = Trigger(
        int(judged.observed_slot), judged.price_usd, judged.impact, int(healthy_anyway)
    )
    if borrower is sender:
        raise Revert("own position")
    if position.health >= 1.0:
        raise Revert("not liquidatable")
    debt = lent.debt_of(borrower, now)
    collateral = pledged.collateral_of(borrower, now)
    if not collateral > 0.0:
        raise Revert("not used as collateral")
    if not debt > 0.0:
        raise Revert("nothing owed")
    if not amount > 0.0:
        raise Revert("bad amount")

    debt_usd = debt * lent.feed.price_usd
    collateral_usd = collateral * pledged.feed.price_usd
    most_usd = rules.max_repay_usd(
        debt_usd, position.debt_usd, collateral_usd, position.health, positions
    )
    repaid = min(amount, min(most_usd / lent.feed.price_usd, debt))
    seized_usd = rules.seized_usd(repaid * lent.feed.price_usd, pledged.bonus_fraction)
    takes_all = seized_usd >= collateral_usd
    if takes_all:
        seized = collateral
        repaid = min(collateral_usd / (1.0 + pledged.bonus_fraction) / lent.feed.price_usd, debt)
    else:
        seized = seized_usd / pledged.feed.price_usd
    repays_all = repaid >= debt
    if seized < leg.limit:
        raise Revert("slippage limit")
    debt_left_usd = 0.0 if repays_all else (debt - repaid) * lent.feed.price_usd
    collateral_left_usd = 0.0 if takes_all else (collateral - seized) * pledged.feed.price_usd
    if rules.leaves_dust(debt_left_usd, collateral_left_usd, positions):
        raise Revert("would leave dust")
    if seized > pledged.cash:
        raise Revert("no liquidity")

    debt_scaled = borrower.holding(lent.debt_token)
    if not repays_all:
        debt_scaled = min(repaid / lent.borrow_index, debt_scaled)
    receipts_scaled = borrower.holding(pledged.receipt_token)
    if not takes_all:
        receipts_scaled = min(seized / pledged.liquidity_index, receipts_scaled)
    transfer(lent.token, sender, lent.account, repaid, "liquidation", receipt.moves)
    lent.burn(lent.debt_token, borrower, debt_scaled, "liquidation", receipt.moves)
    pledged.burn(pledged.receipt_token, borrower, receipts_scaled, "liquidation", receipt.moves)
    transfer(pledged.token, pledged.account, sender, seized, "liquidation", receipt.moves)
    lent.cash += repaid
    pledged.cash -= seized
    is_bare = position.collateral_usd - collateral_usd <= NOTHING_LEFT * position.debt_usd
    if takes_all and is_bare:
        write_off(lent.market, borrower, now, receipt)
    lent.set_rates()
    pledged.set_rates()
    receipt.token = pledged.token
    receipt.amount_in = repaid
    receipt.amount_out = seized
    receipt.usd = repaid * lent.feed.price_usd
    receipt.oracle_price_usd = pledged.feed.price_usd


def write_off(market: Market, borrower: Account, now: float, receipt: Receipt) -> None:
    """Nothing is left to seize: what is still owed becomes the deficit of the reserves."""
    for reserve in market.reserves:
        scaled = borrower.holding(reserve.debt_token)
        if scaled > 0.0:
            reserve.accrue(now)
            reserve.burn(reserve.debt_token, borrower, scaled, "deficit", receipt.moves)
            lost = scaled * reserve.borrow_index
            reserve.deficit += lost
            reserve.set_rates()
            receipt.deficit_usd += lost * reserve.feed.price_usd

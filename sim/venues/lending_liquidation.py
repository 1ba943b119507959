"""Liquidation of a pooled position: the bonus is earned at the oracle price, whatever the market says.

The liquidator repays debt of one reserve (the transaction's ``row``) and receives collateral of another
(``token_out`` names it by reserve); of the bonus the protocol may keep a share. If no collateral is left,
what debt remains is burned into the reserves' deficit: that is the bad debt. Before v3.3 it stayed with
an account that nobody would ever pay for.
Source: aave-v3-origin, LiquidationLogic (v3.3 and later); core-v3, LiquidationLogic.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import kernel
from sim.formulas import liquidation
from sim.journal import has_room, remember
from sim.ledger import balance, transfer
from sim.venues.lending import RESERVE_WORDS, accrue, collateral_of, debt_of, position, set_rates
from sim.venues.lending_claims import LAST_BITS, burn_claim
from sim.venues.lending_standing import bonus_of, counts, set_counts, standing_of
from sim.venues.lending_verbs import whole_cents

# Collateral worth less than this share of the debt repaid is rounding, not collateral.
NOTHING_LEFT = 1e-9


@kernel
def note_trigger(tx, feed, health, receipt):
    """Caused by the cascade if the borrower would be healthy at the oracle price without any impact in it."""
    receipt.health_before = health
    tx.trigger_slot = int(feed.observed_slot)
    tx.trigger_price_usd = feed.price_usd
    tx.trigger_impact = feed.impact
    tx.is_endogenous = 1 if health * math.exp(-feed.impact) >= 1.0 else 0


@kernel
def write_off(ledger, markets, reserves, row, borrower, now_seconds, receipt, feeds):
    """Burn every debt of an account without collateral into the deficit of its reserve."""
    first = markets[row].first_reserve
    for k in range(first, first + markets[row].n_reserves):
        reserve = reserves[k]
        scaled = balance(ledger, reserve.debt_token, borrower)
        if scaled > 0.0:
            if not has_room(ledger.journal, RESERVE_WORDS, 0):
                return status.JOURNAL_FULL
            remember(ledger.journal, ledger.memory, reserve.address, RESERVE_WORDS)
            accrue(reserve, now_seconds)
            code = burn_claim(ledger, reserve, reserve.debt_token, borrower, scaled, causes.DEFICIT)
            if code != status.OK:
                return code
            lost = scaled * reserve.borrow_index
            reserve.deficit = reserve.deficit + lost
            set_rates(reserve)
            receipt.deficit = receipt.deficit + lost * feeds[reserve.feed].price_usd
    return status.OK


@kernel
def settle(
    ledger, debt_reserve, collateral_reserve, tx, repaid, seized, debt_scaled, receipt_scaled
):
    """Move the repayment in and the collateral out, and burn what they were claims on."""
    borrower = tx.counterparty
    cause = causes.LIQUIDATION
    code = transfer(ledger, debt_reserve.token, tx.sender, debt_reserve.account, repaid, cause)
    if code != status.OK:
        return code
    code = burn_claim(ledger, debt_reserve, debt_reserve.debt_token, borrower, debt_scaled, cause)
    if code != status.OK:
        return code
    code = burn_claim(
        ledger,
        collateral_reserve,
        collateral_reserve.receipt_token,
        borrower,
        receipt_scaled,
        cause,
    )
    if code != status.OK:
        return code
    code = transfer(
        ledger, collateral_reserve.token, collateral_reserve.account, tx.sender, seized, cause
    )
    if code != status.OK:
        return code
    debt_reserve.cash = debt_reserve.cash + repaid
    collateral_reserve.cash = collateral_reserve.cash - seized
    return status.OK


@kernel
def liquidate(ledger, markets, emodes, reserves, feeds, tx, amount, now_seconds, receipt):
    """Repay up to ``amount`` of the borrower's debt for collateral and bonus, at least ``limit``."""
    borrower = tx.counterparty
    debt_reserve = reserves[tx.row]
    collateral_row = tx.token_out
    collateral_reserve = reserves[collateral_row]
    market = markets[debt_reserve.market]
    place = collateral_row - market.first_reserve
    remember(ledger.journal, ledger.memory, collateral_reserve.address, RESERVE_WORDS)
    accrue(collateral_reserve, now_seconds)

    total_collateral_usd, weighted_usd, _, total_debt_usd = position(
        ledger, markets, emodes, reserves, feeds, debt_reserve.market, borrower, now_seconds
    )
    health = liquidation.health_factor(weighted_usd, total_debt_usd)
    note_trigger(tx, feeds[collateral_reserve.feed], health, receipt)
    is_older = market.rules == liquidation.V30
    if borrower == tx.sender and not is_older:
        return status.SELF_LIQUIDATION
    if health >= 1.0:
        return status.NOT_LIQUIDATABLE
    debt_price_usd = feeds[debt_reserve.feed].price_usd
    collateral_price_usd = feeds[collateral_reserve.feed].price_usd
    debt = debt_of(ledger, debt_reserve, borrower, now_seconds)
    collateral = collateral_of(ledger, collateral_reserve, borrower, now_seconds)
    if not (collateral > 0.0 and counts(standing_of(ledger, market, borrower), place)):
        return status.NOT_COLLATERAL
    if not debt > 0.0:
        return status.NOTHING_OWED
    if not amount > 0.0:
        return status.BAD_AMOUNT

    debt_usd = debt * debt_price_usd
    collateral_usd = collateral * collateral_price_usd
    if is_older:
        most_usd = liquidation.older_max_repay_usd(debt_usd, health)
    else:
        most_usd = liquidation.max_repay_usd(
            debt_usd, total_debt_usd, collateral_usd, health, tx.positions
        )
    bonus = bonus_of(ledger, markets, emodes, collateral_reserve, place, borrower)
    most = debt if most_usd >= debt_usd else min(most_usd / debt_price_usd, debt)
    repaid = min(amount, most)
    seized_usd = liquidation.seized_usd(repaid * debt_price_usd, bonus)
    takes_all = seized_usd >= collateral_usd
    if takes_all:
        seized = collateral
        repaid = collateral_usd / (1.0 + bonus) / debt_price_usd
        repaid = min(repaid, debt)
    else:
        seized = seized_usd / collateral_price_usd
    kept = liquidation.protocol_share(seized, bonus, collateral_reserve.liquidation_fee_fraction)
    received = seized - kept
    if received < tx.limit:
        return status.SLIPPAGE
    repays_all = repaid >= debt * (1.0 - LAST_BITS)
    debt_left_usd = 0.0 if repays_all else (debt - repaid) * debt_price_usd
    collateral_left_usd = 0.0 if takes_all else (collateral - seized) * collateral_price_usd
    if not is_older and liquidation.leaves_dust(debt_left_usd, collateral_left_usd, tx.positions):
        return status.WOULD_LEAVE_DUST
    cash = collateral_reserve.cash
    if collateral_row == tx.row and not is_older:
        cash += repaid
    if received > cash:
        return status.NO_LIQUIDITY
    if (
        received > collateral_reserve.cash
    ):  # the books know of the repayment, but the collateral goes first
        return status.INSUFFICIENT_BALANCE

    owed_scaled = balance(ledger, debt_reserve.debt_token, borrower)
    held_scaled = balance(ledger, collateral_reserve.receipt_token, borrower)
    debt_scaled = owed_scaled
    if not repays_all:
        debt_scaled = min(repaid / debt_reserve.borrow_index, owed_scaled)
    receipt_scaled = held_scaled
    if not takes_all:
        receipt_scaled = min(seized / collateral_reserve.liquidity_index, held_scaled)
    code = settle(
        ledger, debt_reserve, collateral_reserve, tx, repaid, received, debt_scaled, receipt_scaled
    )
    if code != status.OK:
        return code
    if kept > 0.0:
        fee_scaled = kept / collateral_reserve.liquidity_index
        collateral_reserve.treasury_scaled = collateral_reserve.treasury_scaled + fee_scaled
        collateral_reserve.treasury_receipts = collateral_reserve.treasury_receipts + fee_scaled
    # The older rules have forgotten the isolation of an account whose collateral is gone.
    if collateral_reserve.debt_ceiling > 0.0 and not (is_older and takes_all):
        backed = collateral_reserve.isolated_debt - whole_cents(repaid)
        collateral_reserve.isolated_debt = max(backed, 0.0)
    if takes_all:
        code = set_counts(ledger, market, borrower, place, False)
        if code != status.OK:
            return code
    receipt.deficit = 0.0
    is_bare = total_collateral_usd - collateral_usd <= NOTHING_LEFT * total_debt_usd
    if takes_all and is_bare and not is_older:
        code = write_off(
            ledger, markets, reserves, debt_reserve.market, borrower, now_seconds, receipt, feeds
        )
        if code != status.OK:
            return code
    if is_older and collateral_row == tx.row:  # their rates are written before the repayment is in
        cash = debt_reserve.cash
        debt_reserve.cash = cash - repaid
        set_rates(debt_reserve)
        debt_reserve.cash = cash
    else:
        set_rates(debt_reserve)
        set_rates(collateral_reserve)
    receipt.token = collateral_reserve.token
    receipt.amount_in = repaid
    receipt.amount_out = received
    receipt.usd = repaid * debt_price_usd
    receipt.oracle_price_usd = collateral_price_usd
    return status.OK

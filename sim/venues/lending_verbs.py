"""What one transaction does to a lending market: supply, withdraw, borrow, repay.

Checks come first, in the order of the contract, and writes last; whatever fails is walked back by the
journal. An infinite amount means all that the account has, or owes.
Source: aave-v3-origin, SupplyLogic, BorrowLogic and ValidationLogic; Morpho Blue, Morpho.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import kernel
from sim.formulas.liquidation import V30, health_factor, whole_bps
from sim.ledger import balance, transfer
from sim.tables import ISOLATED
from sim.venues.lending import most_asked_for, position, set_rates
from sim.venues.lending_claims import LAST_BITS, burn_claim, mint_claim
from sim.venues.lending_standing import (
    category_of,
    counts,
    has_bit,
    isolated_by,
    loan_to_value,
    may_count,
    set_counts,
    standing_of,
)

# What an account asks for may exceed what it has by so much: rounding, where a contract counts units.
ROUNDING = 1e-12


@kernel
def supply(ledger, markets, emodes, reserves, row, tx, amount, receipt):
    """Deposit underlying for receipts; the first of an asset count as collateral if they may."""
    reserve = reserves[row]
    market = markets[reserve.market]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    held = (reserve.scaled_supply + reserve.treasury_scaled) * reserve.liquidity_index
    if held + amount > reserve.supply_cap:
        return status.CAP_EXCEEDED
    code = transfer(ledger, reserve.token, tx.sender, reserve.account, amount, causes.SUPPLY)
    if code != status.OK:
        return code
    is_first = balance(ledger, reserve.receipt_token, tx.sender) == 0.0
    scaled = amount / reserve.liquidity_index
    code = mint_claim(ledger, reserve, reserve.receipt_token, tx.sender, scaled, causes.SUPPLY)
    if code != status.OK:
        return code
    if is_first and market.standing_token >= 0 and reserve.debt_ceiling == 0.0:
        standing = standing_of(ledger, market, tx.sender)
        if may_count(market, emodes, reserves, row, standing):
            code = set_counts(ledger, market, tx.sender, row - market.first_reserve, True)
            if code != status.OK:
                return code
    reserve.cash = reserve.cash + amount
    set_rates(reserve)
    receipt.amount_in = amount
    receipt.amount_out = scaled
    return status.OK


@kernel
def check_health(ledger, markets, emodes, reserves, feeds, row, account, now_seconds):
    """Whether an account may give up collateral of a reserve: it stays healthy, and worthless goes first."""
    reserve = reserves[row]
    market = markets[reserve.market]
    _, weighted_usd, _, debt_usd = position(
        ledger, markets, emodes, reserves, feeds, reserve.market, account, now_seconds
    )
    if health_factor(weighted_usd, debt_usd) < 1.0:
        return status.HEALTH_TOO_LOW
    standing = standing_of(ledger, market, account)
    if standing < 0 or debt_usd <= 0.0:
        return status.OK
    category = category_of(standing)
    for place in range(market.n_reserves):
        other = reserves[market.first_reserve + place]
        is_held = counts(standing, place) and balance(ledger, other.receipt_token, account) > 0.0
        if is_held and loan_to_value(emodes, market, other, place, category) == 0.0:
            mine = loan_to_value(emodes, market, reserve, row - market.first_reserve, category)
            if mine != 0.0:
                return status.LTV_ZERO
    return status.OK


@kernel
def is_nobody_else(reserve, held):
    """Whether who holds so many receipts holds all of them, and nobody owes anything."""
    is_all_of_it = held >= reserve.scaled_supply and reserve.scaled_supply_rest <= 0.0
    return is_all_of_it and reserve.scaled_debt == 0.0 and reserve.treasury_scaled == 0.0


@kernel
def withdraw(ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds, receipt):
    """Redeem receipts for underlying, at most what the reserve holds in cash."""
    reserve = reserves[row]
    market = markets[reserve.market]
    held = balance(ledger, reserve.receipt_token, tx.sender)
    claim = held * reserve.liquidity_index
    # An account reads its claim in whole base units, and asks for what it has read.
    rounding = ROUNDING * claim + 0.5 * reserve.unit
    paid = min(amount, claim)
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if amount != math.inf and amount > claim + rounding:
        return status.INSUFFICIENT_BALANCE
    if not paid > 0.0:
        return status.BAD_AMOUNT
    if paid > reserve.cash * (1.0 + ROUNDING):
        return status.NO_LIQUIDITY
    paid = min(paid, reserve.cash)
    is_all = amount >= claim - rounding
    if is_all and is_nobody_else(reserve, held) and reserve.cash - paid <= LAST_BITS * paid:
        paid = reserve.cash
    scaled = held if is_all else min(amount / reserve.liquidity_index, held)
    code = burn_claim(ledger, reserve, reserve.receipt_token, tx.sender, scaled, causes.WITHDRAW)
    if code != status.OK:
        return code
    code = transfer(ledger, reserve.token, reserve.account, tx.sender, paid, causes.WITHDRAW)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash - paid
    set_rates(reserve)
    place = row - market.first_reserve
    is_lent = reserve.kind == ISOLATED and reserve.threshold_fraction == 0.0  # and no collateral
    if not is_lent and counts(standing_of(ledger, market, tx.sender), place):
        if is_all:
            code = set_counts(ledger, market, tx.sender, place, False)
            if code != status.OK:
                return code
        code = check_health(ledger, markets, emodes, reserves, feeds, row, tx.sender, now_seconds)
        if code != status.OK:
            return code
    receipt.amount_in = scaled
    receipt.amount_out = paid
    return status.OK


@kernel
def may_lend(ledger, markets, emodes, reserves, row, account, amount):
    """Whether a pooled reserve lends so much to this account, collateral apart."""
    reserve = reserves[row]
    market = markets[reserve.market]
    standing = standing_of(ledger, market, account)
    category = category_of(standing)
    is_in_mode = category == 0
    if category > 0:
        bits = emodes[market.state + category - 1].borrowable_bits
        is_in_mode = has_bit(bits, row - market.first_reserve)
    # The older pool looks at the e-mode after all else that is asked here, and into its cash last of all.
    is_older = market.rules == V30
    if not is_in_mode and not is_older:
        return status.NOT_BORROWABLE
    if reserve.is_borrowable == 0 and (is_older or category == 0):
        return status.NOT_BORROWABLE
    if not is_older and amount > most_asked_for(reserve) * (1.0 + ROUNDING):
        return status.BAD_AMOUNT
    if reserve.scaled_debt * reserve.borrow_index + amount > reserve.borrow_cap:
        return status.CAP_EXCEEDED
    pledged = isolated_by(market, reserves, standing)
    if pledged >= 0:
        if reserve.is_isolated_loan == 0:
            return status.NOT_IN_ISOLATION
        ceiling = reserves[pledged].debt_ceiling
        if reserves[pledged].isolated_debt + whole_cents(amount) > ceiling:
            return status.CEILING_EXCEEDED
    if not is_in_mode:
        return status.NOT_BORROWABLE
    if not is_older and amount > reserve.cash:
        return status.NO_LIQUIDITY
    return status.OK


@kernel
def whole_cents(amount):
    """A loan as a debt ceiling counts it: two decimals, rounded down, a token for a dollar."""
    return math.floor(amount * 100.0 * (1.0 + ROUNDING)) / 100.0


@kernel
def count_isolated(ledger, markets, reserves, market_row, account, change):
    """Add a loan to what an isolated collateral of the account backs, or take it off."""
    market = markets[market_row]
    pledged = isolated_by(market, reserves, standing_of(ledger, market, account))
    if pledged >= 0:
        debt = reserves[pledged].isolated_debt + math.copysign(whole_cents(abs(change)), change)
        reserves[pledged].isolated_debt = max(debt, 0.0)


@kernel
def covers(ledger, markets, emodes, reserves, feeds, row, account, now_seconds):
    """Whether collateral covers all debt of an account, at its loan-to-value."""
    reserve = reserves[row]
    collateral_usd, weighted_usd, borrowable_usd, debt_usd = position(
        ledger, markets, emodes, reserves, feeds, reserve.market, account, now_seconds
    )
    if reserve.kind == ISOLATED:
        is_healthy = health_factor(weighted_usd, debt_usd) >= 1.0
        return status.OK if is_healthy else status.HEALTH_TOO_LOW
    mean_ltv = whole_bps(borrowable_usd / collateral_usd) if collateral_usd > 0.0 else 0.0
    if mean_ltv == 0.0:
        return status.LTV_ZERO
    if health_factor(weighted_usd, debt_usd) < 1.0:
        return status.HEALTH_TOO_LOW
    if debt_usd > collateral_usd * mean_ltv * (1.0 + ROUNDING):
        return status.LTV_EXCEEDED
    return status.OK


@kernel
def borrow(ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds, receipt):
    """Take ``amount`` of underlying against collateral, up to its loan-to-value."""
    reserve = reserves[row]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if reserve.kind != ISOLATED:
        code = may_lend(ledger, markets, emodes, reserves, row, tx.sender, amount)
        if code != status.OK:
            return code
        count_isolated(ledger, markets, reserves, reserve.market, tx.sender, amount)
    scaled = amount / reserve.borrow_index
    code = mint_claim(ledger, reserve, reserve.debt_token, tx.sender, scaled, causes.BORROW)
    if code != status.OK:
        return code
    code = covers(ledger, markets, emodes, reserves, feeds, row, tx.sender, now_seconds)
    if code != status.OK:
        return code
    if amount > reserve.cash:
        return status.NO_LIQUIDITY
    code = transfer(ledger, reserve.token, reserve.account, tx.sender, amount, causes.BORROW)
    if code != status.OK:
        return code
    reserve.cash = reserve.cash - amount
    set_rates(reserve)
    receipt.amount_in = scaled
    receipt.amount_out = amount
    return status.OK


@kernel
def repay(ledger, markets, reserves, row, tx, amount, receipt):
    """Pay back up to ``amount``; never more than is owed."""
    reserve = reserves[row]
    if not amount > 0.0:
        return status.BAD_AMOUNT
    owed_scaled = balance(ledger, reserve.debt_token, tx.sender)
    owed = owed_scaled * reserve.borrow_index
    is_all = amount >= owed * (1.0 - LAST_BITS)
    scaled = owed_scaled if is_all else min(amount / reserve.borrow_index, owed_scaled)
    paid = min(amount, owed)
    if not paid > 0.0:
        return status.NOTHING_OWED
    code = transfer(ledger, reserve.token, tx.sender, reserve.account, paid, causes.REPAY)
    if code != status.OK:
        return code
    code = burn_claim(ledger, reserve, reserve.debt_token, tx.sender, scaled, causes.REPAY)
    if code != status.OK:
        return code
    if reserve.kind != ISOLATED:
        count_isolated(ledger, markets, reserves, reserve.market, tx.sender, -paid)
    reserve.cash = reserve.cash + paid
    set_rates(reserve)
    receipt.amount_in = paid
    receipt.amount_out = scaled
    return status.OK

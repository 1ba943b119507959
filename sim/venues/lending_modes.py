"""What an account says about itself to a pooled market: which receipts count, and its e-mode.

Source: aave-v3-origin, SupplyLogic (executeUseReserveAsCollateral, executeSetUserEMode), ValidationLogic.
"""

from __future__ import annotations

from sim import status
from sim.compile import kernel
from sim.formulas.liquidation import V30, health_factor
from sim.ledger import balance
from sim.venues.lending import position
from sim.venues.lending_standing import (
    category_of,
    counts,
    has_bit,
    loan_to_value,
    may_count,
    set_counts,
    standing_of,
    write_standing,
)
from sim.venues.lending_verbs import check_health


@kernel
def use_collateral(ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds):
    """Let receipts of a reserve count (``amount`` above 0) or count no longer."""
    market = markets[reserves[row].market]
    place = row - market.first_reserve
    standing = standing_of(ledger, market, tx.sender)
    is_wanted = amount > 0.0
    holds = balance(ledger, reserves[row].receipt_token, tx.sender) > 0.0
    if market.rules == V30 and not holds:
        return status.INSUFFICIENT_BALANCE
    if standing < 0 or counts(standing, place) == is_wanted:
        return status.OK
    if is_wanted:
        if not holds:
            return status.INSUFFICIENT_BALANCE
        if not may_count(market, emodes, reserves, row, standing):
            return status.NOT_COLLATERAL
        return set_counts(ledger, market, tx.sender, place, True)
    code = set_counts(ledger, market, tx.sender, place, False)
    if code != status.OK:
        return code
    return check_health(ledger, markets, emodes, reserves, feeds, row, tx.sender, now_seconds)


@kernel
def set_emode(ledger, markets, emodes, reserves, feeds, row, tx, amount, now_seconds):
    """Enter the e-mode of this number, or leave all of them (0)."""
    market_row = reserves[row].market
    market = markets[market_row]
    category = int(amount)
    if market.standing_token < 0 or not 0 <= category <= market.n_emodes:
        return status.NO_SUCH_MODE
    standing = standing_of(ledger, market, tx.sender)
    is_older = market.rules == V30
    if category == category_of(standing) and (category == 0 or not is_older):
        return status.OK
    for place in range(market.n_reserves):
        reserve = reserves[market.first_reserve + place]
        if balance(ledger, reserve.debt_token, tx.sender) > 0.0:
            if category == 0 and reserve.is_borrowable == 0:
                return status.DEBT_NOT_IN_MODE
            if category > 0:
                bits = emodes[market.state + category - 1].borrowable_bits
                if not has_bit(bits, place):
                    return status.DEBT_NOT_IN_MODE
        if counts(standing, place):
            if loan_to_value(emodes, market, reserve, place, category) == 0.0:
                return status.COLLATERAL_NOT_IN_MODE
    change = category - category_of(standing)
    code = write_standing(ledger, market, tx.sender, standing + change)
    if code != status.OK:
        return code
    _, weighted_usd, _, debt_usd = position(
        ledger, markets, emodes, reserves, feeds, market_row, tx.sender, now_seconds
    )
    if is_older and category_of(standing) == 0:
        return status.OK  # only who leaves a category has to be healthy afterwards
    if health_factor(weighted_usd, debt_usd) < 1.0:
        return status.HEALTH_TOO_LOW
    return status.OK

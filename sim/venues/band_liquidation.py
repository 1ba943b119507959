"""A loan in bands that is taken over for its debt, because its bands would no longer bring it.

Source: contract Controller of curve-stablecoin (liquidate_extended).
"""

from __future__ import annotations

from sim import causes, status
from sim.compile import kernel
from sim.formulas import llamma
from sim.ledger import balance
from sim.venues.band_books import pay_out, retire
from sim.venues.band_terms import health
from sim.venues.bands import withdraw


@kernel
def liquidate(ledger, venues, m, row, tx, amount, price, receipt):
    """Take over a loan's bands for up to ``amount`` of its debt; ``limit``: the least collateral.

    The coin in them pays first, the liquidator the rest. Who liquidates himself needs no bad health.
    """
    market = venues.banded[m]
    reserve = venues.reserves[market.debt_reserve]
    pool = venues.pools[market.pool]
    loan = venues.loans[row]
    owed_scaled = balance(ledger, reserve.debt_token, tx.counterparty)
    owed = owed_scaled * reserve.borrow_index
    if not owed > 0.0:
        return status.NO_LOAN
    discount = 0.0 if tx.counterparty == tx.sender else loan.discount_fraction
    found = health(venues, m, row, owed, price, reserve.borrow_index, discount, True)
    receipt.health_before = 1.0 + found
    if discount > 0.0 and found >= 0.0:
        return status.NOT_LIQUIDATABLE
    if not amount > 0.0:
        return status.BAD_AMOUNT
    fraction = min(amount / owed, 1.0)
    debt = owed * fraction
    scaled = owed_scaled if fraction >= 1.0 else owed_scaled * fraction
    part = llamma.part_removed(fraction, discount)
    code, coin, collateral = withdraw(ledger, venues, m, row, part)
    if code != status.OK:
        return code
    coin = min(coin, pool.reserve1)
    collateral = min(collateral, pool.reserve0)
    if collateral < tx.limit:
        return status.SLIPPAGE
    code = pay_out(ledger, pool, tx.sender, coin, collateral, causes.LIQUIDATION)
    if code != status.OK:
        return code
    code = retire(ledger, reserve, tx.sender, tx.counterparty, debt, scaled, causes.LIQUIDATION)
    receipt.amount_in = max(debt - coin, 0.0)
    receipt.amount_out = collateral
    receipt.usd = debt * venues.feeds[reserve.feed].price_usd
    return code

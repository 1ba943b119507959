"""The outside exchange: where keepers and arbitrageurs trade, and where the market price is made.

One row an asset. Its price is the fundamental price moved by the impact of every net sale so far.
Nobody mints there: the outside world pays from a declared finite inventory, and each row keeps a book
of its own token for the audit. Proceeds go to the trader's custody account until they settle.
"""

from __future__ import annotations

import math

from sim import causes, status
from sim.compile import formula, kernel
from sim.formulas import outside
from sim.journal import has_room, remember
from sim.ledger import transfer
from sim.records import n_words, record

EXCHANGE = record(
    "fundamental_price_usd market_price_usd permanent_impact transient_impact depth_usd "
    "volatility_per_year depth_multiple permanent_fraction half_life_seconds inventory sold_usd bought_usd",
    "token account has_impact",
)
EXCHANGE_WORDS = n_words(EXCHANGE)


@formula
def reprice(exchange):
    """Market price: fundamental times the exponential of the impact."""
    impact = exchange.permanent_impact + exchange.transient_impact
    exchange.market_price_usd = exchange.fundamental_price_usd * math.exp(impact)


@formula
def impact_of(exchange):
    """Log of market over fundamental price: what all trades so far have left in it."""
    return exchange.permanent_impact + exchange.transient_impact


@formula
def depth_usd(exchange):
    """USD that moves the log price by one; infinite where the outside exchange is a recorded path."""
    if exchange.has_impact == 0:
        return math.inf
    return outside.effective_depth_usd(
        exchange.depth_usd, exchange.permanent_fraction, exchange.depth_multiple
    )


@formula
def sale_usd(exchange, amount):
    """USD that selling ``amount`` would bring now."""
    if exchange.has_impact == 0:
        return amount * exchange.market_price_usd
    return outside.sale_proceeds_usd(amount, exchange.market_price_usd, depth_usd(exchange))


@formula
def purchase_usd(exchange, amount):
    """USD that buying ``amount`` would cost now."""
    if exchange.has_impact == 0:
        return amount * exchange.market_price_usd
    return outside.purchase_cost_usd(amount, exchange.market_price_usd, depth_usd(exchange))


@kernel
def _move(exchange, signed_usd):
    """Book a net purchase (+) or sale (-) of that many USD into the price."""
    if signed_usd < 0.0:
        exchange.sold_usd = exchange.sold_usd - signed_usd
    else:
        exchange.bought_usd = exchange.bought_usd + signed_usd
    if exchange.has_impact == 0:
        return 0.0
    push = signed_usd / exchange.depth_usd
    permanent = push * exchange.permanent_fraction
    transient = push * (1.0 - exchange.permanent_fraction) / exchange.depth_multiple
    exchange.permanent_impact = exchange.permanent_impact + permanent
    exchange.transient_impact = exchange.transient_impact + transient
    reprice(exchange)
    return permanent + transient


@kernel
def trade(ledger, exchanges, asset_in, asset_out, tx, amount, custody, receipt):
    """Sell ``amount`` of one asset for another at the average along its own move.

    One of the two is the cash asset, whose own price does not move with the trade. With a non-negative
    ``custody`` account the proceeds wait there.
    """
    if not amount > 0.0:
        return status.BAD_AMOUNT
    if not has_room(ledger.journal, 2 * EXCHANGE_WORDS, 0):
        return status.JOURNAL_FULL
    sold = exchanges[asset_in]
    bought = exchanges[asset_out]
    remember(ledger.journal, ledger.memory, sold.address, EXCHANGE_WORDS)
    remember(ledger.journal, ledger.memory, bought.address, EXCHANGE_WORDS)
    receipt.market_price_usd = sold.market_price_usd
    value_usd = sale_usd(sold, amount)
    if bought.has_impact == 0:
        received = value_usd / bought.market_price_usd
    else:
        received = outside.purchase_amount(value_usd, bought.market_price_usd, depth_usd(bought))
    if received < tx.limit:
        return status.SLIPPAGE
    receiver = tx.sender if custody < 0 else custody
    code = transfer(ledger, sold.token, tx.sender, sold.account, amount, causes.OUTSIDE_TRADE)
    if code != status.OK:
        return code
    code = transfer(ledger, bought.token, bought.account, receiver, received, causes.OUTSIDE_TRADE)
    if code != status.OK:
        return code
    sold.inventory = sold.inventory + amount
    bought.inventory = bought.inventory - received
    receipt.impact = _move(sold, -value_usd)
    if bought.has_impact != 0:
        receipt.impact = _move(bought, value_usd)
    receipt.token = sold.token
    receipt.venue = sold.account
    receipt.amount_in = amount
    receipt.amount_out = received
    receipt.usd = value_usd
    return status.OK

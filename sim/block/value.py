"""Value: what one token of each kind is worth, at the outside market and as protocols believe.

A claim is worth what stands behind it: a pool share its part of both reserves, a receipt its underlying
less its part of the reserve's deficit (owed to lenders, paid by nobody), a debt its amount, against its
holder. So the wealth of anybody is one sum: balance times value over all tokens he may hold; losses
travel through these numbers from a borrower to the lender who never met him.
"""

from __future__ import annotations

from sim.compile import kernel
from sim.tables import LP_TOKEN, POSITION_TOKEN, UNDERLYING
from sim.venues import any_pool
from sim.venues.lending import borrow_index_now, liquidity_index_now, paid_fraction
from sim.venues.share_vault import clear, value_shares


@kernel
def protocol_price_usd(venues, asset):
    """The price of the first feed of an asset; where there is none, protocols too look at the market."""
    for feed in range(venues.feeds.shape[0]):
        if venues.feeds[feed].asset == asset:
            return venues.feeds[feed].price_usd
    return venues.exchanges[asset].market_price_usd


@kernel
def _value_share(tokens, venues, number):
    """A claim on a pool: its part of every token there."""
    share = tokens[number]
    share.value_usd = 0.0
    share.protocol_value_usd = 0.0
    supply = any_pool.supply(tokens, venues, number)
    if supply > 0.0:
        p = any_pool.pool_of_claim(tokens, venues, number)
        for k in range(any_pool.n_coins(venues, p)):
            part = any_pool.behind(tokens, venues, number, k) / supply
            coin = tokens[any_pool.token_of(venues, p, k)]
            share.value_usd = share.value_usd + part * coin.value_usd
            share.protocol_value_usd = share.protocol_value_usd + part * coin.protocol_value_usd


@kernel
def _value_reserve(world, r):
    """A receipt and a debt of a reserve, at the market and at the feed of that reserve."""
    venues = world.venues
    seconds = world.clock.now[0].seconds
    reserve = venues.reserves[r]
    market_usd = venues.exchanges[reserve.asset].market_price_usd
    oracle_usd = venues.feeds[reserve.feed].price_usd
    claim = liquidity_index_now(reserve, seconds) * paid_fraction(reserve, seconds)
    receipt = world.tokens[reserve.receipt_token]
    receipt.value_usd = claim * market_usd
    receipt.protocol_value_usd = claim * oracle_usd
    owed = borrow_index_now(reserve, seconds)
    debt = world.tokens[reserve.debt_token]
    debt.value_usd = -owed * market_usd
    debt.protocol_value_usd = -owed * oracle_usd


@kernel
def _quote_shares(world):
    """Shares of vaults and pools that can be pledged have no market: their price is their value, and so of
    receipts for them.

    Where no share is left the last price stands.
    """
    tokens, venues = world.tokens, world.venues
    for asset in range(venues.exchanges.shape[0]):
        exchange = venues.exchanges[asset]
        if tokens[exchange.token].kind != UNDERLYING:
            if tokens[exchange.token].value_usd > 0.0:
                exchange.fundamental_price_usd = tokens[exchange.token].value_usd
            exchange.market_price_usd = exchange.fundamental_price_usd
    for r in range(venues.reserves.shape[0]):
        if tokens[venues.reserves[r].token].kind != UNDERLYING:
            _value_reserve(world, r)


@kernel
def value(world):
    """Write both values of every token; receipts and debts at the feed of their own reserve."""
    tokens = world.tokens
    venues = world.venues
    seconds = world.clock.now[0].seconds
    for asset in range(venues.exchanges.shape[0]):
        token = tokens[venues.exchanges[asset].token]
        token.value_usd = venues.exchanges[asset].market_price_usd
        token.protocol_value_usd = protocol_price_usd(venues, asset)
    for number in range(tokens.shape[0]):
        if tokens[number].kind == LP_TOKEN or tokens[number].kind == POSITION_TOKEN:
            _value_share(tokens, venues, number)
    for r in range(venues.reserves.shape[0]):
        _value_reserve(world, r)
    if venues.share_vaults.shape[0] > 0:
        clear(world.ledger, venues.share_vaults, venues.places, venues.reserves, seconds)
        value_shares(world.ledger, tokens, venues.share_vaults, venues.places, venues.reserves)
    _quote_shares(world)

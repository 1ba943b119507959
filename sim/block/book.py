"""Book: a transaction stands. Who paid whom is added up in USD at fundamental prices, and the journal closes.

A claim is worth what stands behind it: a scaled receipt or debt its index, a pool share its part of both
reserves, a vault share what the vault's books say. Minting a receipt is a payment by its issuer to the
holder, minting a debt one by the holder. What is burned of a gas fee counts as paid to the block builder,
coin that is issued as paid by its market.
Interest accrues in indices: it is no transfer and stands in no table here.
"""

from __future__ import annotations

from sim import causes
from sim.compile import formula, kernel
from sim.ledger import NOBODY, commit
from sim.tables import (
    DEBT_TOKEN,
    LP_TOKEN,
    POSITION_TOKEN,
    SHARE_TOKEN,
    STANDING_TOKEN,
    UNDERLYING,
)
from sim.venues import any_pool

BUILDERS = 1  # number of their account group


@kernel
def _share_usd(world, token):
    """What one claim on a pool is worth: its part of all that stands behind such claims."""
    venues = world.venues
    supply = any_pool.supply(world.tokens, venues, token)
    if supply <= 0.0:
        return 0.0
    p = any_pool.pool_of_claim(world.tokens, venues, token)
    value_usd = 0.0
    for k in range(any_pool.n_coins(venues, p)):
        amount = any_pool.behind(world.tokens, venues, token, k)
        price_usd = venues.exchanges[any_pool.asset_of(venues, p, k)].fundamental_price_usd
        value_usd += amount * price_usd
    return value_usd / supply


@kernel
def unit_value_usd(world, token):
    """What one token is worth at the fundamental prices of now, at the indices last written."""
    row = world.tokens[token].venue_row
    kind = world.tokens[token].kind
    exchanges = world.venues.exchanges
    if kind == UNDERLYING:
        return exchanges[world.tokens[token].asset].fundamental_price_usd
    if kind == LP_TOKEN or kind == POSITION_TOKEN:
        return _share_usd(world, token)
    if kind == SHARE_TOKEN:
        vault = world.venues.share_vaults[row]
        if vault.supply <= 0.0:
            return 0.0
        price_usd = exchanges[vault.asset].fundamental_price_usd
        return vault.total_assets / vault.supply * price_usd
    if kind == STANDING_TOKEN:
        return 0.0
    reserve = world.venues.reserves[row]
    index = reserve.borrow_index if kind == DEBT_TOKEN else reserve.liquidity_index
    return index * exchanges[reserve.asset].fundamental_price_usd


@formula
def _other_side(world, token, cause):
    """Group of whoever is on the other side of a mint or a burn."""
    if cause == causes.GAS:
        return BUILDERS
    return world.ledger.group[world.tokens[token].issuer]


@kernel
def pay(world, token, payer, receiver, amount, cause):
    """Add one transfer to what its payer's group has paid its receiver's, and to what the inside holds."""
    groups = world.ledger.group
    giver = _other_side(world, token, cause) if payer == NOBODY else groups[payer]
    taker = _other_side(world, token, cause) if receiver == NOBODY else groups[receiver]
    value_usd = amount * unit_value_usd(world, token)
    kind = world.tokens[token].kind
    if kind == DEBT_TOKEN:  # whoever holds a debt owes it
        world.log.paid_usd[cause, taker, giver] += value_usd
    else:
        world.log.paid_usd[cause, giver, taker] += value_usd
    if kind == UNDERLYING:
        net = world.log.is_inside[taker] - world.log.is_inside[giver]
        wealth = world.log.wealth[world.tokens[token].asset]
        wealth.inside = wealth.inside + net * amount


@kernel
def book(world):
    """Fold the transfers of the transaction into the tables, and empty the journal."""
    journal = world.ledger.journal
    for k in range(journal.n[1]):
        row = journal.transfers[k]
        pay(world, row.token, row.payer, row.receiver, row.amount, row.cause)
    commit(world.ledger)

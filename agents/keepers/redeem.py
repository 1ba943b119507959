"""Claims in the hands of a keeper: nobody buys them, so it takes out what stands behind them.

Shares of a vault and receipts of a lending market bring what whoever issued them can pay, shares of a pool
every coin of it. What cannot be paid now counts for nothing in a bid. So a run that has emptied a vault, or
borrowers who have taken the last cash of a reserve, keep keepers away from loans against such claims, and the
next loss is one of those who lent against them; where providers have left a pool and the outside is thin,
loans against its shares go bad as loans against its coins do.
"""

from __future__ import annotations

import math

from sim.compile import formula, kernel
from sim.orders import add_leg
from sim.transaction import REDEEM, REMOVE_LIQUIDITY, WITHDRAW, WITHDRAW_ASSETS
from sim.venues.any_pool import asset_of, in_pool, n_coins, pool_of_share, token_of
from sim.venues.rate_feeds import reserve_of_receipt
from sim.venues.share_vault import vault_of_share
from sim.view import receipt_index

NOTHING, VAULT, POOL, RESERVE = 0, 1, 2, 3  # what a token can be a claim on


@kernel
def claim_on(view, token):
    """On what a token is a claim, and which row of that: nothing if it has a market of its own."""
    v = vault_of_share(view.venues, token)
    if v >= 0:
        return VAULT, v
    p = pool_of_share(view.venues, token)
    if p >= 0:
        return POOL, p
    r = reserve_of_receipt(view.venues, token)
    if r >= 0:
        return RESERVE, r
    return NOTHING, -1


@formula
def verb(kind):
    """The kind of transaction by which it is taken out."""
    return REMOVE_LIQUIDITY if kind == POOL else (REDEEM if kind == VAULT else WITHDRAW)


@kernel
def n_behind(view, kind, row):
    """How many tokens stand behind a claim."""
    return n_coins(view.venues, row) if kind == POOL else 1


@kernel
def behind(view, kind, row, amount, k):
    """Number ``k`` of them: its asset and its token, what so many claims are due, and what is paid now."""
    if kind == POOL:
        supply = view.venues.pools[row].lp_supply
        part = amount / supply if supply > 0.0 else 0.0
        taken = in_pool(view.venues, row, k) * part
        return asset_of(view.venues, row, k), token_of(view.venues, row, k), taken, taken
    if kind == VAULT:
        vault = view.venues.share_vaults[row]
        due = amount * (vault.total_assets / vault.supply) if vault.supply > 0.0 else 0.0
        return vault.asset, vault.token, due, min(due, vault.liquid)
    reserve = view.reserves[row]
    due = amount * receipt_index(view, row)
    return reserve.asset, reserve.token, due, min(due, reserve.cash)


@kernel
def add_redemption(view, kind, row, account, token, amount):
    """Append the leg that takes out all of it, or what there is."""
    _, underlying, due, paid = behind(view, kind, row, amount, 0)
    leg, asked = verb(kind), amount
    if kind == RESERVE:
        token, asked = underlying, paid if paid < due else math.inf  # all that it has by then
    elif kind == VAULT and paid < due:
        leg, asked = WITHDRAW_ASSETS, paid
    return add_leg(view.chains, 0, leg, account, row, token, asked, 0.0)

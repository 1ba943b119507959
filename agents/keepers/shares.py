"""Shares of a vault in the hands of a keeper: nobody buys them, so it redeems what the vault can pay.

What the vault cannot pay today counts for nothing in a bid. So a run that has emptied a vault keeps keepers
away from loans against its shares, and the next loss of the vault is one of those who lent against them.
"""

from __future__ import annotations

from sim.compile import kernel
from sim.orders import add_leg
from sim.transaction import REDEEM, WITHDRAW_ASSETS


@kernel
def redeemable(view, v, shares):
    """What so many shares are due by the books, and what of it the vault could pay now."""
    vault = view.venues.share_vaults[v]
    due = shares * (vault.total_assets / vault.supply) if vault.supply > 0.0 else 0.0
    return due, min(due, vault.liquid)


@kernel
def add_redemption(view, v, account, shares):
    """Redeem all shares, or take what there is; the place of the leg, or -1."""
    vault = view.venues.share_vaults[v]
    due, paid = redeemable(view, v, shares)
    if paid < due:
        return add_leg(view.chains, 0, WITHDRAW_ASSETS, account, v, vault.share_token, paid, 0.0)
    return add_leg(view.chains, 0, REDEEM, account, v, vault.share_token, shares, 0.0)

"""The arithmetic of giving and taking at a price by the books, each call waiting for the one before.

``s`` is the row, (k,) float64; see ``bare_pools.py``.
"""

from __future__ import annotations

from sim.compile import entry
from sim.formulas import redemption, vault_shares


@entry
def deposit(n, s):
    """``s``: assets of the vault, its shares, assets that come in."""
    for _ in range(n):
        shares = vault_shares.shares_for(s[2], s[0], s[1])
        s[0] += s[2]
        s[1] += shares


@entry
def redeem(n, s):
    """``s``: assets of the vault, its shares, shares that go out."""
    for _ in range(n):
        assets = vault_shares.assets_for(s[2], s[0], s[1])
        s[0] -= assets
        s[1] -= s[2]


@entry
def convert(n, s):
    """``s``: reserve, coin issued, fees, amount, fee in, fee out; in and out in turn."""
    for k in range(n):
        if k % 2 == 0:
            toll = redemption.toll_in(s[3], s[4])
            s[0] += s[3]
            s[1] += s[3]
            s[2] += toll
        else:
            paid = redemption.after_toll_out(s[3], s[5])
            s[0] -= paid
            s[1] -= s[3]
            s[2] += s[3] - paid

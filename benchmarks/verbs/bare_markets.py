"""The arithmetic of a lender's verb on one row that cannot be avoided, each call waiting for the one before.

``s`` is the row, (k,) float64; see ``bare_pools.py``.
"""

from __future__ import annotations

from sim.compile import entry
from sim.formulas import auctions, interest, isolated, liquidation, llamma


@entry
def pooled_borrow(n, s):
    """``s``: scaled debt, its index, cash, amount, rate, threshold, collateral and debt, health."""
    for _ in range(n):
        scaled = s[3] / s[1]
        s[0] += scaled
        s[7] += scaled
        s[2] -= s[3]
        debt = s[0] * s[1]
        s[4] = interest.borrow_rate_per_year(debt / (debt + s[2]), 0.0, 0.04, 0.6, 0.9)
        s[8] += liquidation.health_factor(s[5] * s[6], s[7] * s[1])


@entry
def pooled_liquidation(n, s):
    """``s``: scaled debt, its index, cash, amount, rate, threshold, collateral, price, bonus, debt."""
    for _ in range(n):
        s[10] = liquidation.health_factor(s[5] * s[6] * s[7], s[9] * s[1])
        most = liquidation.max_repay_usd(s[9] * s[1], s[9] * s[1], s[6] * s[7], s[10], 1.0)
        repaid = min(s[3], most)
        seized = liquidation.seized_usd(repaid, s[8]) / s[7]
        s[6] -= seized
        s[9] -= repaid / s[1]
        s[0] -= repaid / s[1]
        s[2] += repaid
        debt = s[0] * s[1]
        s[4] = interest.borrow_rate_per_year(debt / (debt + s[2]), 0.0, 0.04, 0.6, 0.9)


@entry
def isolated_borrow(n, s):
    """As of a pooled market, with the curve of an isolated one; ``s[4]``: its rate at target."""
    for _ in range(n):
        scaled = s[3] / s[1]
        s[0] += scaled
        s[7] += scaled
        s[2] -= s[3]
        debt = s[0] * s[1]
        distance = isolated.distance_from_target(debt / (debt + s[2]))
        s[9] = isolated.curve(s[4], distance)
        s[8] += liquidation.health_factor(s[5] * s[6], s[7] * s[1])


@entry
def isolated_liquidation(n, s):
    """``s``: debt shares, their price, cash, amount, rate at target, LLTV, collateral, price, bonus, debt."""
    for _ in range(n):
        s[10] = liquidation.health_factor(s[5] * s[6] * s[7], s[9] * s[1])
        s[6] -= liquidation.seized_usd(s[3], s[8]) / s[7]
        s[9] -= s[3] / s[1]
        s[0] -= s[3] / s[1]
        s[2] += s[3]
        debt = s[0] * s[1]
        distance = isolated.distance_from_target(debt / (debt + s[2]))
        s[11] = isolated.curve(s[4], distance)


@entry
def debt_borrow(n, s):
    """``s``: scaled debt, its index, amount, all that is issued, collateral, price, threshold, health."""
    for _ in range(n):
        s[0] += s[2] / s[1]
        s[3] += s[2]
        s[7] += liquidation.health_factor(s[6] * s[4] * s[5], s[0] * s[1])


@entry
def dutch_take(n, s):
    """``s``: lot, tab, wanted, top price, seconds, part kept by a step, seconds of one, least tab, paid."""
    for _ in range(n):
        price = auctions.stairstep_price(s[3], s[4], s[5], s[6])
        paid, received, left = auctions.dutch_purchase(s[0], s[1], s[2], price, s[7])
        s[0] -= received
        s[1] = left
        s[8] += paid


@entry
def band_swap(n, s):
    """``s``: coin and collateral of a band, oracle price, upper edge, amplification, each amount in, fee."""
    for k in range(n):
        y0 = llamma.anchor(s[0], s[1], s[2], s[3], s[4])
        coin = llamma.virtual_coin(y0, s[2], s[3], s[4]) + s[0]
        collateral = llamma.virtual_collateral(y0, s[2], s[3], s[4]) + s[1]
        usable = s[5 + k % 2] * (1.0 - s[7])
        if k % 2 == 0:
            s[1] -= collateral * usable / (coin + usable)
            s[0] += s[5]
        else:
            s[0] -= coin * usable / (collateral + usable)
            s[1] += s[6]


@entry
def band_borrow(n, s):
    """``s``: debt, amount, collateral, bands, amplification, discount, active band's edge, first band."""
    for _ in range(n):
        s[0] += s[1]
        effective = llamma.effective_collateral(s[2], int(s[3]), s[4], s[5])
        s[7] += llamma.first_band(effective, s[6], s[0], s[4])


@entry
def band_liquidation(n, s, coin, collateral):
    """``s``: debt, part of it, discount; coin and collateral of the loan in each of its bands."""
    for _ in range(n):
        part = llamma.part_removed(s[1], s[2])
        for k in range(coin.shape[0]):
            coin[k] -= part * coin[k]
            collateral[k] -= part * collateral[k]
        s[0] -= s[1] * s[0]

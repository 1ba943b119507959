"""A trade through bands: coin for collateral on the way up, collateral for coin on the way down.

Whoever trades pays the pool's fee, or more if the oracle has jumped or a band is far from it; the fee stays
in the band, for its borrowers. A trade that the bands cannot fill takes what they have.
Source: contract AMM of curve-stablecoin, calc_swap_out and calc_swap_in.
"""

from __future__ import annotations

import math

from sim import status
from sim.compile import kernel
from sim.formulas import llamma
from sim.journal import has_room, remember
from sim.venues.bands import AMM, AMM_WORDS, BAND_WORDS, NONE, edge_of, row_of

FARTHEST = 50  # bands between the oracle and a band that is still traded with


@kernel
def walk(
    ledger, venues, m, is_up, is_exact_in, amount, fee_fraction, price, reserve_index, stop, is_kept
):
    """Trade up to ``amount``; a marginal price of ``stop`` (0: none), fee included, ends it before.

    Prices are coin for collateral, both ways. ``is_kept``: write the bands, or only say what would be paid
    and received. Returns a status, both amounts, and the active band that the trade leaves.
    """
    market = venues.banded[m]
    a = market.amplification
    n = market.active
    edge = edge_of(market, reserve_index, n)
    farthest = math.exp(FARTHEST * llamma.log_ratio(a))
    row = row_of(market, n)
    x = venues.bands[row].coin if row != NONE else 0.0
    y = venues.bands[row].collateral if row != NONE else 0.0
    left = amount
    paid = 0.0
    received = 0.0
    n_met = 0  # bands since the first that held anything
    if is_kept:
        if not has_room(ledger.journal, AMM_WORDS + llamma.MAX_BANDS * BAND_WORDS, 0):
            return status.JOURNAL_FULL, 0.0, 0.0, n
        remember(ledger.journal, ledger.memory, market.address + AMM, AMM_WORDS)
    for _ in range(llamma.MAX_BANDS + llamma.MAX_SKIPPED):
        have = y if is_up else x
        if x > 0.0 or y > 0.0 or n_met > 0:
            n_met += 1
        if have > 0.0:
            # In the band: what the trader brings adds to ``own``, what he takes leaves ``base + have``.
            y0 = llamma.anchor(x, y, price, edge, a)
            f = llamma.virtual_coin(y0, price, edge, a)
            g = llamma.virtual_collateral(y0, price, edge, a)
            own = f + x if is_up else g + y
            base = g if is_up else f
            kept = 1.0 - min(max(llamma.gap_fee(price, edge, a), fee_fraction), 1.0 - llamma.UNIT)
            brought = own * have / base  # what buys all that the band has
            taken = have
            is_end = False
            is_filled = False
            if stop > 0.0:
                # Both sides move by the square root of the price.
                here = (f + x) / (g + y)
                grown = math.sqrt(stop * kept / here if is_up else here * kept / stop)
                most = max(own * (grown - 1.0), 0.0)
                if most < brought:
                    is_end = True
                    brought = most
                    taken = min((base + have) * brought / (own + brought), have)
            if is_exact_in and brought / kept >= left:
                is_end = True
                is_filled = True
                brought = left * kept
                taken = min((base + have) * brought / (own + brought), have)
            elif not is_exact_in and taken >= left:
                is_end = True
                is_filled = True
                taken = left
                brought = own * taken / (base + (have - taken))
            gross = left if is_filled and is_exact_in else brought / kept
            if is_kept and taken > 0.0:
                band = venues.bands[row]
                remember(ledger.journal, ledger.memory, band.address, BAND_WORDS)
                if is_up:
                    band.coin = x + gross
                    band.collateral = y - taken if is_end else 0.0
                else:
                    band.collateral = y + gross
                    band.coin = x - taken if is_end else 0.0
            paid += gross
            received += taken
            left -= gross if is_exact_in else taken
            if is_filled and is_exact_in:
                paid = amount
            elif is_filled:
                received = amount
            if is_end:
                break
        if n == (market.highest_used if is_up else market.lowest_used) or n_met == llamma.MAX_BANDS:
            break
        ratio = edge / price
        if (ratio * farthest < 1.0) if is_up else (ratio > farthest):
            break
        n = n + 1 if is_up else n - 1
        edge = edge * (a - 1.0) / a if is_up else edge * a / (a - 1.0)
        row = row_of(market, n)
        x = 0.0
        y = 0.0
        if row != NONE and is_up:
            y = venues.bands[row].collateral
        elif row != NONE:
            x = venues.bands[row].coin
    if is_kept and received > 0.0:
        market.active = n
    return status.OK, paid, received, n

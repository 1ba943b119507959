"""Auctions of seized collateral: the falling price of a Dutch one, the least next bid of an English one.

A liquidation by auction finds its own discount, and needs somebody who comes: where nobody does, an English
auction ends at any bid above nothing, and a Dutch one falls until somebody buys or it has to be restarted.
Sources: Maker's contracts (dss) Clipper, Dog and StairstepExponentialDecrease for the Dutch auction
(Liquidations 2.0, 2021), Flipper and Cat for the English one (2019).
"""

from __future__ import annotations

import math

from sim.compile import formula


@formula
def stairstep_price(top, elapsed_seconds, cut_fraction, step_seconds):
    """Price of a Dutch auction: ``top`` times ``cut_fraction`` for each whole step that has passed."""
    return top * math.pow(cut_fraction, math.floor(elapsed_seconds / step_seconds))


@formula
def needs_reset(elapsed_seconds, tail_seconds, price, top, cusp_fraction):
    """Whether a Dutch auction has lasted too long, or its price has fallen too far, to sell anything."""
    return elapsed_seconds > tail_seconds or price / top < cusp_fraction


@formula
def barked_debt(debt, room, chop_fraction, dust):
    """Debt that one bark puts up for auction, within the ``room`` for debt with penalty; 0 if none may be.

    What would be left behind as dust is taken along; a piece that is itself dust is not worth an auction.
    """
    if room <= 0.0:
        return 0.0
    taken = min(debt, room / (1.0 + chop_fraction))
    if taken < debt:
        if debt - taken < dust:
            return debt
        if taken < dust:
            return 0.0
    return taken


@formula
def dutch_purchase(lot, tab, wanted, price, least_tab):
    """Coin paid, collateral received and tab left, for up to ``wanted`` of a lot; nothing if dust would stay.

    Nobody pays more than ``tab``; what a purchase leaves of it is at least ``least_tab``, to the last bit:
    what is less is not worth a reward.
    """
    slice_ = min(lot, wanted)
    owe = slice_ * price
    if owe > tab:
        return tab, min(tab / price, lot), 0.0
    if owe < tab and slice_ < lot and tab - owe < least_tab:
        if tab <= least_tab:
            return 0.0, 0.0, tab
        owe = tab - least_tab
        return owe, owe / price, least_tab
    return owe, slice_, tab - owe


@formula
def least_next_bid(bid, tab, beg_fraction):
    """The bid that beats another while the debt is not covered: more by ``beg_fraction``, or all of it."""
    return min(bid * (1.0 + beg_fraction), tab)


@formula
def largest_next_lot(lot, beg_fraction):
    """Once the debt is covered, bidders ask for less collateral: this much beats a bid for ``lot``."""
    return lot / (1.0 + beg_fraction)

"""Where a loan is placed on the grid, and how healthy it is.

A loan is placed as far down the grid as its debt demands: its bands, sold slowly, must bring the debt and a
discount. Its health says by how much they still would.
Source: contract Controller of curve-stablecoin (_calculate_debt_n1, max_borrowable, _health).
"""

from __future__ import annotations

import math

from sim import status
from sim.compile import kernel
from sim.formulas import llamma
from sim.venues.bands import covered, edge_of, is_free_to, owned

MAX_ABOVE = 1024  # no loan begins further below the active band


@kernel
def place(venues, m, collateral, debt, n_bands, price, index):
    """The first band of a loan: a status, and its number."""
    market = venues.banded[m]
    effective = llamma.effective_collateral(
        collateral, n_bands, market.amplification, market.loan_discount_fraction
    )
    if not effective > 0.0:
        return status.BAD_AMOUNT, 0
    edge = edge_of(market, index, market.active)
    below = llamma.first_band(effective, edge, debt, market.amplification)
    first = min(below, MAX_ABOVE - n_bands) + market.active
    if first <= market.active and not is_free_to(market, venues.bands, first - 1):
        return status.DEBT_TOO_HIGH, 0
    if edge_of(market, index, first) >= price:
        return status.DEBT_TOO_HIGH, 0
    return status.OK, first


@kernel
def largest_debt(venues, m, collateral, n_bands, price, index):
    """The most that so much collateral may owe: :func:`place` would put it into the first bands there are.

    Those begin at the first edge below the price; where coin lies on the way there, below the active band.
    """
    market = venues.banded[m]
    effective = llamma.effective_collateral(
        collateral, n_bands, market.amplification, market.loan_discount_fraction
    )
    if not effective > 0.0:
        return 0.0
    bands = math.log(edge_of(market, index, 0) / price) / llamma.log_ratio(market.amplification)
    first = math.floor(bands) + 1
    if first <= market.active and not is_free_to(market, venues.bands, first - 1):
        first = market.active + 1
    return effective * edge_of(market, index, first)


@kernel
def health(venues, m, row, debt, price, index, discount_fraction, is_full):
    """What the bands would bring in a slow fall, less the discount, over the debt, less one.

    ``is_full`` adds what the collateral is worth above the loan's first band.
    """
    market = venues.banded[m]
    loan = venues.loans[row]
    found = covered(venues, m, row, price, index, True) * (1.0 - discount_fraction) / debt - 1.0
    if is_full and loan.is_open == 1 and loan.first > market.active:
        edge = edge_of(market, index, loan.first)
        if price > edge:
            _, collateral = owned(venues, m, row)
            found += (price - edge) * collateral / debt
    return found

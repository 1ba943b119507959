"""How a borrower stands with his bands: what he owns there and owes, how far it is covered, and his room.

No receipt says it: trades change what lies in a loan's bands without asking its owner.
Source: contracts AMM (get_sum_xy) and Controller (health) of curve-stablecoin.
"""

from __future__ import annotations

from sim.compile import boundary
from sim.venues.band_pool import index_now, oracle
from sim.venues.band_terms import health, largest_debt
from sim.venues.bands import NONE, loan_of, owned
from sim.venues.lending import debt_of

UNCOVERED = 1e9  # the risk of a debt that nothing covers


@boundary((float, float, float, float))
def standing(ledger, venues, market, account, seconds):
    """Coin and collateral in an account's bands, what it owes, and its risk: one over health, 0 without debt.

    ``market`` is the row of MARKET. A loan with a risk above one may be taken over for its debt.
    """
    m = venues.markets[market].state
    row = loan_of(venues.banded[m], account)
    if row == NONE:
        return 0.0, 0.0, 0.0, 0.0
    debt = debt_of(ledger, venues.reserves[venues.banded[m].debt_reserve], account, seconds)
    if venues.loans[row].is_open == 0:
        return 0.0, 0.0, debt, UNCOVERED if debt > 0.0 else 0.0
    coin, collateral = owned(venues, m, row)
    if not debt > 0.0:
        return coin, collateral, 0.0, 0.0
    price, _ = oracle(venues, m, seconds)
    index = index_now(venues, m, seconds)
    discount = venues.loans[row].discount_fraction
    covered = 1.0 + health(venues, m, row, debt, price, index, discount, True)
    return coin, collateral, debt, 1.0 / covered if covered > 0.0 else UNCOVERED


@boundary((float, float))
def room(ledger, venues, market, account, seconds):
    """Collateral that a loan could do without, and coin that it could owe more: one or the other.

    Nothing once some of it is sold: then it may not be changed.
    """
    m = venues.markets[market].state
    row = loan_of(venues.banded[m], account)
    if row == NONE or venues.loans[row].is_open == 0:
        return 0.0, 0.0
    reserve = venues.reserves[venues.banded[m].debt_reserve]
    coin, collateral = owned(venues, m, row)
    if coin >= reserve.unit:
        return 0.0, 0.0
    debt = debt_of(ledger, reserve, account, seconds)
    price, _ = oracle(venues, m, seconds)
    n_bands = venues.loans[row].last - venues.loans[row].first + 1
    most = largest_debt(venues, m, collateral, n_bands, price, index_now(venues, m, seconds))
    if debt >= most:
        return 0.0, 0.0
    return collateral * (1.0 - debt / most), most - debt

"""The bands of a market of soft liquidation: their tables, and what lies in them.

A band holds coin, collateral, or (only the active one) both; a loan owns shares of each of its bands, a
place of BAND_SHARE for each. The numbers of bands that a market has room for are fixed at birth. Bands above
the active one (lower numbers, higher prices) are sold for coin or empty; those below hold collateral.
Source: contract AMM of curve-stablecoin.
"""

from __future__ import annotations

from sim import status
from sim.compile import formula, kernel
from sim.formulas import llamma
from sim.journal import has_room, remember
from sim.records import n_words, place_of, record

BANDED = record(
    "amplification base_price loan_discount_fraction liquidation_discount_fraction "
    "old_price old_fee_fraction price_seconds",
    "active lowest_used highest_used pool collateral_reserve debt_reserve "
    "first_row lowest_band n_rows first_loan n_loans first_account bands_per_loan",
)
BAND = record("coin collateral shares")
LOAN = record("discount_fraction", "is_open first last")
BAND_SHARE = record("shares")
BAND_WORDS, LOAN_WORDS = n_words(BAND), n_words(LOAN)
AMM = place_of(BANDED, "active")
AMM_WORDS = 3  # the active band, and between which numbers there is anything
ORACLE = place_of(BANDED, "old_price")
ORACLE_WORDS = 3
SHARE = place_of(BAND_SHARE, "shares")
NONE = -1
TRACE = 1e-12  # of a band's shares: the rounding of their sum, and nobody's


@formula
def row_of(market, band):
    """The row of a band, or NONE beyond those that the market has room for."""
    place = band - market.lowest_band
    return market.first_row + place if 0 <= place < market.n_rows else NONE


@formula
def loan_of(market, account):
    """The row of an account's loan, or NONE if it may have none here."""
    place = account - market.first_account
    return market.first_loan + place if 0 <= place < market.n_loans else NONE


@formula
def edge_of(market, reserve_index, band):
    """Upper edge of a band now: the grid rises with what is owed."""
    return llamma.upper_edge(market.base_price * reserve_index, market.amplification, band)


@kernel
def is_free_to(market, bands, band):
    """Whether nothing lies between the active band and this one, so that the market may pass over it."""
    n = market.active
    for _ in range(llamma.MAX_SKIPPED):
        row = row_of(market, n)
        if band > n:
            if row != NONE and bands[row].collateral != 0.0:
                return False
            n += 1
        else:
            if row != NONE and bands[row].coin != 0.0:
                return False
            n -= 1
        if n == band:
            return True
    return False


@kernel
def active_past_empty(market, bands):
    """The first band above the active one in which there is coin; far up if there is none."""
    n = market.active
    for _ in range(llamma.MAX_SKIPPED):
        if n < market.lowest_used:
            return market.active - llamma.MAX_SKIPPED
        row = row_of(market, n)
        if row != NONE and bands[row].coin != 0.0:
            return n
        n -= 1
    return n


@kernel
def deposit(ledger, venues, m, row, collateral, first, last):
    """Spread collateral evenly over bands, for shares of each. Only bands without coin take it."""
    market = venues.banded[m]
    bands, shares = venues.bands, venues.band_shares
    n_bands = last - first + 1
    if not collateral / n_bands > 100.0 * llamma.UNIT:
        return status.BAD_AMOUNT
    if row_of(market, first) == NONE or row_of(market, last) == NONE:
        return status.TABLE_FULL
    if not has_room(ledger.journal, AMM_WORDS + LOAN_WORDS + n_bands * (BAND_WORDS + 1), 0):
        return status.JOURNAL_FULL
    active = market.active
    while active >= first:
        above = row_of(market, active)
        if above != NONE and bands[above].coin != 0.0:
            return status.BAND_IN_USE
        active -= 1
    for n in range(first, last + 1):
        if bands[row_of(market, n)].coin != 0.0:
            return status.BAND_IN_USE
    loan = venues.loans[row]
    remember(ledger.journal, ledger.memory, market.address + AMM, AMM_WORDS)
    remember(ledger.journal, ledger.memory, loan.address, LOAN_WORDS)
    market.active = active
    loan.is_open = 1
    loan.first = first
    loan.last = last
    part = collateral / n_bands
    for k in range(n_bands):
        band = bands[row_of(market, first + k)]
        own = shares[row * llamma.MAX_BANDS + k]
        remember(ledger.journal, ledger.memory, band.address, BAND_WORDS)
        remember(ledger.journal, ledger.memory, own.address + SHARE, 1)
        minted = (band.shares + llamma.DEAD_SHARES) * part / (band.collateral + llamma.UNIT)
        own.shares = minted
        band.shares = band.shares + minted
        band.collateral = band.collateral + part
    market.lowest_used = min(market.lowest_used, first)
    market.highest_used = max(market.highest_used, last)
    return status.OK


@kernel
def withdraw(ledger, venues, m, row, fraction):
    """Take a share of a loan's bands out: coin and collateral. Of the last owner's a trace stays behind."""
    market = venues.banded[m]
    loan = venues.loans[row]
    bands, shares = venues.bands, venues.band_shares
    n_bands = loan.last - loan.first + 1
    if not has_room(ledger.journal, AMM_WORDS + LOAN_WORDS + n_bands * (BAND_WORDS + 1), 0):
        return status.JOURNAL_FULL, 0.0, 0.0
    remember(ledger.journal, ledger.memory, market.address + AMM, AMM_WORDS)
    remember(ledger.journal, ledger.memory, loan.address, LOAN_WORDS)
    coin = 0.0
    collateral = 0.0
    lowest = market.lowest_used
    highest = loan.first - 1
    for k in range(n_bands):
        band = bands[row_of(market, loan.first + k)]
        own = shares[row * llamma.MAX_BANDS + k]
        remember(ledger.journal, ledger.memory, band.address, BAND_WORDS)
        remember(ledger.journal, ledger.memory, own.address + SHARE, 1)
        taken = own.shares if fraction >= 1.0 else fraction * own.shares
        all_shares = band.shares + llamma.DEAD_SHARES
        dx = min(band.coin, (band.coin + llamma.UNIT) * taken / all_shares)
        dy = min(band.collateral, (band.collateral + llamma.UNIT) * taken / all_shares)
        is_last = band.shares - taken <= TRACE * band.shares
        own.shares = own.shares - taken
        band.shares = 0.0 if is_last else band.shares - taken
        band.coin = 0.0 if is_last else band.coin - dx
        band.collateral = 0.0 if is_last else band.collateral - dy
        if loan.first + k == lowest and band.coin == 0.0 and band.collateral == 0.0:
            lowest += 1
        if band.coin > 0.0 or band.collateral > 0.0:
            highest = loan.first + k
        coin += dx
        collateral += dy
    market.lowest_used = lowest
    if market.highest_used <= loan.last:
        market.highest_used = highest
    if fraction >= 1.0:
        loan.is_open = 0
    return status.OK, coin, collateral


@kernel
def owned(venues, m, row):
    """Coin and collateral that a loan owns in its bands now."""
    market = venues.banded[m]
    loan = venues.loans[row]
    coin = 0.0
    collateral = 0.0
    if loan.is_open == 1:
        first = loan.first
        first_row = row_of(market, first)
        for k in range(loan.last - first + 1):
            band = venues.bands[first_row + k]
            x = band.coin
            y = band.collateral
            part = venues.band_shares[row * llamma.MAX_BANDS + k].shares
            part = part / (band.shares + llamma.DEAD_SHARES)
            coin += min(x, (x + llamma.UNIT) * part)
            collateral += min(y, (y + llamma.UNIT) * part)
    return coin, collateral


@kernel
def covered(venues, m, row, price, reserve_index, is_sold):
    """What a loan's bands end as in a slow move of the oracle price: all coin, or all collateral."""
    market = venues.banded[m]
    loan = venues.loans[row]
    total = 0.0
    if loan.is_open == 0:
        return 0.0
    active = market.active
    a = market.amplification
    first = loan.first
    first_row = row_of(market, first)
    edge = edge_of(market, reserve_index, first)
    for k in range(loan.last - first + 1):
        n = first + k
        band = venues.bands[first_row + k]
        x = band.coin if n <= active else 0.0
        y = band.collateral if n >= active else 0.0
        shares = band.shares
        if (x > 0.0 or y > 0.0) and shares > 0.0:
            if is_sold:
                worth = llamma.coin_if_sold(x, y, price, edge, a)
            else:
                worth = llamma.collateral_if_bought(x, y, price, edge, a)
            part = venues.band_shares[row * llamma.MAX_BANDS + k].shares
            total += worth * (part / (shares + llamma.DEAD_SHARES))
        edge = edge * (a - 1.0) / a
    return total

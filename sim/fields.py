"""Columns that every cohort has, before the parameters of its strategy; and how to reach a column.

A shared parameter, and a common column that a role does not use, is one number long.
"""

from __future__ import annotations

from sim.compile import formula, window

NAV_USD = 0  # marked on the outside market price at the end of the last block
BIRTH = 1  # NAV in USD at birth; for liquidity providers, their LP shares at birth
BUSY = 2  # transactions in the mempool
SETTLES_AT = 3  # slot at which custody is paid out, 0 if nothing waits (keepers and traders)
WINS = 4  # liquidations won (keepers)
LOSSES = 5  # liquidations lost: reverted or expired (keepers)
RECENT_WINS = 6  # the same two as a keeper remembers them: they fade
RECENT_LOSSES = 7
BIDS_SENT = 8  # bids a keeper has sent, and positions it passed over because they did not pay ...
NO_PROFIT = 9
NO_CASH = 10  # ... or because it had not the cash to repay, ...
DUTY = 11  # which duty the latest order of a vault that borrows serves: its purpose
RETRIES_AT = 12  # slot after an order of a vault that seldom looks has failed; 0: none has
NO_GAS_MONEY = 13  # ... or not what the gas might cost (keepers)
N_COMMON = 14

MAX_FIELDS = 32


@window
def field(cohorts, cohort, k):
    """Column ``k`` of a cohort."""
    start = cohorts.start[cohort, k]
    return cohorts.column[start : start + cohorts.length[cohort, k]]


@formula
def shared(cohorts, cohort, k):
    """A parameter that is one number for the whole cohort."""
    return cohorts.column[cohorts.start[cohort, k]]


@formula
def count(cohorts, cohort, k, account):
    """Add one to column ``k`` of an account's row."""
    row = account - cohorts.table[cohort].first_account
    cohorts.column[cohorts.start[cohort, k] + row] += 1.0


@formula
def remember_failure(cohorts, cohort, account, slot):
    """Let whoever seldom looks, and has just seen an order fail, act in the next slot too."""
    if cohorts.start[cohort, RETRIES_AT] > 0:
        row = account - cohorts.table[cohort].first_account
        cohorts.column[cohorts.start[cohort, RETRIES_AT] + row] = slot + 1.0


@formula
def busy_place(cohorts, cohort, account):
    """Where the number of an account's transactions in the mempool stands in the column."""
    return cohorts.start[cohort, BUSY] + account - cohorts.table[cohort].first_account


@formula
def add_busy(cohorts, cohort, account, change):
    """Count a transaction of an account into (+1) or out of (-1) the mempool."""
    place = busy_place(cohorts, cohort, account)
    cohorts.column[place] = max(cohorts.column[place] + change, 0.0)

"""The only place where tokens move.

Balances are whole tokens, never negative. Behind a few verbs lies one flat array: token ``t`` of group
``g`` starts at ``offset[t, g]`` (-1: that group may not hold it), so an account costs only what it may
hold. Totals of mints and burns are kept apart from the balances, folded from the journal when a
transaction stands: comparing the two is the conservation audit.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import numpy as np

from sim import accounts
from sim.compile import formula, kernel, state, window
from sim.journal import NOWHERE, Journal, enter, has_room
from sim.prefetch import prefetch
from sim.status import BAD_AMOUNT, INSUFFICIENT_BALANCE, JOURNAL_FULL, OK

NOBODY = accounts.NOBODY
LARGEST = sys.float_info.max


@state
class Ledger(NamedTuple):
    """Who holds what. ``memory`` also holds the venue tables, so that one journal serves all."""

    memory: np.ndarray  # (n_words,) int64
    balance: np.ndarray  # (n_slots,) float64, a view of the head of memory
    offset: np.ndarray  # (n_tokens, n_groups) int64
    first: np.ndarray  # (n_groups + 1,) int64, first account of a group
    group: np.ndarray  # (n_accounts,) int16
    minted: np.ndarray  # (n_tokens, 2) float64, sum and its compensation
    burned: np.ndarray  # (n_tokens, 2) float64
    flow: np.ndarray  # (n_causes, n_tokens) float64, gross amount moved since the start
    gross: np.ndarray  # (n_tokens,) float64, gross flow since the last audit
    moves: np.ndarray  # (n_tokens,) int64, operations since the last audit
    drift: (
        np.ndarray
    )  # (n_books, n_checks) float64, what rounding had added up to at the last audit
    journal: Journal


@formula
def slot_of(ledger, token, account):
    """Place of a balance in the flat array, or -1 if the account may not hold the token."""
    group = ledger.group[account]
    start = ledger.offset[token, group]
    if start < 0:
        return np.int64(-1)
    return np.int64(start + account - ledger.first[group])


@formula
def balance(ledger, token, account):
    """Whole tokens held."""
    slot = slot_of(ledger, token, account)
    if slot < 0:
        return 0.0
    return ledger.balance[slot]


@formula
def ask_for(ledger, token, group, account):
    """Let the memory fetch a balance that is needed soon; the group says its place without waiting for it."""
    start = ledger.offset[token, group]
    if start >= 0:
        prefetch(ledger.balance, start + account - ledger.first[group])


@formula
def ask_whose(ledger, account):
    """Let the memory fetch the group of an account that is needed soon."""
    prefetch(ledger.group, account)


@window
def column(ledger, token, group):
    """Balances of a whole group, contiguous; empty where the group may not hold the token."""
    start = ledger.offset[token, group]
    stop = start + ledger.first[group + 1] - ledger.first[group]
    if start < 0:
        start = np.int64(0)
        stop = np.int64(0)
    return ledger.balance[start:stop]


@formula
def _is_amount(amount):
    """Neither negative nor infinite nor no number at all."""
    return 0.0 <= amount <= LARGEST


@kernel
def transfer(ledger, token, payer, receiver, amount, cause):
    """Move ``amount`` from payer to receiver; the whole amount or nothing."""
    if not _is_amount(amount):
        return BAD_AMOUNT
    source = slot_of(ledger, token, payer)
    target = slot_of(ledger, token, receiver)
    if source < 0 or target < 0 or ledger.balance[source] < amount:
        return INSUFFICIENT_BALANCE
    if not has_room(ledger.journal, 0, 1):
        return JOURNAL_FULL
    enter(
        ledger.journal, ledger.memory, token, payer, receiver, amount, cause, source, target
    )  # fmt: skip
    ledger.balance[source] = ledger.balance[source] - amount
    ledger.balance[target] = ledger.balance[target] + amount
    return OK


@kernel
def issue_coin(ledger, token, issuer, receiver, amount, cause):
    """Create ``amount`` as the debt of an issuer, in the account of the receiver."""
    if not _is_amount(amount):
        return BAD_AMOUNT
    target = slot_of(ledger, token, receiver)
    if target < 0:
        return INSUFFICIENT_BALANCE
    if not has_room(ledger.journal, 0, 1):
        return JOURNAL_FULL
    enter(
        ledger.journal, ledger.memory, token, issuer, receiver, amount, cause, NOWHERE, target
    )  # fmt: skip
    ledger.balance[target] = ledger.balance[target] + amount
    return OK


@kernel
def mint(ledger, token, receiver, amount, cause):
    """Create ``amount`` in the account of the receiver; who owes it says the token."""
    return issue_coin(ledger, token, NOBODY, receiver, amount, cause)


@kernel
def retire_coin(ledger, token, issuer, payer, amount, cause):
    """Destroy ``amount`` from the account of the payer; its issuer owes so much less."""
    if not _is_amount(amount):
        return BAD_AMOUNT
    source = slot_of(ledger, token, payer)
    if source < 0 or ledger.balance[source] < amount:
        return INSUFFICIENT_BALANCE
    if not has_room(ledger.journal, 0, 1):
        return JOURNAL_FULL
    enter(
        ledger.journal, ledger.memory, token, payer, issuer, amount, cause, source, NOWHERE
    )  # fmt: skip
    ledger.balance[source] = ledger.balance[source] - amount
    return OK


@kernel
def burn(ledger, token, payer, amount, cause):
    """Destroy ``amount`` from the account of the payer; who owed it says the token."""
    return retire_coin(ledger, token, NOBODY, payer, amount, cause)


@formula
def add_compensated(total, index, amount):
    """Neumaier's compensated sum: ``total[index] = (sum, lost low-order part)``."""
    before = total[index, 0]
    after = before + amount
    if abs(before) >= abs(amount):
        total[index, 1] += (before - after) + amount
    else:
        total[index, 1] += (amount - after) + before
    total[index, 0] = after


@kernel
def commit(ledger):
    """The transaction stands: fold its transfers into the books and empty the journal."""
    journal = ledger.journal
    for k in range(journal.n[1]):
        row = journal.transfers[k]
        token = row.token
        amount = row.amount
        ledger.flow[row.cause, token] += amount
        ledger.gross[token] += amount
        ledger.moves[token] += 1
        if row.source == NOWHERE:
            add_compensated(ledger.minted, token, amount)
        if row.target == NOWHERE:
            add_compensated(ledger.burned, token, amount)
    journal.n[0] = 0
    journal.n[1] = 0

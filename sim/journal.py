"""The journal of the transaction being executed: how to undo it, and which tokens it moved.

A verb writes freely after it has remembered the words of its row; a transfer carries the two balances
as they were. If any leg of the transaction fails, all are put back, last first, and no transfer is booked.
Nothing is booked before the whole transaction stands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.compile import formula, kernel, state
from sim.records import new_table, record
from sim.transaction import MOST_COINS

WORD_CAPACITY = 4096
TRANSFER_CAPACITY = 512

# ``source`` and ``target`` are the places of the two balances, NOWHERE for what is minted or burned.
TRANSFER = record("amount", "token payer receiver cause source target source_before target_before")
NOWHERE = -1


@state
class Journal(NamedTuple):
    """Scratch of one transaction; empty between transactions."""

    n: np.ndarray  # (2,) int64: words remembered, transfers made
    place: np.ndarray  # (WORD_CAPACITY,) int64, place of a word in the memory
    before: np.ndarray  # (WORD_CAPACITY,) int64, what stood there
    transfers: np.ndarray  # (TRANSFER_CAPACITY,) TRANSFER
    # What a verb of a pool of several coins works with, (MOST_COINS,) float64 each.
    levels: np.ndarray  # balances in units of the invariant
    changes: np.ndarray  # of the levels
    asked: np.ndarray  # whole tokens that come in (positive) or go out
    fees: np.ndarray  # whole tokens that are the protocol's


def new_journal() -> Journal:
    """An empty journal."""
    return Journal(
        np.zeros(2, np.int64),
        np.zeros(WORD_CAPACITY, np.int64),
        np.zeros(WORD_CAPACITY, np.int64),
        new_table(TRANSFER, TRANSFER_CAPACITY),
        *(np.zeros(MOST_COINS) for _ in range(4)),
    )


@formula
def remember(journal, memory, address, n_words):
    """Keep ``n_words`` words from ``address`` on, as they stand before the transaction writes them."""
    n = journal.n[0]
    for k in range(n_words):
        journal.place[n + k] = address + k
        journal.before[n + k] = memory[address + k]
    journal.n[0] = n + n_words


@formula
def has_room(journal, n_words, n_transfers):
    """Whether the journal can take that many more."""
    return (
        0 <= journal.n[0] <= WORD_CAPACITY - n_words
        and 0 <= journal.n[1] <= TRANSFER_CAPACITY - n_transfers
    )


@formula
def enter(journal, memory, token, payer, receiver, amount, cause, source, target):
    """Keep a transfer, with the two balances as they stand before it."""
    n = journal.n[1]
    row = journal.transfers[n]
    row.token = token
    row.payer = payer
    row.receiver = receiver
    row.amount = amount
    row.cause = cause
    row.source = source
    row.target = target
    if source != NOWHERE:
        row.source_before = memory[source]
    if target != NOWHERE:
        row.target_before = memory[target]
    journal.n[1] = n + 1


@kernel
def walk_back(journal, memory):
    """Put everything back, last first, and forget the transfers.

    Balances and rows of venues are different words, so it does not matter which of them go first.
    """
    for k in range(journal.n[1] - 1, -1, -1):
        row = journal.transfers[k]
        if row.target != NOWHERE:
            memory[row.target] = row.target_before
        if row.source != NOWHERE:
            memory[row.source] = row.source_before
    for k in range(journal.n[0] - 1, -1, -1):
        memory[journal.place[k]] = journal.before[k]
    journal.n[0] = 0
    journal.n[1] = 0

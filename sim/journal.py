"""The journal of the transaction being executed: how to undo it, and which tokens it moved.

A verb writes freely after its row has been remembered; if any leg of the transaction fails, every word
is put back in reverse order and no transfer is booked. Nothing is booked before the whole
transaction stands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.compile import formula, kernel, state
from sim.records import new_table, record

WORD_CAPACITY = 4096
TRANSFER_CAPACITY = 512

TRANSFER = record("amount", "token payer receiver cause")


@state
class Journal(NamedTuple):
    """Scratch of one transaction; empty between transactions."""

    n: np.ndarray  # (2,) int64: words remembered, transfers made
    place: np.ndarray  # (WORD_CAPACITY,) int64, place of a word in the memory
    before: np.ndarray  # (WORD_CAPACITY,) int64, what stood there
    transfers: np.ndarray  # (TRANSFER_CAPACITY,) TRANSFER


def new_journal() -> Journal:
    """An empty journal."""
    return Journal(
        np.zeros(2, np.int64),
        np.zeros(WORD_CAPACITY, np.int64),
        np.zeros(WORD_CAPACITY, np.int64),
        new_table(TRANSFER, TRANSFER_CAPACITY),
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
        journal.n[0] + n_words <= WORD_CAPACITY and journal.n[1] + n_transfers <= TRANSFER_CAPACITY
    )


@kernel
def walk_back(journal, memory):
    """Put every remembered word back, last first, and forget the transfers."""
    for k in range(journal.n[0] - 1, -1, -1):
        memory[journal.place[k]] = journal.before[k]
    journal.n[0] = 0
    journal.n[1] = 0

"""The journal: every word that was remembered comes back as it was, whatever was written in between."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.journal import WORD_CAPACITY, has_room, new_journal, remember, walk_back
from sim.records import lay_table, n_words, record

POOL = record("reserve0 reserve1", "account")

writes = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 10), st.integers(-(2**63), 2**63 - 1)), max_size=30
)


@given(writes=writes)
def test_walking_back_restores_every_word(writes):
    memory = np.arange(40, dtype=np.int64) * 1_000_003
    before = memory.copy()
    journal = new_journal()
    for address, n, value in writes:
        remember(journal, memory, address, n)
        memory[address : address + n] = value
    walk_back(journal, memory)
    assert (memory == before).all()
    assert journal.n.tolist() == [0, 0]


def test_bits_that_are_no_number_come_back_too():
    memory = np.zeros(4, np.int64)
    memory.view(np.float64)[:] = (np.nan, -0.0, np.inf, 5e-324)
    before = memory.tobytes()
    journal = new_journal()
    remember(journal, memory, 0, 4)
    memory.view(np.float64)[:] = 1.0
    walk_back(journal, memory)
    assert memory.tobytes() == before


def test_a_row_of_a_table_is_remembered_by_its_address():
    memory = np.zeros(20, np.int64)
    pools = lay_table(memory, 3, POOL, 2)
    pools[1].reserve0 = 7.5
    assert int(pools[1].address) == 3 + n_words(POOL)
    journal = new_journal()
    remember(journal, memory, pools[1].address, n_words(POOL))
    pools[1].reserve0, pools[1].account = 9.0, 5
    walk_back(journal, memory)
    assert (pools[1].reserve0, pools[1].account) == (7.5, 0)


def test_room_is_counted_in_words_and_transfers():
    journal = new_journal()
    assert has_room(journal, WORD_CAPACITY, 0)
    assert not has_room(journal, WORD_CAPACITY + 1, 0)
    remember(journal, np.zeros(10, np.int64), 0, 10)
    assert has_room(journal, WORD_CAPACITY - 10, len(journal.transfers))
    assert not has_room(journal, WORD_CAPACITY - 9, 0)
    assert not has_room(journal, 0, len(journal.transfers) + 1)

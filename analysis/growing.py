"""What the engine recorded, gathered column by column while a run goes on.

The log holds a row a block and is written over when it is full; a table wants columns. Each stretch of the
log is turned round once, while it is still in the cache, into the place where the tables will read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenarios.simulation import Recorded
from sim.records import n_words
from sim.tables import EVENT

if TYPE_CHECKING:
    from scenarios.simulation import Simulation

OF_BLOCKS = ("blocks", "cohorts", "pools", "reserves", "redemptions", "share_vaults")


class Growing:
    """Rows of the log, one stretch behind the other, in room for about ``bytes``."""

    def __init__(self, sim: Simulation, n_bytes: int) -> None:
        self._like = [getattr(sim.world.log, name) for name in OF_BLOCKS]
        in_log, left = len(self._like[0]), max(sim.n_slots - sim.slot, 0)
        in_bytes = n_bytes // sum(array[0].nbytes for array in self._like)
        self._n_most = max(in_log, min(left, in_bytes))
        self._clear()

    def _clear(self) -> None:
        # Memory that nobody has written to costs nothing.
        self._columns = [
            np.empty((like.shape[-1], self._n_most, *like.shape[1:-1])) for like in self._like
        ]
        self._events: list[np.ndarray] = []  # of each stretch (n_words, n_events)
        self._n = self._n_seen = self.n_bytes = 0

    def __len__(self) -> int:
        return self._n

    def has_room(self, recorded: Recorded) -> bool:
        """Whether these rows fit behind those that are here."""
        return self._n + len(recorded.blocks) <= self._n_most

    def add(self, recorded: Recorded) -> None:
        """Copy what the log holds."""
        n = self._n + len(recorded.blocks)
        for name, columns in zip(OF_BLOCKS, self._columns, strict=True):
            rows = getattr(recorded, name)
            if rows.size:
                columns[:, self._n : n] = rows.transpose(rows.ndim - 1, *range(rows.ndim - 1))
                self.n_bytes += rows.nbytes
        if len(recorded.events):
            words = np.asarray(recorded.events).view(np.int64).reshape(len(recorded.events), -1)
            self._events.append(words.T.copy())  # a single row would else be the log itself
            self.n_bytes += words.nbytes
        self._n = n

    def unseen(self) -> dict[str, np.ndarray]:
        """The rows since this was last asked, shaped as in the log."""
        first, self._n_seen = self._n_seen, self._n
        return self._rows(first)

    def _rows(self, first: int) -> dict[str, np.ndarray]:
        return {
            name: np.moveaxis(columns[:, first : self._n], 0, -1)
            for name, columns in zip(OF_BLOCKS, self._columns, strict=True)
        }

    def give(self) -> Recorded:
        """All rows shaped as in the log, the events as columns by field; nothing of them is kept."""
        nothing = np.zeros((n_words(EVENT), 0), np.int64)
        words = np.concatenate([nothing, *self._events], axis=1)
        events = {
            name: column.view(EVENT[name])
            for name, column in zip(EVENT.names or (), words, strict=True)
        }
        rows = self._rows(0)
        self._clear()
        return Recorded(**rows, events=events, vaults=np.zeros((0, 0)))

"""A still of the world: tables as plain rows, for what is read one number at a time between two blocks.

numpy takes about a microsecond to read one field of one record, and a snapshot reads thousands of them; a row
of plain numbers takes a thirtieth of that. The numbers are the same and so are the names of the fields, so
that what reads a world can read a still of it. Balances and columns of cohorts are not copied, and a
still cannot be written to.
"""

from __future__ import annotations

import collections
import functools
from typing import Any

import numpy as np

from sim.world import World


def still(world: World) -> Any:
    """The world as it stands; valid until its next block."""
    venues = world.venues._replace(
        **{name: plain_rows(table) for name, table in world.venues._asdict().items()}
    )
    ledger = world.ledger
    offset: Any = Offsets(ledger.offset)
    return world._replace(
        clock=world.clock._replace(now=plain_rows(world.clock.now)),
        chains=world.chains._replace(table=plain_rows(world.chains.table)),
        tokens=plain_rows(world.tokens),
        ledger=ledger._replace(offset=offset, first=ledger.first.tolist()),
        venues=venues,
        cohorts=world.cohorts._replace(table=plain_rows(world.cohorts.table)),
    )


def plain_rows(table: np.ndarray) -> Any:
    """Each record as a named tuple of plain numbers; arrays without fields stay what they are."""
    if table.dtype.names is None:
        return table
    return [*map(_row_type(table.dtype.names)._make, table.tolist())]


@functools.cache
def _row_type(names: tuple[str, ...]) -> Any:
    return collections.namedtuple("Row", names)


class Offsets:
    """Whole numbers, looked up as in an array."""

    def __init__(self, values: np.ndarray) -> None:
        self._rows = values.tolist()

    def __getitem__(self, place: tuple[int, int]) -> int:
        row, column = place
        return self._rows[row][column]

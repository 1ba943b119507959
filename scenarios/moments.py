"""Several moments of one world, looked at together.

A snapshot of a few hundred vaults costs what it costs to ask numpy a thousand questions, whatever their
number. So moments are copied when they come and worked out later, many at a time: what reads a world reads
them like one. A number that is the same at all moments is a plain number, one that is not is a column
with a row a moment, and balances have a row a moment.

Where a rule asks a question that moments answer differently ("is there any cash?"), it raises
:class:`Differ`: then they are looked at one after another. Either way each number is the same to the
last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scenarios.still import Offsets, plain_rows
from sim.world import World


class Differ(Exception):
    """Moments answer a question differently, so that they have to be looked at one by one."""


class Several(np.ndarray):
    """Numbers of several moments (n_moments, 1), or of rows at several moments (n_moments, n_rows)."""

    def _alike(self) -> Any:
        numbers = np.asarray(self)
        if numbers.size == 0 or not (numbers == numbers.flat[0]).all():
            raise Differ
        return numbers.flat[0].item()

    def __bool__(self) -> bool:
        return bool(self._alike())

    def __float__(self) -> float:
        return float(self._alike())

    def __int__(self) -> int:
        return int(self._alike())

    def __index__(self) -> int:
        return int(self._alike())


def told(numbers: np.ndarray) -> Any:
    """One number a moment (n_moments,): as a plain number if it is always the same."""
    first = numbers[0]
    if (numbers == first).all():
        return first.item()
    return numbers[:, None].view(Several)


class Row:
    """A row of a table at several moments; its fields are read off when they are asked for."""

    def __init__(self, records: np.ndarray) -> None:
        self._records = records  # (n_moments,)

    def __getattr__(self, field: str) -> Any:
        if field.startswith("_"):
            raise AttributeError(field)
        number = told(np.ascontiguousarray(self._records[field]))
        self.__dict__[field] = number
        return number

    def singly(self) -> list[Any]:
        """The row at each moment, of plain numbers."""
        if "_singly" not in self.__dict__:
            self.__dict__["_singly"] = plain_rows(self._records)
        return list(self.__dict__["_singly"])


def each(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of plain numbers says, moment by moment."""
    lists = [_singly(argument) for argument in arguments]
    n = max(len(numbers) for numbers in lists)
    if n == 1:
        return function(*arguments)
    alike = (numbers if len(numbers) == n else numbers * n for numbers in lists)
    return told(np.array([*map(function, *alike)]))


def _singly(argument: Any) -> list[Any]:
    if isinstance(argument, Row):
        return argument.singly()
    return argument[:, 0].tolist() if isinstance(argument, Several) else [argument]


def of_one(rows: np.ndarray) -> np.ndarray:
    """Numbers of rows (n_rows,) that are asked for one by one; not of several moments."""
    if rows.ndim == 1:
        return rows
    if len(rows) > 1:
        raise Differ
    return np.asarray(rows[0])


class Table:
    """A table at several moments."""

    def __init__(self, records: np.ndarray) -> None:
        self._records = records  # (n_moments, n_rows)
        self._rows: dict[int, Row] = {}

    def __len__(self) -> int:
        return int(self._records.shape[1])

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        place = int(place)
        if place not in self._rows:
            if not 0 <= place < len(self):
                raise IndexError(place)
            self._rows[place] = Row(self._records[:, place])
        return self._rows[place]

    def __iter__(self) -> Iterator[Row]:
        return (self[k] for k in range(len(self)))


class _Numbers:
    """One long row of numbers at several moments."""

    def __init__(self, numbers: np.ndarray) -> None:
        self._numbers = numbers  # (n_moments, n)

    def __getitem__(self, place: Any) -> Any:
        found = self._numbers[:, place]
        return found.view(Several) if isinstance(place, slice) else told(found)


class Moments:
    """Room for so many moments of a world, and how to read those that are in it."""

    def __init__(self, world: World, n_most: int) -> None:
        self._world = world
        self._live = _arrays(world)
        self.n_most, self.n = n_most, 0
        self._rows = {name: array[None] for name, array in self._live.items()}
        if n_most > 1:
            self._rows = {
                name: np.empty((n_most, *array.shape), array.dtype)
                for name, array in self._live.items()
            }

    def take(self) -> None:
        """The world as it stands; where there is room for one only, it has to be read at once."""
        if self.n_most > 1:
            for name, array in self._live.items():
                self._rows[name][self.n] = array
        self.n += 1

    def all(self) -> Any:
        """Those that are here, to be read like a world."""
        return self._read(slice(0, self.n))

    def one(self, moment: int) -> Any:
        """One of them, likewise."""
        return self._read(slice(moment, moment + 1))

    def _read(self, which: slice) -> Any:
        return reading(self._world, {name: rows[which] for name, rows in self._rows.items()})


def _arrays(world: World) -> dict[str, np.ndarray]:
    """What a snapshot may read of a world; the tables of venues stand in the memory of the ledger."""
    return {
        "now": np.asarray(world.clock.now),
        "chains": np.asarray(world.chains.table),
        "tokens": np.asarray(world.tokens),
        "memory": world.ledger.memory,
        "cohorts": np.asarray(world.cohorts.table),
        "column": world.cohorts.column,
    }


def reading(world: World, arrays: dict[str, np.ndarray]) -> Any:
    """A world whose tables and balances are those of the moments in ``arrays``."""
    ledger, memory = world.ledger, arrays["memory"]

    def table(live: np.ndarray) -> Any:
        plain = np.asarray(live)
        first = (plain.ctypes.data - ledger.memory.ctypes.data) // 8
        words = memory[:, first : first + plain.nbytes // 8]
        return Table(words.view(plain.dtype))

    def put(into: Any, **tables: Any) -> Any:
        return into._replace(**tables)

    balance = _Numbers(memory[:, : len(ledger.balance)].view(np.float64))
    offset, first = Offsets(ledger.offset), ledger.first.tolist()
    column = _Numbers(arrays["column"])
    return put(
        world,
        clock=put(world.clock, now=Table(arrays["now"])),
        chains=put(world.chains, table=Table(arrays["chains"])),
        tokens=Table(arrays["tokens"]),
        ledger=put(ledger, balance=balance, offset=offset, first=first),
        venues=put(world.venues, **{k: table(v) for k, v in world.venues._asdict().items()}),
        cohorts=put(world.cohorts, table=Table(arrays["cohorts"]), column=column),
    )

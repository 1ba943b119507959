"""A summary as numbers with dotted names, and the summaries of many members as one table.

Undefined is null, never nought. Only counts by reason are nought where a member does not list the reason:
there, not to be listed is to have been counted none times.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import polars as pl

Number: TypeAlias = float | int | bool | None
OWN_COLUMNS = ("seed",)  # of the members table
COUNTS = "_by_reason."


def flat(summary: Mapping[str, Any]) -> dict[str, Number]:
    """Every number of a summary under its dotted name, in its order; words and lists are left out."""
    found: dict[str, Number] = {}

    def walk(prefix: str, table: Mapping[str, Any]) -> None:
        for key, value in table.items():
            name = f"{prefix}{key}"
            if isinstance(value, Mapping):
                walk(f"{name}.", value)
            elif value is None or isinstance(value, (bool, int, float)):
                found[name] = value

    walk("", {k: v for k, v in summary.items() if k not in (*OWN_COLUMNS, "undefined")})
    return found


def schema_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, pl.DataType]:
    """The columns of the members table: whole numbers, yes or no, or real numbers.

    They stand in the order in which they first occur by seed, so that the order of work changes nothing.
    """
    import polars as pl

    kinds: dict[str, set[type]] = {}
    for row in rows:
        for name, value in json.loads(row["numbers"]).items():
            kinds.setdefault(name, set()).update({type(value)} - {type(None)})
    dtypes: dict[frozenset[type], pl.DataType] = {
        frozenset({bool}): pl.Boolean(),
        frozenset({int}): pl.Int64(),
    }
    return {
        name: dtypes.get(frozenset(kinds[name]), pl.Float64())
        for name in _without_tables(list(kinds))
    }


def wide(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """One row a member: seed, what it was drawn from, and each number that any member has."""
    import polars as pl

    columns = {
        name: pl.Series(name, [row[name] for row in rows])
        for name in ("seed", "prices_sha256", "birth_sha256")
    }
    numbers = [json.loads(row["numbers"]) for row in rows]
    for name, dtype in schema.items():
        absent = 0 if COUNTS in name else None
        values = [row.get(name, absent) for row in numbers]
        columns[name] = pl.Series(name, values, dtype=dtype, strict=False)
    return pl.DataFrame(columns)


def reasons(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Why numbers are null, and in how many members."""
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        for name, reason in json.loads(row["undefined"]).items():
            of_name = counted.setdefault(name, {})
            of_name[reason] = of_name.get(reason, 0) + 1
    return {name: dict(sorted(told.items())) for name, told in sorted(counted.items())}


def _without_tables(names: list[str]) -> list[str]:
    """A whole table that is null in one member is no number beside those of the others."""
    tables = {name[:k] for name in names for k, letter in enumerate(name) if letter == "."}
    return [name for name in names if name not in tables]

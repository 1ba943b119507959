"""Layers -> one table: what a scenario says after everything it extends and everything that was set.

Tables merge key by key. Arrays of tables merge by ``name``, in order of declaration, new ones last.
A later layer replaces what an earlier one said in another way: ``delay`` replaces ``delay_seconds``,
``file`` replaces ``anchors``, a distribution replaces a distribution. ``remove`` deletes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.names import nearest
from scenarios.read import Layer
from scenarios.units import other_spelling
from sim.errors import MISSING, InputError

ARRAYS = ("assets", "chains", "feeds", "pools", "markets", "reserves", "cohorts", "shocks")
INSTEAD = {
    "anchors": ("file", "file_sha256", "columns", "from", "until"),
    "file": ("anchors", "file_sha256"),
}


def rows(table: Mapping[str, Any], array: str) -> list[dict[str, Any]]:
    """The rows of an array of tables; each has a name of its own."""
    value = table.get(array, [])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise InputError(
            None, array, value, f"expected an array of tables, each headed [[{array}]]"
        )
    names: set[str] = set()
    for place, row in enumerate(value, start=1):
        name = row.get("name", MISSING)
        if name is MISSING:
            odd = nearest("name", row)
            if odd is not None:
                raise InputError(
                    None, f"{array}[{place}].{odd}", row[odd], f"{array} have no such key", "name"
                )
            raise InputError(None, f"{array}[{place}].name", MISSING, "is required")
        if not isinstance(name, str):
            raise InputError(None, f"{array}[{place}].name", name, "expected text")
        if name in names:
            raise InputError(
                None, f"{array}.{name}", MISSING, "two tables of this array have this name"
            )
        names.add(name)
    return value


def merge_table(older: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """One table over another."""
    merged = dict(older)
    for key, value in newer.items():
        for replaced in (other_spelling(key, value, merged), *INSTEAD.get(key, ())):
            if replaced is not None and replaced not in newer:
                merged.pop(replaced, None)
        previous = merged.get(key)
        if isinstance(previous, dict) and isinstance(value, dict) and "distribution" not in value:
            merged[key] = merge_table(previous, value)
        else:
            merged[key] = value
    return merged


def merge_layer(older: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """One layer over what came before it."""
    merged = _without(older, newer.get("remove", []))
    for key, value in newer.items():
        if key in ("remove", "extends"):
            continue
        if key in ARRAYS:
            kept = {row["name"]: row for row in rows(merged, key)}
            for row in rows(newer, key):
                kept[row["name"]] = merge_table(kept.get(row["name"], {}), row)
            merged[key] = list(kept.values())
        else:
            merged = merge_table(merged, {key: value})
    return merged


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """All layers as one table; a refusal names the layer that it is about."""
    result: dict[str, Any] = {}
    for layer in layers:
        try:
            result = merge_layer(result, layer.table)
        except InputError as error:
            raise error.in_file(layer.source) from None
    return result


def _without(table: Mapping[str, Any], paths: object) -> dict[str, Any]:
    if not isinstance(paths, (list, tuple)) or not all(isinstance(path, str) for path in paths):
        raise InputError(None, "remove", paths, 'expected a list such as ["shocks.gap"]')
    result = dict(table)
    for path in paths:
        array, _, name = path.partition(".")
        names = [row["name"] for row in rows(result, array)] if array in ARRAYS else []
        if name not in names:
            known = [f"{a}.{row['name']}" for a in ARRAYS for row in rows(result, a)]
            raise InputError(
                None, "remove", path, "nothing to remove has this name", nearest(path, known)
            )
        result[array] = [row for row in result[array] if row["name"] != name]
    return result


def source_of(layers: Sequence[Layer], key: str | None) -> str:
    """The latest layer that says anything about a key: where its reader should look."""
    path = key or ""
    while path:
        for layer in reversed(layers):
            if _says(layer.table, path):
                return layer.source
        path = path.rpartition(".")[0]
    files = [layer.source for layer in layers if layer.source.endswith(".toml")]
    return files[-1] if files else layers[-1].source


def _says(table: Any, path: str) -> bool:
    if not path:
        return True
    if isinstance(table, Mapping):
        heads = [key for key in table if path == key or path.startswith(f"{key}.")]
        return any(_says(table[key], path[len(key) + 1 :]) for key in heads)
    if isinstance(table, (list, tuple)):
        named = [
            row for row in table if isinstance(row, Mapping) and isinstance(row.get("name"), str)
        ]
        fitting = [
            row for row in named if path == row["name"] or path.startswith(row["name"] + ".")
        ]
        return any(_says(row, path[len(row["name"]) + 1 :]) for row in fitting)
    return False

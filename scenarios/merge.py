"""Layers -> one table: what a scenario says after everything it extends and everything that was set.

Tables merge key by key. Arrays of tables merge by ``name``, in order of declaration, new ones last.
A later layer replaces what an earlier one said in another way: ``delay`` replaces ``delay_seconds``,
``file`` replaces ``anchors``, a distribution replaces a distribution; and a choice replaces what only the
other choice uses: ``mode = "fixed"`` the heartbeat of a feed. ``remove`` deletes a row or one key of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.names import nearest
from scenarios.read import Layer
from scenarios.units import other_spelling, without_unit
from sim.errors import MISSING, InputError

ARRAYS = (
    "assets", "chains", "feeds", "pools", "markets", "reserves", "emodes", "share_vaults", "placements",
    "redemptions", "cohorts", "shocks",
)  # fmt: skip
INSTEAD = {
    "anchors": ("file", "file_sha256", "columns", "from", "until"),
    "file": ("anchors", "file_sha256"),
}
PUSH = (
    "deviation_fraction",
    "heartbeat_seconds",
    "delay_seconds",
    "tip_gwei",
    "max_fee_multiple",
    "patience_blocks",
)
DEVIATION = ("deviation_fraction", "heartbeat_seconds")  # what makes a push feed publish
CALIBRATION = ("calibration_seeds", "calibration_rounds", "max_gap_fraction")
AUCTIONS = {  # keys of a market of debt positions that only one kind of auction uses
    "dutch": (
        "hole",
        "buf_multiple",
        "cut_fraction",
        "step_seconds",
        "tail_seconds",
        "cusp_fraction",
    ),
    "english": ("lump", "beg_fraction", "ttl_seconds", "tau_seconds"),
}
CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "mode": {
        "fixed": (*PUSH, "base_feed"),
        "push": ("fixed_price_usd", "base_feed"),
        "delayed": ("fixed_price_usd", *DEVIATION, "base_feed"),
        "rate": ("fixed_price_usd", *PUSH),
        "fair": ("fixed_price_usd", *PUSH, "base_feed"),
    },
    "auction": {"dutch": AUCTIONS["english"], "english": AUCTIONS["dutch"]},
    "fee_market": {"first_price": ("gas_target",)},
    "kind": {"fundamental": CALIBRATION, "market": CALIBRATION},
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
        for replaced in (other_spelling(key, value, merged), *_instead(key, value)):
            if replaced is not None and replaced not in newer:
                merged.pop(replaced, None)
        previous = merged.get(key)
        if isinstance(previous, dict) and isinstance(value, dict) and "distribution" not in value:
            merged[key] = merge_table(previous, value)
        else:
            merged[key] = value
    return merged


def _instead(key: str, value: object) -> list[str]:
    """Every spelling of what earlier layers said in another way, or for another choice."""
    moot = CHOICES.get(key, {}).get(value, ()) if isinstance(value, str) else ()
    return [*INSTEAD.get(key, ()), *moot, *map(without_unit, moot)]


def merge_layer(older: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """One layer over what came before it."""
    if "remove" in newer and not older:
        _look_for_extends(newer)
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


def _look_for_extends(table: Mapping[str, Any]) -> None:
    """A file that removes something extends another one: it may only have misspelt the key."""
    for key in table:
        if key != "extends" and nearest(key, ("extends",)) is not None:
            problem = f"a scenario has no key {key!r}"
            raise InputError(None, key, table[key], problem, "extends")


def _without(table: Mapping[str, Any], paths: object) -> dict[str, Any]:
    if not isinstance(paths, (list, tuple)) or not all(isinstance(path, str) for path in paths):
        problem = 'expected a list such as ["shocks.gap", "feeds.eth_usd.delay"]'
        raise InputError(None, "remove", paths, problem)
    result = dict(table)
    for path in paths:
        array, _, rest = path.partition(".")
        there = rows(result, array) if array in ARRAYS else []
        if any(row["name"] == rest for row in there):
            result[array] = [row for row in there if row["name"] != rest]
        elif any(_has(row, rest) for row in there):
            result[array] = [_lacking(row, rest) if _has(row, rest) else row for row in there]
        else:
            known = [f"{a}.{row['name']}" for a in ARRAYS for row in rows(result, a)]
            known += [f"{array}.{row['name']}.{key}" for row in there for key in row]
            raise InputError(
                None, "remove", path, "nothing to remove has this name", nearest(path, known)
            )
    return result


def _spellings(row: Mapping[str, Any], path: str) -> set[str]:
    """The keys of a row that ``<name>.<key>`` means, with the unit in the name or in the value."""
    named = path.startswith(f"{row['name']}.")
    asked = path[len(row["name"]) + 1 :] if named else ""
    return {key for key in row if asked in (key, without_unit(key)) or key == without_unit(asked)}


def _has(row: Mapping[str, Any], path: str) -> bool:
    return bool(_spellings(row, path) - {"name"})


def _lacking(row: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _spellings(row, path)}


def source_of(layers: Sequence[Layer], key: str | None) -> str:
    """The latest layer that says anything about a key: where its reader should look."""
    path = key or ""
    while path:
        for layer in reversed(layers):
            if _says(layer.table, path) or _says(layer.table, without_unit(path)):
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

"""Changes to a scenario that stand in no file: ``--set`` on the command line, ``with_`` in Python.

    --set cohorts.eth_loop.target_health=1.2
    with_(time={"horizon_blocks": 100}, oracle={"delay": "1 h"})

Each becomes a small table that is merged like any other layer. ``*`` stands for every row of an array.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.parameters import Distribution
from scenarios.merge import ARRAYS, rows
from scenarios.names import listed, nearest
from scenarios.schema.laws import as_value
from sim.errors import InputError

COMMAND_LINE, PYTHON = "--set", "with_"
EVERY = "*"
SYNONYMS = {"oracle": f"feeds.{EVERY}"}  # with_(oracle={"delay": "1 h"}) means every feed


def fragments(tree: Mapping[str, Any], path: str, value: Any) -> Iterator[dict[str, Any]]:
    """``cohorts.eth_loop.target_health`` and a value, as tables that can be merged into ``tree``."""
    for synonym, meaning in SYNONYMS.items():
        if path == synonym or path.startswith(synonym + "."):
            path = meaning + path.removeprefix(synonym)
    array, _, rest = path.partition(".")
    if array == "extends":
        problem = "only a file extends another: name the scenario to begin with instead"
        raise InputError(None, path, value, problem)
    if array not in ARRAYS:
        yield _nested(path.split("."), value)
    elif not rest:
        yield from _rows_of(tree, array, value)
    else:
        names = [row["name"] for row in rows(tree, array)]
        fitting = [name for name in names if rest == name or rest.startswith(name + ".")]
        every = rest == EVERY or rest.startswith(EVERY + ".")
        if not fitting and not every:
            asked = next(
                (rest[: len(n)] for n in names if nearest(rest[: len(n)], [n])), rest.split(".")[0]
            ).rstrip(".")
            problem = f"no table of {array} has the name {asked!r} (there are: {listed(names)})"
            raise InputError(None, path, value, problem, nearest(asked, names))
        name = EVERY if every else max(fitting, key=len)
        key = rest[len(name) + 1 :]
        if not key and not isinstance(value, Mapping):
            raise InputError(None, path, value, "names a whole table: name one of its keys")
        if key == "name" or (not key and "name" in value):
            raise InputError(None, path, value, "a name cannot be changed")
        inner = _nested(key.split("."), value) if key else dict(value)
        yield {array: [{"name": one, **inner} for one in (names if every else [name])]}


def _rows_of(tree: Mapping[str, Any], array: str, value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, Mapping):  # {"eth_loop": {"target_health": 1.2}}
        for name, keys in value.items():
            yield from fragments(tree, f"{array}.{name}", keys)
    else:
        yield {array: value}


def _nested(keys: Sequence[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def split(text: str) -> tuple[str, Any]:
    """``path=value``: the value as TOML reads it, else as text."""
    path, equals, value = text.partition("=")
    path = path.strip()
    if not equals or not path or not all(path.split(".")):
        raise InputError(
            COMMAND_LINE, None, text, "expected path=value, as in time.horizon_blocks=100"
        )
    try:
        table = tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):
        return path, value.strip()
    return path, table["value"] if table.keys() == {"value"} else value.strip()


def plain(value: Any) -> Any:
    """A value given in Python as TOML would have given it."""
    if isinstance(value, Distribution):
        return as_value(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.item() if hasattr(value, "item") else value  # a number of numpy

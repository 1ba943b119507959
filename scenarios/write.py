"""Plain tables -> text: TOML that reads back as the same tables, and the canonical JSON that is hashed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sim.errors import InputError


def canonical_json(tables: Mapping[str, Any]) -> str:
    """The one JSON text of some tables: sorted keys, no spaces, floats as ``repr`` writes them."""
    return json.dumps(
        tables, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):  # a JSON string is a TOML string, but for one character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return "{ " + inner + " }" if inner else "{}"
    raise InputError(None, None, value, f"a {type(value).__name__} cannot stand in a scenario file")


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None]


def toml(tables: Mapping[str, Any]) -> str:
    """Top-level values, then each table, then each array of tables, in the order given."""

    def is_array(value: Any) -> bool:
        return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)

    top = {k: v for k, v in tables.items() if not isinstance(v, Mapping) and not is_array(v)}
    blocks = [_lines(top)]
    for key, value in tables.items():
        if isinstance(value, Mapping):
            blocks.append([f"[{_key(key)}]", *_lines(value)])
        elif is_array(value):
            blocks.extend([f"[[{_key(key)}]]", *_lines(row)] for row in value)
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"

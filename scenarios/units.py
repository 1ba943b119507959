"""Numbers with units: the unit is in the name of a key or in its value, never in both.

    delay_seconds = 3600        delay = "1 h"
    tvl_usd = 200e6             tvl = "200 M USD"
    fee_fraction = 0.003        fee = "30 bps"

Inside the program a key always has the name with the unit; this file turns one spelling into the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from scenarios.names import nearest
from sim.errors import InputError

# What a value may say for a key whose name ends so: unit -> (times, divided by).
_SHARE = {"%": (1.0, 100.0), "percent": (1.0, 100.0), "bps": (1.0, 1e4)}
_SECONDS = {
    **dict.fromkeys(("s", "second", "seconds"), (1.0, 1.0)),
    **dict.fromkeys(("min", "minute", "minutes"), (60.0, 1.0)),
    **dict.fromkeys(("h", "hour", "hours"), (3600.0, 1.0)),
    **dict.fromkeys(("d", "day", "days"), (86400.0, 1.0)),
}
_USD = {"USD": 1.0, "k USD": 1e3, "M USD": 1e6, "bn USD": 1e9}
_PER_YEAR = {f"{unit} per year": scale for unit, scale in _SHARE.items()}
UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "_seconds": _SECONDS,
    "_blocks": {"block": (1.0, 1.0), "blocks": (1.0, 1.0)},
    "_usd": {unit: (scale, 1.0) for unit, scale in _USD.items()},
    "_fraction": _SHARE,
    "_bps": {unit: (1e4, over) for unit, (_, over) in _SHARE.items()},
    "_gwei": {"gwei": (1.0, 1.0)},
    "_eth": {"ETH": (1.0, 1.0)},
    "_per_year": {**_PER_YEAR, "per year": (1.0, 1.0)},
}
_MEANS = {
    "_seconds": 'a duration, for example "1 h" (s, min, h, d, blocks)',
    "_blocks": 'a duration, for example "25 blocks" or "1 h" (s, min, h, d, blocks)',
    "_usd": 'an amount in USD, for example "200 M USD" (USD, k USD, M USD, bn USD)',
    "_fraction": 'a share, for example "5 %" or "30 bps"',
    "_bps": 'a share, for example "30 bps" or "5 %"',
    "_gwei": 'a price of gas, for example "13 gwei"',
    "_eth": 'an amount of ether, for example "2 ETH"',
    "_per_year": 'a rate, for example "70 % per year"',
}
_QUANTITY = re.compile(r"\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)


def suffix_of(key: str) -> str | None:
    """The unit a key carries in its name, if it is one that a value could carry instead."""
    return next((unit for unit in UNITS if key.endswith(unit) and key != unit[1:]), None)


def without_unit(key: str) -> str:
    """A key without the unit in its name."""
    return key.removesuffix(suffix_of(key) or "")


def bare_names(known: Iterable[str]) -> dict[str, str]:
    """Names without their unit -> names with it, for the keys of one table."""
    keys = set(known)
    pairs = ((key, suffix_of(key)) for key in sorted(keys))
    bare = {key[: -len(unit)]: key for key, unit in pairs if unit}
    return {name: key for name, key in bare.items() if name not in keys}


def split_quantity(value: object) -> tuple[str, str] | None:
    """``"200 M USD"`` -> ("200", "M USD"); None if this is not a number followed by a unit."""
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) and len(value) < 100 else None
    if match is None:
        return None
    unit = " ".join(match[2].replace("/", " per ").split())
    return match[1].replace("_", ""), unit


def is_quantity(value: object) -> bool:
    """Whether a value is a number with a unit we know."""
    parts = split_quantity(value)
    return parts is not None and any(parts[1] in units for units in UNITS.values())


def in_units_of(key: str, value: object, unit: str, path: str, slot_seconds: float) -> float:
    """The number that ``key`` (which ends in ``unit``) takes when a file says ``value``."""
    parts = split_quantity(value)
    if (isinstance(value, (int, float)) and not isinstance(value, bool)) or (
        parts and not parts[1]
    ):
        problem = f"the unit is missing: write {key} = ... or give {_MEANS[unit]}"
        raise InputError(None, path, value, problem)
    if parts is None:
        raise InputError(None, path, value, f"expected {_MEANS[unit]}")
    text, said = parts
    blocks_said, time_said = said in UNITS["_blocks"], said in _SECONDS
    if unit == "_seconds" and blocks_said:
        return _product(text, slot_seconds, 1.0)
    if unit == "_blocks" and time_said:
        blocks = _product(text, _SECONDS[said][0], slot_seconds)
        return float(math.ceil(blocks - 1e-9)) if math.isfinite(blocks) else blocks
    if said not in UNITS[unit]:
        elsewhere = any(said in units for units in UNITS.values())
        is_time = unit in ("_seconds", "_blocks")
        fitting = {**_SECONDS, **UNITS["_blocks"]} if is_time else UNITS[unit]
        near = None if elsewhere else nearest(said, fitting)
        raise InputError(None, path, value, f"unit {said!r}: expected {_MEANS[unit]}", near)
    return _product(text, *UNITS[unit][said])


def _product(text: str, times: float, over: float) -> float:
    """A number as written, times and over others, rounded once: "2.7 %" is 0.027 to the last bit."""
    try:
        return float(Decimal(text) * Decimal(times) / Decimal(over))
    except ArithmeticError:
        return float(text) * times / over


def _spelt_out(key: str, value: Any, path: str, slot_seconds: float) -> Any:
    unit = suffix_of(key)
    assert unit is not None
    if isinstance(value, Mapping):  # a distribution: each of its numbers has the unit
        return {
            part: in_units_of(key, number, unit, f"{path}.{part}", slot_seconds)
            if part in ("low", "high", "mean", "std", "median")
            else number
            for part, number in value.items()
        }
    number = in_units_of(key, value, unit, path, slot_seconds)
    return int(number) if unit == "_blocks" and float(number).is_integer() else number


def name_units(
    table: Mapping[str, Any],
    known: Collection[str],
    path: str,
    slot_seconds: float,
) -> dict[str, Any]:
    """A table in which every unit is in the name. Keys that are not known are kept as they are."""
    bare = bare_names(known)
    result: dict[str, Any] = {}
    for key, value in table.items():
        here = f"{path}.{key}"
        full = bare.get(key)
        if full is not None:
            spelt = _spelt_out(full, value, here, slot_seconds)
            if full in table:
                raise InputError(None, here, value, f"{full} is given as well: keep one of the two")
            result[full] = spelt
            continue
        unit = suffix_of(key)
        if key in known and f"_{key}" in UNITS and split_quantity(value) is not None:
            problem = "the name already carries the unit: give a number"
            raise InputError(None, here, value, problem)
        if key in known and unit is not None and isinstance(value, str):
            short = key.removesuffix(unit)
            problem = f"the name already carries the unit: give a number, or write {short} = ..."
            if split_quantity(value) is None:
                problem = "expected a number"
            raise InputError(None, here, value, problem)
        result[key] = value
    return result


def other_spelling(key: str, value: object, table: Mapping[str, Any]) -> str | None:
    """The key of ``table`` that says the same as ``key`` in the other spelling: a later layer replaces it."""
    unit = suffix_of(key)
    if unit is not None:
        short = key.removesuffix(unit)
        told = table.get(short)
        return short if is_quantity(told) or isinstance(told, Mapping) else None
    if is_quantity(value) or isinstance(value, Mapping):
        return next((key + unit for unit in UNITS if key + unit in table), None)
    return None

"""A table of ``[[cohorts]]`` -> a cohort: common keys, and the parameters of its strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.strategies import STRATEGIES
from scenarios.names import listed, nearest
from scenarios.schema.build import refuse_unknown, validated
from scenarios.schema.cohorts import Cohort, every_key, needed_keys, parameter_fields, used_keys
from scenarios.schema.laws import distribution, finite
from scenarios.units import bare_names, name_units
from sim.errors import MISSING, InputError


def build_cohort(table: Mapping[str, Any], path: str, slot_seconds: float) -> Cohort:
    """A cohort: common keys into fields, the strategy's own keys into ``parameters``."""
    strategy = table.get("strategy", MISSING)
    if not isinstance(strategy, str) or strategy not in STRATEGIES:
        refuse_unknown(table, every_key(), path, "cohorts have no key {key!r}")
        problem = "is required" if strategy is MISSING else "no such strategy"
        few = f"{problem} (there are: {listed(STRATEGIES, 30)})"
        raise InputError(None, f"{path}.strategy", strategy, few, nearest(strategy, STRATEGIES))
    own, used = parameter_fields(strategy), used_keys(strategy)
    known = [*used, *own]
    elsewhere = {*every_key(), *bare_names(every_key())} - {*known, *bare_names(known)}
    refuse_unknown(
        {key: value for key, value in table.items() if key not in elsewhere},
        known,
        path,
        f"{STRATEGIES[strategy].role} strategy {strategy!r} has no parameter {{key!r}}",
    )
    for key in elsewhere.intersection(table):
        problem = f"strategy {strategy!r} does not use {key!r}"
        raise InputError(None, f"{path}.{key}", table[key], problem)
    plain = name_units(table, known, path, slot_seconds)
    for key in needed_keys(strategy):
        if key not in plain:
            raise InputError(
                None, f"{path}.{key}", MISSING, f"is required for strategy {strategy!r}"
            )
    common = {key: value for key, value in plain.items() if key in used}
    if "size" in common:
        common["size"] = distribution(common["size"], f"{path}.size", 1e-9, 1e9)
    common["parameters"] = {
        key: _parameter(plain.get(key, MISSING), field, f"{path}.{key}")
        for key, field in own.items()
    }
    return validated(Cohort, common, table, path)


def _parameter(value: Any, field: Any, path: str) -> Any:
    """One parameter of a strategy: a distribution if each vault has its own, else a number or a switch."""
    low, high = field.metadata["low"], field.metadata["high"]
    if value is MISSING:
        value = field.default
        return value if field.metadata["per_vault"] or isinstance(value, bool) else float(value)
    if field.metadata["per_vault"]:
        return distribution(value, path, low, high)
    if isinstance(field.default, bool):
        if not isinstance(value, bool):
            raise InputError(None, path, value, "expected true or false")
        return value
    if isinstance(value, Mapping):
        raise InputError(
            None, path, value, "expected a number: it is the same for the whole cohort"
        )
    number = finite(value, path)
    if not low <= number <= high:
        raise InputError(None, path, value, f"must be between {low:g} and {high:g}")
    return number

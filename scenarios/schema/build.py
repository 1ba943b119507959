"""One table of a file -> one validated object, or the first thing that is wrong with it.

The order of questions is that of a reader: is the kind known, is each key known, are the units right,
is nothing missing, is each value within its bounds?
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scenarios.names import listed, nearest
from scenarios.schema.shocks import SHOCKS, PricePath, Shock
from scenarios.units import bare_names, name_units, suffix_of
from sim.errors import MISSING, InputError

Model = TypeVar("Model", bound=BaseModel)


def keys_of(model: type[BaseModel]) -> dict[str, str]:
    """The keys of a table as a file writes them -> the fields of its model."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value


def refuse_unknown(
    table: Mapping[str, Any], known: Collection[str], path: str, problem: str
) -> None:
    """The first key that no table of this kind has."""
    spellings = [*known, *bare_names(known)]
    for key, value in table.items():
        if key not in spellings:
            here = f"{path}.{key}" if path else key
            taken = [
                name for name in spellings if name in table or _other(name, spellings) in table
            ]
            near = nearest(key, spellings, taken)
            few = "" if near else f" (there are: {listed(known, 30)})"
            raise InputError(None, here, value, problem.format(key=key) + few, near)


def _other(name: str, spellings: Collection[str]) -> str | None:
    """The other spelling of a key among those known."""
    unit = suffix_of(name)
    if unit:
        return name.removesuffix(unit)
    return next(
        (s for s in spellings if suffix_of(s) and s.removesuffix(suffix_of(s) or "") == name), None
    )


def build(model: type[Model], table: Any, path: str, slot_seconds: float) -> Model:
    """A table of the world or a shock."""
    if not isinstance(table, Mapping):
        raise InputError(None, path, table, f"expected a table, headed [{path}]")
    known = keys_of(model)
    array = path.partition(".")[0]
    refuse_unknown(
        table, known, path, f"{array} have no key {{key!r}}" if "." in path else "no such key"
    )
    plain = name_units(table, known, path, slot_seconds)
    if model is PricePath and isinstance(plain.get("columns"), Mapping):
        columns = keys_of(PricePath.model_fields["columns"].annotation.__args__[0])  # type: ignore[union-attr]
        refuse_unknown(
            plain["columns"], columns, f"{path}.columns", "a price file has no column {key!r}"
        )
    return validated(model, plain, table, path)


def validated(
    model: type[Model], plain: Mapping[str, Any], said: Mapping[str, Any], path: str
) -> Model:
    """Let pydantic look at every value; answer with its first complaint in our words."""
    try:
        return model.model_validate({key: frozen(value) for key, value in plain.items()})
    except ValidationError as error:
        raise _first(error, said, path) from None


def _first(error: ValidationError, said: Mapping[str, Any], path: str) -> InputError:
    problem = error.errors(include_url=False)[0]
    place = [str(part) for part in problem["loc"]]
    bare = {full: short for short, full in bare_names(place).items()}
    if place and place[0] not in said and bare.get(place[0]) in said:
        place[0] = bare[place[0]]
    here = ".".join([path, *place] if path else place)
    if problem["type"] == "missing":
        return InputError(None, here, MISSING, "is required")
    is_huge = type(problem["input"]) is int and problem["type"] == "float_type"
    text, near = _words("finite_number" if is_huge else problem["type"], problem["msg"]), None
    if problem["type"] == "literal_error":
        options = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        text, near = f"expected one of: {listed(options)}", nearest(problem["input"], options)
    return InputError(None, here, problem["input"], text, near)


def _words(kind: str, message: str) -> str:
    words = {
        "float_type": "expected a number",
        "int_type": "expected a whole number",
        "int_from_float": "expected a whole number",
        "bool_type": "expected true or false",
        "string_type": "expected text",
        "tuple_type": "expected a list",
        "finite_number": "must be a finite number",
        "string_pattern_mismatch": "has characters that are not allowed here",
    }
    plain = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return words.get(kind, plain)


def build_shock(table: Mapping[str, Any], path: str, slot_seconds: float) -> Shock:
    """A shock: which model reads it is said by its key ``shock``."""
    kind = table.get("shock", MISSING)
    if not isinstance(kind, str) or kind not in SHOCKS:
        everything = {key: None for model in SHOCKS.values() for key in keys_of(model)}
        refuse_unknown(table, everything, path, "shocks have no key {key!r}")
        problem = "is required" if kind is MISSING else "no such kind of shock"
        raise InputError(
            None,
            f"{path}.shock",
            kind,
            f"{problem} (there are: {listed(SHOCKS)})",
            nearest(kind, SHOCKS),
        )
    return build(SHOCKS[kind], table, path, slot_seconds)

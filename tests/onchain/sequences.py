"""The file of vectors: sequences of operations, and what the chain answered to each. Format 1.

Everything is an integer in the base units of the chain, so that a file says exactly what the contract
said. A file is gzipped text, one JSON value a line: a header, then one sequence a line. ``README.md``
beside this file has the whole description; this module reads and writes it and turns base units into
whole tokens.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
OK = "ok"
ALL = "all"  # as an amount: everything that the sender holds

# Base units in one, for what is no token. None: a count or a choice, compared exactly.
FIXED_UNITS: dict[str, int | None] = {
    "exact": None,
    "seconds": None,
    "percent": 10**2,
    "bps": 10**4,
    "cents": 10**2,
    "pips": 10**6,
    "usd": 10**8,
    "e10": 10**10,
    "wad": 10**18,
    "ray": 10**27,
    "x96": 2**96,
    "x112": 2**112,
    "x128": 2**128,
}


@dataclass(frozen=True)
class Operation:
    """One transaction and its answer. ``seconds`` pass before it."""

    do: str
    inputs: dict[str, Any]
    status: str  # "ok", or the reason of the contract, word for word
    out: dict[str, Any]  # what can be observed afterwards, in base units
    seconds: int = 0
    spread: dict[str, Any] = field(default_factory=dict)  # see conditioning in README.md
    is_edge: bool = False  # one base unit more or less changes the status
    branches: list[str] = field(default_factory=list)  # paths of the contract that were taken


@dataclass(frozen=True)
class Sequence:
    name: str
    decimals: dict[str, int]  # of each token by its name in the units
    setup: dict[str, Any]
    operations: list[Operation]


@dataclass(frozen=True)
class Header:
    protocol: str
    contracts: list[str]  # what was executed: package, version, contract
    seed: int
    units: dict[str, str]  # of each name in setup, inputs and out
    reasons: list[str]  # reverts of the contract that can be reached
    branches: list[str]  # paths of the contract that can be reached
    format: int = FORMAT


def unit_of(name: str, units: dict[str, str], inputs: dict[str, Any], place: int = 0) -> str:
    """The unit of a value; ``token{token_in}`` reads an input, ``token{i}`` the place in a list."""
    return units[name].format(i=place, **inputs)


def base_units(unit: str, decimals: dict[str, int]) -> int | None:
    """Base units in one whole unit, None where a value is compared exactly."""
    if unit in FIXED_UNITS:
        return FIXED_UNITS[unit]
    return int(10 ** decimals[unit])


def coarser_units(unit: str, decimals: dict[str, int]) -> int:
    """Base units of a token in one base unit of the token with the fewest decimals."""
    return int(10 ** (decimals[unit] - min(decimals.values()))) if unit in decimals else 1


def whole(
    values: dict[str, Any], units: dict[str, str], decimals: dict[str, int], inputs: dict[str, Any]
) -> dict[str, Any]:
    """Base units as floats in whole units; counts, choices and ``"all"`` as they are."""

    def convert(name: str, value: Any, place: int = 0) -> Any:
        if isinstance(value, list):
            return [convert(name, each, i) for i, each in enumerate(value)]
        one = base_units(unit_of(name, units, inputs, place), decimals)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value / one if one is not None and is_number else value

    return {name: convert(name, value) for name, value in values.items()}


def read_header(path: Path) -> Header:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return _header(path, file.readline())


def read(path: Path) -> Iterator[Sequence]:
    """Sequences, one after the other."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        _header(path, file.readline())
        for line in file:
            fields = json.loads(line)
            operations = [Operation(**each) for each in fields.pop("operations")]
            yield Sequence(**fields, operations=operations)


def write(path: Path, header: Header, sequences: Iterable[Sequence]) -> None:
    """The same content gives the same bytes: no date and no file name inside."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as file,
    ):
        file.write(_line(asdict(header)))
        for sequence in sequences:
            fields = asdict(sequence)
            fields["operations"] = [_without_defaults(each) for each in fields["operations"]]
            file.write(_line(fields))


def _header(path: Path, line: str) -> Header:
    header = Header(**json.loads(line))
    if header.format != FORMAT:
        raise ValueError(f"{path}: format {header.format}, this program reads format {FORMAT}")
    return header


def _without_defaults(operation: dict[str, Any]) -> dict[str, Any]:
    optional = ("seconds", "spread", "is_edge", "branches")
    return {key: value for key, value in operation.items() if value or key not in optional}


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"

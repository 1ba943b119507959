"""Text of scenario files -> layers: one plain table a file, the oldest ancestor first.

TOML, because it refuses duplicate keys, which YAML and JSON drop silently. Everything that can be wrong
with a text before one knows what its keys mean is refused here.
"""

from __future__ import annotations

import os
import pathlib
import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from scenarios.names import listed, nearest
from sim.errors import MISSING, InputError

PRESETS = pathlib.Path(__file__).resolve().parent / "presets"
LARGEST_FILE_BYTES = 250_000
DEEPEST_NESTING = 8
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){30}""")
MOST_ANCESTORS = 16
_PLACE = re.compile(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)


class Layer(NamedTuple):
    """One source of keys: a file, an override of the command line, a change made in Python."""

    source: str
    table: dict[str, Any]


def preset_names() -> list[str]:
    """The scenarios that come with Aftershock, sorted."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def find(
    name: str | os.PathLike[str], folder: pathlib.Path | None = None, key: str | None = None
) -> pathlib.Path:
    """The file of a scenario: a preset by name, or a path to a .toml file (relative to ``folder``)."""
    text = os.fspath(name)
    said_in = None if folder is None else folder
    if "\0" in text or not text:
        raise InputError(
            said_in, key, text, "expected the name of a preset or a path to a .toml file"
        )
    if not text.endswith(".toml") and os.sep not in text and "/" not in text:
        if text in preset_names():
            return PRESETS / f"{text}.toml"
        problem = f"no preset has this name (there are: {listed(preset_names())})"
        raise InputError(said_in, key, text, problem, nearest(text, preset_names()))
    path = (folder or pathlib.Path()) / pathlib.Path(text).expanduser()
    try:
        if path.is_file():
            return path
        problem = "expected a file" if path.exists() else "no such file"
        beside = (
            [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        )
    except OSError as error:
        raise InputError(said_in, key, text, error.strerror or "cannot be read") from None
    raise InputError(said_in, key, text, problem, nearest(path.name, [*beside, *preset_names()]))


def _line_problem(text: str, error: Exception) -> tuple[str | None, str]:
    match = _PLACE.match(str(error))
    if match is None:
        return None, f"not valid TOML: {error}"
    said, line = match[1], match[2]
    if line is None:
        return None, f"not valid TOML: {said} (at the end of the file)"
    here = text.splitlines()[int(line) - 1] if int(line) <= len(text.splitlines()) else ""
    key = here.partition("=")[0].strip(" \t[]")[:60] or None
    if said.startswith(("Cannot overwrite", "Cannot declare", "Duplicate", "Cannot redefine")):
        return key, f"line {line}: given twice"
    return key, f"line {line}: not valid TOML: {said}"


def parse(text: str, source: object) -> dict[str, Any]:
    """TOML text as a plain table, or one clear refusal."""
    if _DEEP_KEY.search(text):  # a key of a thousand parts would keep the parser busy for seconds
        raise InputError(source, None, None, f"nested more than {DEEPEST_NESTING} levels deep")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        key, problem = _line_problem(text, error)
        raise InputError(source, key, MISSING, problem) from None
    except RecursionError:
        raise InputError(source, None, None, "nested far too deeply") from None
    except ValueError as error:  # a number of thousands of digits, a day that does not exist
        raise InputError(source, None, None, f"not valid TOML: {error}") from None
    refuse_deep(table, source)
    return table


def refuse_deep(value: object, source: object, key: str | None = None, depth: int = 0) -> None:
    """Refuse nesting that no scenario needs, before anything walks it."""
    if depth > DEEPEST_NESTING:
        raise InputError(source, key, MISSING, f"nested more than {DEEPEST_NESTING} levels deep")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            refuse_deep(inner, source, key or str(name), depth + 1)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            refuse_deep(inner, source, key, depth + 1)


def read_text(path: pathlib.Path) -> str:
    """The text of a scenario file: UTF-8, and not absurdly large."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            problem = f"{size} bytes is too large for a scenario (at most {LARGEST_FILE_BYTES})"
            raise InputError(path, None, None, problem)
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(path, None, None, f"cannot be read: {error.strerror}") from None
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"line {line}: byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise InputError(path, None, None, problem) from None


def _beside(table: dict[str, Any], folder: pathlib.Path) -> dict[str, Any]:
    """Price files are named relative to the scenario file that names them."""
    shocks = table.get("shocks")
    for shock in shocks if isinstance(shocks, list) else ():
        file = shock.get("file") if isinstance(shock, dict) else None
        if isinstance(file, str) and file and "\0" not in file:
            shock["file"] = os.path.abspath(folder / pathlib.Path(file).expanduser())
    return table


def layers(name: str | os.PathLike[str]) -> list[Layer]:
    """A scenario file and everything it extends, the oldest ancestor first."""
    path = find(name)
    found: list[Layer] = []
    seen: list[pathlib.Path] = []
    while True:
        seen.append(path.resolve())
        table = parse(read_text(path), path)
        found.insert(0, Layer(str(path), _beside(table, path.parent)))
        parent = table.get("extends")
        if parent is None:
            return found
        if not isinstance(parent, str):
            raise InputError(path, "extends", parent, "expected the name of a preset or a path")
        try:
            path, child = find(parent, path.parent, "extends"), path
        except InputError as error:
            raise error.in_file(path) from None
        if path.resolve() in seen:
            chain = " -> ".join(p.name for p in [*seen, path])
            raise InputError(child, "extends", parent, f"cyclic: {chain}")
        if len(seen) >= MOST_ANCESTORS:
            raise InputError(child, "extends", parent, f"more than {MOST_ANCESTORS} files deep")

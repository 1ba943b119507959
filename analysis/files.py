"""Writing so that nothing half-written ever looks whole, and saying plainly when a disk refuses."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

from sim.errors import AftershockError, one_line


def sha256_of(path: pathlib.Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def writing(path: pathlib.Path) -> Iterator[None]:
    """Turn whatever stops a write (a full disk, no permission, a panic of polars) into one clear line."""
    from polars.exceptions import PanicException, PolarsError

    try:
        yield
    except (OSError, PolarsError, PanicException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise AftershockError(f"cannot write {path}: {one_line(reason, 200)}") from error


def write_text(path: pathlib.Path, text: str) -> None:
    """Write a file whole: it appears under its name only when its bytes are on the disk."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: pathlib.Path, content: bytes) -> None:
    """The same for bytes."""
    part = path.with_name(path.name + ".part")
    with writing(path):
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


def write_json(path: pathlib.Path, document: Any) -> None:
    """A document as JSON that one can read; NaN is refused, for undefined is null."""
    write_text(path, json_text(document))


def json_text(document: Any) -> str:
    """The text of :func:`write_json`."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: pathlib.Path) -> Any:
    """A JSON document; raises OSError or ValueError."""
    return json.loads(path.read_bytes().decode("utf-8"))


def to_disk(path: pathlib.Path) -> None:
    """Make sure that a file or the names in a folder have reached the disk."""
    with writing(path):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

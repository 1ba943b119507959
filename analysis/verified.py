"""Reading a table of a run folder, never without its SHA-256.

A Parquet file with one flipped bit reads back silently wrong nine times out of ten.
"""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.files import sha256_of
from sim.errors import DamagedRun, one_line

if TYPE_CHECKING:
    import polars as pl


def verified(path: pathlib.Path, sha256: str) -> pathlib.Path:
    """The same path, after its bytes were found to be what was written."""
    try:
        found = sha256_of(path)
    except OSError as error:
        raise DamagedRun(f"{path}: cannot be read ({error.strerror}).") from None
    if found != sha256:
        raise DamagedRun(f"{path}: is not what was written (its SHA-256 does not match).")
    return path


def read_table(folder: pathlib.Path, told: Mapping[str, Any]) -> pl.LazyFrame:
    """A table that the manifest tells of, as a lazy frame."""
    import polars as pl
    from polars.exceptions import PanicException, PolarsError

    path = verified(folder / str(told["file"]), str(told["sha256"]))
    try:
        frame = pl.scan_parquet(path)
        frame.collect_schema()
        return frame
    except (OSError, PolarsError, PanicException) as error:  # a panic is not an Exception
        raise DamagedRun(f"{path}: cannot be read ({one_line(str(error), 200)}).") from None

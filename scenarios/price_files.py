"""Recorded prices from a CSV or Parquet file, refused unless they are in order, without gaps, and positive.

Columns ``timestamp`` and ``close``, optionally ``open``, ``high`` and ``low`` (all three or none) and
``asset``. The time of a bar is when it opens; a price without a bar stands at its timestamp, so that the
closes of bars want the times at which these close. A time without a zone is UTC; a number is seconds (or
milliseconds) since 1970. Gaps and bad prices after the end of the run are nobody's business.

polars is imported only here, only when a scenario names a file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import pathlib
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from scenarios.names import nearest
from scenarios.price_checks import (
    BARS,
    moment,
    of_asset,
    positive_prices,
    refuse_disorder,
    refuse_gaps,
    refuse_impossible_bars,
    refuse_missing_columns,
    times,
)
from scenarios.schema.shocks import Columns, PricePath
from scenarios.schema.values import unix_seconds, utc
from scenarios.schema.world import Time
from sim.errors import InputError

if TYPE_CHECKING:
    import numpy as np


@dataclasses.dataclass(frozen=True)
class Prices:
    """One asset's prices within a window, the bar or point at its start included."""

    time_seconds: np.ndarray  # (n,) since 1970; of a bar its opening, of a close the close itself
    step_seconds: float  # from one to the next; 0 if the file has one row only
    close: np.ndarray  # (n,) USD
    open: np.ndarray | None  # (n,) USD, or None where the file has closes only
    high: np.ndarray | None
    low: np.ndarray | None


def sha256_of(path: pathlib.Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_prices(
    path: str | os.PathLike[str],
    asset: str,
    from_: str | None = None,
    until: str | None = None,
    columns: Mapping[str, str] | None = None,
    enough_seconds: float | None = None,
) -> Prices:
    """The prices of ``asset`` between two moments, from the last time at or before the first.

    Without ``until`` they are read to the end of the file, or as far as they must to cover the time up to
    ``enough_seconds`` since 1970: a close there or later, or the bar that is open just before it.
    """
    import numpy as np

    place = pathlib.Path(path)
    names = {**Columns().model_dump(), **(columns or {})}
    frame = _read(place)
    refuse_missing_columns(frame, names, place)
    if names["asset"] in frame.columns:
        frame = of_asset(frame, names["asset"], asset, place)
    if frame.height == 0:
        raise InputError(place, None, None, "has no rows")
    seconds = times(frame[names["timestamp"]], place)
    refuse_disorder(seconds, place)
    begin = seconds[0] if from_ is None else unix_seconds(utc(from_))
    end = seconds[-1] if until is None else unix_seconds(utc(until))
    if begin < seconds[0]:
        raise InputError(
            place, "from", moment(begin), f"before the first price, at {moment(seconds[0])}"
        )
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
    is_bar = all(names[part] in frame.columns for part in BARS)
    if end > seconds[-1] + (step if is_bar else 0.0):
        raise InputError(
            place, "until", moment(end), f"after the last price, at {moment(seconds[-1])}"
        )
    first = int(np.searchsorted(seconds, begin, side="right")) - 1
    last = int(np.searchsorted(seconds, end, side="right"))
    if until is None and enough_seconds is not None:
        ends = seconds + (step if is_bar else 0.0)
        last = min(max(int(np.searchsorted(ends, enough_seconds)), first) + 1, last)
    if last - first < (1 if is_bar else 2):
        problem = f"too few prices between {moment(begin)} and {moment(end)}"
        raise InputError(place, None, None, problem)
    seconds = seconds[first:last]
    refuse_gaps(seconds, step, place)
    window = {
        part: positive_prices(frame[names[part]][first:last], names[part], seconds, place)
        for part in ("close", *(BARS if is_bar else ()))
    }
    if is_bar:
        refuse_impossible_bars(window, seconds, place)
    return Prices(seconds, step, window["close"], *(window.get(part) for part in BARS))


def check_file(shock: PricePath, time: Time) -> PricePath:
    """A price path with its file read and found good, its window and the hash of its content filled in."""
    key = f"shocks.{shock.name}"
    path = pathlib.Path(os.path.abspath(pathlib.Path(str(shock.file)).expanduser()))
    columns = None if shock.columns is None else shock.columns.model_dump()
    starts = time.start_unix_seconds + shock.start_seconds
    begin = shock.from_ or moment(starts)
    try:
        if shock.until is not None and unix_seconds(shock.until) <= unix_seconds(begin):
            raise InputError(None, "until", shock.until, f"not after from = {begin}")
        left = max(time.run_seconds - shock.start_seconds, time.slot_seconds)
        run_ends = unix_seconds(begin) + left
        prices = read_prices(path, shock.asset, begin, shock.until, columns, run_ends)
    except InputError as error:
        where, value = (
            (f"{key}.{error.key}", error.value) if error.key else (f"{key}.file", str(path))
        )
        problem = error.problem if not error.key else f"{error.problem} ({path.name})"
        raise InputError(None, where, value, problem, error.nearest) from None
    ends = float(prices.time_seconds[-1])
    if prices.open is not None:
        ends = min(ends + prices.step_seconds, run_ends)
    until = shock.until or moment(ends)
    digest = sha256_of(path)
    if shock.file_sha256 not in (None, digest):
        problem = f"the file has changed: its SHA-256 is {digest}"
        raise InputError(None, f"{key}.file_sha256", shock.file_sha256, problem)
    update = {"file": str(path), "file_sha256": digest, "from_": begin, "until": until}
    return shock.model_copy(update=update)


def _read(path: pathlib.Path) -> Any:
    try:
        if not path.exists():
            beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
            raise InputError(path, None, None, "no such file", nearest(path.name, beside))
        if not path.is_file():
            raise InputError(path, None, None, "expected a CSV or Parquet file")
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise InputError(path, None, None, problem) from None
    import polars as pl

    try:
        with _quiet():
            return (
                pl.read_parquet(path) if is_parquet else pl.read_csv(path, infer_schema_length=None)
            )
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of polars is not an Exception
        kind = "Parquet" if is_parquet else "CSV"
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(path, None, None, f"not a readable {kind} file: {said[0][:200]}") from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a panic prints away from the user, who gets one line that names the file."""
    sys.stderr.flush()
    try:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # no standard error to silence
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)

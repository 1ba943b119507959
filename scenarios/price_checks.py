"""What makes a recorded price series unusable: each refusal names the file, the time and the reason."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Mapping
from typing import Any

from scenarios.names import listed, nearest
from sim.errors import MISSING, InputError

BARS = ("open", "high", "low")
STEP_TOLERANCE = 1e-3  # of a step: how far two steps may differ before one of them is a gap
LOWEST_USD, HIGHEST_USD = 1e-12, 1e12  # no token has been worth less or more


def moment(seconds: float) -> str:
    """A time as it is written in a message."""
    at = datetime.datetime.fromtimestamp(float(seconds), datetime.UTC)
    return at.isoformat().replace("+00:00", "Z")


def refuse_missing_columns(frame: Any, names: Mapping[str, str], path: pathlib.Path) -> None:
    """The columns that every price file has, and bars whole or not at all."""
    bars = [part for part in BARS if names[part] in frame.columns]
    wanted = ["timestamp", "close", *(BARS if bars else ())]
    for part in wanted:
        if names[part] not in frame.columns:
            problem = f"has no column {names[part]!r} (its columns: {listed(frame.columns)})"
            raise InputError(
                path, f"columns.{part}", MISSING, problem, nearest(names[part], frame.columns)
            )


def of_asset(frame: Any, column: str, asset: str, path: pathlib.Path) -> Any:
    """The rows of one asset."""
    import polars as pl

    chosen = frame.filter(pl.col(column).cast(pl.String) == asset)
    if chosen.height == 0:
        there = [str(name) for name in frame[column].unique().sort().to_list()]
        problem = f"has no prices of this asset (its assets: {listed(there)})"
        raise InputError(path, "asset", asset, problem, nearest(asset, there))
    return chosen


def times(column: Any, path: pathlib.Path) -> Any:
    """The column of times, as seconds since 1970."""
    import numpy as np
    import polars as pl

    if column.null_count():
        raise InputError(path, None, None, f"a time is missing in column {column.name!r}")
    if column.dtype.is_numeric():
        seconds = column.cast(pl.Float64).to_numpy()
        if not np.isfinite(seconds).all():
            raise InputError(path, None, None, f"a time in column {column.name!r} is not finite")
        seconds = seconds / 1e3 if np.abs(seconds).max() > 1e11 else seconds
    elif column.dtype in (pl.Datetime, pl.Date):
        seconds = column.cast(pl.Datetime("us")).dt.epoch("us").to_numpy() / 1e6
    elif column.dtype == pl.String:
        seconds = np.array([_from_text(text, path) for text in column.to_list()])
    else:
        raise InputError(path, None, None, f"column {column.name!r} does not hold times")
    if np.abs(seconds).max() > 1e11:
        raise InputError(
            path, None, None, f"a time in column {column.name!r} is out of the range of dates"
        )
    return np.asarray(seconds, dtype=np.float64)


def _from_text(text: str, path: pathlib.Path) -> float:
    try:
        at = datetime.datetime.fromisoformat(text.strip().removesuffix(" UTC"))
        at = at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
        return at.timestamp()
    except (ValueError, OverflowError):
        raise InputError(
            path, "timestamp", text, "not a time such as 2020-03-12T01:00:00Z"
        ) from None


def refuse_disorder(seconds: Any, path: pathlib.Path) -> None:
    """Times that repeat or go back."""
    import numpy as np

    for row in np.flatnonzero(np.diff(seconds) <= 0)[:1]:
        at, after = seconds[row + 1], seconds[row]
        if at == after:
            raise InputError(path, "timestamp", moment(at), "duplicate time: it stands twice")
        raise InputError(
            path, "timestamp", moment(at), f"unsorted times: it follows {moment(after)}"
        )


def refuse_gaps(seconds: Any, step: float, path: pathlib.Path) -> None:
    """Times that are not evenly spaced."""
    import numpy as np

    for row in np.flatnonzero(np.abs(np.diff(seconds) - step) > STEP_TOLERANCE * step)[:1]:
        wide = seconds[row + 1] - seconds[row]
        problem = f"gap: {wide:g} s until the next price, where the others are {step:g} s apart"
        raise InputError(path, "timestamp", moment(seconds[row]), problem)


def positive_prices(column: Any, name: str, seconds: Any, path: pathlib.Path) -> Any:
    """A column of prices, each finite, above 0 and of a size that prices have."""
    import numpy as np
    import polars as pl

    if not column.dtype.is_numeric():
        raise InputError(path, None, None, f"column {name!r} does not hold numbers")
    prices = column.cast(pl.Float64).to_numpy()  # a missing price becomes NaN
    for row in np.flatnonzero(~(np.isfinite(prices) & (prices > 0)))[:1]:
        problem = f"column {name!r} has {prices[row]:g}: a price is a finite number above 0"
        raise InputError(path, "timestamp", moment(seconds[row]), problem)
    for row in np.flatnonzero((prices < LOWEST_USD) | (prices > HIGHEST_USD))[:1]:
        within = f"between {LOWEST_USD:g} and {HIGHEST_USD:g} USD"
        problem = f"column {name!r} has {prices[row]:g}: a price lies {within}"
        raise InputError(path, "timestamp", moment(seconds[row]), problem)
    return np.ascontiguousarray(prices)


def refuse_impossible_bars(window: Mapping[str, Any], seconds: Any, path: pathlib.Path) -> None:
    """Bars whose low and high do not enclose open and close."""
    import numpy as np

    low, high = (extreme(window["open"], window["close"]) for extreme in (np.minimum, np.maximum))
    for row in np.flatnonzero((window["low"] > low) | (window["high"] < high))[:1]:
        problem = (
            "open or close lies outside low and high; "
            "leave out these columns to use closes only, each at its timestamp"
        )
        raise InputError(path, "timestamp", moment(seconds[row]), problem)

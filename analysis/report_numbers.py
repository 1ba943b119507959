"""Numbers and names as a report says them: units from the names of keys, undefined with its reason."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from analysis.figure_style import label
from analysis.headline import percent

# Ending of a key -> the unit that stands with its name.
UNITS = {
    "_usd": "USD",
    "_gwei": "gwei",
    "_eth": "ETH",
    "_hour": "h",
    "_hours": "h",
    "_blocks": "blocks",
    "_seconds": "s",
    "_per_year": "a year",
}
SHARES = ("_fraction", "_over_debt", "_share")  # in per cent
COUNTS = ("n_", "positions_", "vault_")
PLAIN = ("block", "event", "seed", "schema")  # names, though they are numbers
MOST_DECIMALS = 1e-4  # smaller numbers are written with a power of ten


class Reasons:
    """Why a value is null, by the dotted name of its place in the summary."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = dict(told)

    def of(self, path: str) -> str:
        """The reason, of the place itself or of the nearest one above it."""
        while path:
            if path in self._told:
                return self._told[path]
            path = path.rpartition(".")[0]
        return ""


def named(key: str) -> str:
    """A key as a reader says it, with its unit."""
    if key == "usd":
        return "USD"
    for ending, unit in UNITS.items():
        if key.endswith(ending) and key != ending:
            return f"{words(key.removesuffix(ending))} ({unit})"
    if key.endswith(SHARES):
        stem = key.removesuffix("_fraction").removesuffix("_share")
        return f"{words(stem.removesuffix('_usd'))}{' in USD' if stem.endswith('_usd') else ''} (%)"
    return words(key.removeprefix("n_"))


def words(key: str) -> str:
    """A key without its underscores."""
    return label(key).replace("nav", "NAV").replace("p05", "5 %").replace("p95", "95 %")


def capital(text: str) -> str:
    """The same text, with a capital first letter."""
    return text[:1].upper() + text[1:]


def number(key: str, value: float) -> str:
    """A number as its key wants it: thousands apart, shares in per cent, counts whole."""
    if key.endswith(SHARES):
        return percent(value).removesuffix(" %")
    if any(key == plain or key.endswith(f"_{plain}") for plain in PLAIN):
        return f"{value:.0f}"
    if isinstance(value, int) or (key.startswith(COUNTS) and value == int(value)):
        return f"{value:,.0f}"
    if key.endswith(("hour", "hours")):
        return f"{value:.2f}"
    if value == 0.0:
        return "0"
    size = abs(value)
    if size < MOST_DECIMALS:
        return f"{value:.1e}"
    decimals = 0 if size >= 10_000.0 else 2 if size >= 1.0 else 4
    return f"{value:,.{decimals}f}"


def value_text(key: str, value: Any, path: str, reasons: Reasons) -> str:
    """One value as it may stand in a cell, escaped."""
    if value is None:
        why = reasons.of(path)
        return f'<span class="undefined">undefined{": " + html.escape(why) if why else ""}</span>'
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(key, value)
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(key, part, path, reasons) for part in value) or "none"
    return html.escape(str(value))

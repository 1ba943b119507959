"""The headline of an ensemble: the few numbers a risk team asks for first, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.headline import percent

FIRST = {
    "losses.system.loss_at_worst_fraction": "Loss of the system at worst",
    "losses.system.loss_at_horizon_fraction": "Loss of the system at the horizon",
    "losses.by_class.vault_owners.loss_at_worst_fraction": "Loss of vault owners at worst",
    "liquidations.positions_liquidated_fraction": "Positions liquidated",
    "liquidations.debt_repaid_fraction": "Debt repaid by keepers",
    "liquidations.bad_debt_over_debt": "Bad debt over debt",
    "gas.peak_multiple": "Peak price of gas, times the usual",
    "oracles.largest_error_fraction": "Oracles off the market by",
    "settled": "Members that came to rest",
}
HEAD = ("", "median", "95 % interval", "5 % to 95 % of seeds", "undefined")


def headline(told: Mapping[str, Any], seeds: str) -> list[str]:
    """A title and one line a number."""
    title = f"{told['title']} ({told['n_seeds']:,} seeds: {seeds})"
    return [title, *in_columns(headline_rows(told))]


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines of text, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def headline_rows(told: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Cells: what it is, its median, the interval of that, where nine seeds in ten lie, how many are null."""
    numbers = told["numbers"]
    rows: list[tuple[str, ...]] = [HEAD]
    for name, label in FIRST.items():
        if name in numbers:
            rows.append((label, *_cells(name, numbers[name])))
    return rows


def _cells(name: str, of: Mapping[str, Any]) -> tuple[str, ...]:
    undefined = f"{of['n_undefined']:,}" if of["n_undefined"] else ""
    if not of["n"]:
        return ("undefined", "", "", undefined)
    if name == "settled":  # yes or no: the share of yes is its mean
        return (percent(of["mean"]), "", "", undefined)
    low, high = of["median_low"], of["median_high"]
    interval = "too few seeds" if low is None else f"{said(name, low)} to {said(name, high)}"
    spread = f"{said(name, of['p05'])} to {said(name, of['p95'])}"
    return (said(name, of["median"]), interval, spread, undefined)


def said(name: str, value: float) -> str:
    """A number of a headline as its name wants it: a multiple, or a share in per cent."""
    return f"{value:.2f}" if name.endswith("multiple") else percent(value)

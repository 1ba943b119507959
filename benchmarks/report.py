"""The table: as text, as JSON, and as the page ``docs/benchmarks.md``."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import pathlib
import platform
from typing import Any

from benchmarks.measure import Measure, number
from benchmarks.vault_steps import Pace

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


@dataclasses.dataclass(frozen=True)
class Report:
    """All that one run has measured."""

    measures: list[Measure]  # ratios first
    paces: list[Pace]
    is_quick: bool


def facts(report: Report) -> str:
    """The machine, as far as it matters."""
    numba = importlib.metadata.version("numba")
    length = "quick" if report.is_quick else "full"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{os.cpu_count()} cores (load {load:.1f} at the end), Python {platform.python_version()}, "
        f"numba {numba}; {length} version. Times are the best of a few repeats."
    )


def measure_rows(report: Report) -> list[tuple[str, ...]]:
    """Measured, promised, kept."""
    rows: list[tuple[str, ...]] = [("measured", "value", "promised", "met", "note")]
    for one in report.measures:
        kept = {None: "", True: "yes", False: "NO"}[one.is_met]
        rows.append(
            (one.name, f"{number(one.value)} {one.unit}".strip(), one.promise, kept, one.note)
        )
    return rows


def pace_rows(report: Report) -> list[tuple[str, ...]]:
    """Vault-steps a second by size and market."""
    rows: list[tuple[str, ...]] = [
        ("vaults", "market", "vaults trading in a block", "us a block", "M vault-steps/s", "blocks")
    ]
    for pace in report.paces:
        rows.append(
            (
                f"{pace.n_vaults:,}",
                pace.market,
                f"{100 * pace.trading_share:.4g} %",
                number(1e6 * pace.block_seconds),
                number(pace.steps_per_second / 1e6),
                f"{pace.n_blocks:,}",
            )
        )
    return rows


def verdicts(report: Report) -> list[str]:
    """One sentence a promise."""
    return [one.verdict for one in report.measures if one.verdict]


def as_text(report: Report) -> str:
    """For the terminal."""
    parts = [facts(report), _aligned(measure_rows(report)), _aligned(pace_rows(report))]
    return "\n\n".join([*parts, "\n".join(verdicts(report))])


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def as_json(report: Report) -> str:
    """For programs."""
    document: dict[str, Any] = {
        "facts": facts(report),
        "measures": [{**dataclasses.asdict(m), "is_met": m.is_met} for m in report.measures],
        "vault_steps": [
            {**dataclasses.asdict(p), "steps_per_second": p.steps_per_second} for p in report.paces
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def as_page(report: Report) -> str:
    """``docs/benchmarks.md``."""
    sentences = "\n".join(f"- {verdict}" for verdict in verdicts(report))
    return f"""# Benchmarks

Written by `python -m benchmarks --write-docs`; `make bench` prints the same table. One run, side by side.
{facts(report)}

## Ratios and promises

{_markdown(measure_rows(report))}

The reference model is the executable specification in `tests/reference`: every rule in plain Python, written
to be read, a Mesa agent a row. Bare `agents.do` is Mesa visiting as many agents that do nothing. Neither
side audits or records in these rows, and both live through the same blocks; seconds are of CPU.

## Vault-steps a second

Every vault observes, decides and is marked in each block; the recorder is on, draining its log is part of
the time, the audit runs at its default cadence. Depth and block space grow with the number of vaults, so
that the share of vaults that trade, which is measured, does not depend on it.

{_markdown(pace_rows(report))}

## Kept or not

{sentences}

## Why not

What an executed swap is made of, what was tried, and why a crash scales as it does:
[decision 0007](decisions/0007-what-a-swap-costs.md).
"""


def _markdown(rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def write_page(report: Report) -> None:
    """Put the page where it belongs."""
    PAGE.write_text(as_page(report), encoding="utf-8")

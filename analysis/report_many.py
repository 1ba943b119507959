"""The parts of the report of an ensemble: headline, bands over seeds, every number with its interval."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from analysis.ensemble_headline import headline_rows
from analysis.report_figures import pictures
from analysis.report_manifest import manifest
from analysis.report_numbers import capital, number, words
from analysis.report_tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from analysis.ensemble import Ensemble

HEAD = (
    "number",
    "median",
    "95 % interval of the median",
    "5 % to 95 % of seeds",
    "mean",
    "undefined",
)
SHARE = "_fraction"  # of yes: what is said of a number that is yes or no


def title_of(many: Ensemble) -> str:
    """What stands in the title of the page, beside the name of the scenario."""
    return f"{len(many.seeds):,} seeds"


def said(many: Ensemble) -> str:
    """Which seeds, and what it is."""
    seeds, name = (html.escape(str(many.manifest[key])) for key in ("seeds", "ensemble_id"))
    return f"{len(many.seeds):,} seeds ({seeds}), ensemble <code>{name}</code>."


def parts(many: Ensemble) -> Iterator[tuple[str, str]]:
    """Title and HTML of each part."""
    head, *rows = headline_rows(many.told)
    escaped = [[html.escape(cell) for cell in row] for row in rows]
    yield "Headline", table(head, escaped)
    yield "Figures", pictures(many)
    yield "All numbers", _all_numbers(many.told["numbers"])
    yield "Undefined values", _undefined(many.told["undefined"])
    yield "Scenario", scenario(many)
    yield "Manifest", manifest(many)


def scenario(many: Ensemble) -> str:
    """The scenario with every default, folded away."""
    text = html.escape(many.scenario.to_toml("inputs"))
    return f"<details><summary>scenario.toml</summary><pre>{text}</pre></details>"


def _all_numbers(told: Mapping[str, Mapping[str, Any]]) -> str:
    """One table an entry of the summary, folded away but for its name."""
    entries: dict[str, list[list[str]]] = {}
    for name, of in told.items():
        entry, _, rest = name.partition(".")
        entries.setdefault(entry, []).append(_row(rest or entry, of))
    return "".join(
        f"<details><summary>{html.escape(capital(words(entry)))}</summary>{table(HEAD, rows)}</details>"
        for entry, rows in entries.items()
    )


def _row(name: str, of: Mapping[str, Any]) -> list[str]:
    key = name.rpartition(".")[2]

    def one(which: str) -> str:
        return "" if of[which] is None else number(key, float(of[which]))

    def both(low: str, high: str) -> str:
        return f"{one(low)} to {one(high)}" if of[low] is not None else ""

    unit = " (%)" if key.endswith(SHARE) else ""
    undefined = f"{of['n_undefined']:,}" if of["n_undefined"] else ""
    return [
        f"<code>{html.escape(name)}</code>{unit}",
        one("median"),
        both("median_low", "median_high"),
        both("p05", "p95"),
        one("mean"),
        undefined,
    ]


def _undefined(told: Mapping[str, Mapping[str, int]]) -> str:
    if not told:
        return "<p>Every number of every member is defined.</p>"
    rows = [
        [html.escape(name), html.escape(reason), f"{n:,}"]
        for name, reasons in told.items()
        for reason, n in reasons.items()
    ]
    return table(["number", "why it is undefined", "members"], rows, n_words=2)

"""The parts of the report of a comparison: shock, own rules and aftershocks of everybody, then channels."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from analysis import report_many
from analysis.compare_headline import WIDTH, headline, percent
from analysis.ensemble_seeds import seeds_text
from analysis.headline import usd
from analysis.report_figures import pictures
from analysis.report_manifest import manifest
from analysis.report_numbers import capital, words
from analysis.report_tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from analysis.compare import Compared

HEAD = ("who", "NAV at the start", "loss", "shock", "own rules", "aftershocks", "amplification")
MOMENTS = {"worst": "At the worst block", "horizon": "At the horizon"}
EXPLAINED = (
    "The same draws run frozen (nobody acts), price-taking (every channel frictionless) and whole. "
    "The shock is the loss of the first, own rules what acting changes without frictions, aftershocks "
    "what frictions add. Means over seeds, in brackets 95 % intervals; shares are of net asset value "
    "at the start."
)


def title_of(told: Compared) -> str:
    """What stands in the title of the page, beside the name of the scenario."""
    return f"shock and aftershocks, {len(told.full.seeds):,} seeds"


def said(told: Compared) -> str:
    """Which seeds and runs."""
    runs = ", ".join(words(name) for name in told.runs)
    return f"Seeds {seeds_text(told.full.seeds)}, paired; runs: {html.escape(runs)}."


def parts(told: Compared) -> Iterator[tuple[str, str]]:
    """Title and HTML of each part."""
    lines = headline(told.summary)[1:]
    rows = [[html.escape(words(line[:WIDTH].strip())), html.escape(line[WIDTH:])] for line in lines]
    yield "Headline", table([], rows, n_words=2)
    yield "Figures", pictures(told)
    yield "Shock, own rules, aftershocks", _splits(told.summary["splits"])
    yield "Channels", _channels(told.summary)
    yield "Scenario", report_many.scenario(told.full)
    yield "Manifest", "".join(_run(name, manifest(run)) for name, run in told.runs.items())


def _splits(told: Mapping[str, Mapping[str, Any]]) -> str:
    tables = [f"<p>{html.escape(EXPLAINED)}</p>"]
    for when, title in MOMENTS.items():
        rows = [_split(who, of[when]) for who, of in told.items()]
        tables.append(f"<h3>{title}</h3>{table(HEAD, rows)}")
    return "".join(tables)


def _split(who: str, row: Mapping[str, Any]) -> list[str]:
    start = row["nav_at_start_usd"]

    def share(part: str) -> str:
        text = percent(row[f"{part}_fraction"])
        low, high = row.get(f"{part}_usd_low"), row.get(f"{part}_usd_high")
        between = low is not None and high is not None and start
        return f"{text} ({percent(low / start)} to {percent(high / start)})" if between else text

    if row["amplification"] is None:
        ratio = f'<span class="undefined">undefined: {html.escape(row["amplification_undefined"])}</span>'
    else:
        ratio = f"{row['amplification']:.3f}"
        if row["amplification_low"] is not None:
            ratio += f" ({row['amplification_low']:.3f} to {row['amplification_high']:.3f})"
    return [
        html.escape(capital(words(who))),
        usd(start),
        *(share(part) for part in ("loss", "shock", "own_rules", "aftershocks")),
        ratio,
    ]


def _channels(told: Mapping[str, Any]) -> str:
    if not told["channels"]:
        return "<p>No channel was switched off alone, or there is one seed only.</p>"
    rows = []
    for name, of in told["channels"].items():
        if of is None:
            adds, between = "nothing: this scenario does not use it", ""
        else:
            adds, between = (
                percent(of["difference"]),
                f"{percent(of['low'])} to {percent(of['high'])}",
            )
        rows.append([html.escape(words(name)), adds, between])
    head = ("channel", "adds to the loss of the system at worst, of NAV", "95 % interval")
    return table(head, rows)


def _run(name: str, body: str) -> str:
    return f"<details><summary>{html.escape(words(name))}</summary>{body}</details>"

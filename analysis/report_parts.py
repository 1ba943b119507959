"""The parts of a report, in the order in which one asks: what happened, who lost, who was paid, why.

Each is a title and HTML. What a summary holds beyond what is named here comes after, as it stands.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from analysis.headline import headline
from analysis.report_figures import pictures
from analysis.report_keepers import keeper_facts, why
from analysis.report_manifest import manifest
from analysis.report_numbers import Reasons, value_text
from analysis.report_payments import payments
from analysis.report_tables import table, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.run import Run

LABEL_WIDTH = 12  # of a line of the headline
NOT_PARTS = ("title", "seed", "hours", "settled", "unsettled_because", "undefined", "most_shocked")
INTRODUCED = {
    "losses": "A loss is positive: the fall of net asset value since the recorded start, on market prices "
    "where nothing else is said.",
    "comparison": "The same draws run frozen, price-taking and whole: shock, own rules and aftershocks.",
    "cascade": "Sales and liquidations, and the earlier trades that they answered to. A generation is a mean "
    "over all trades that a sale answered to, and so no whole number; the figure draws one of them for each.",
    "implied": "The points of a market_implied path are prices of the market. The fundamental was looked for "
    "under which the median market of a few seeds passes through them; this is what it is, and the gap left.",
    "liquidations": "In positions, not in rows.",
    "interest": "Owed by borrowers to lenders and treasuries since the recorded start. It accrues in "
    "indices, no token moves, and so it stands beside the table of who paid whom.",
    "wealth_identity": "The loss of the inside is read off balances and market prices; its terms off what "
    "the engine added up while it ran. They agree, or the run would have been refused.",
    "prices": "Fundamental prices come from outside; market prices contain the impact of trades.",
}
FIRST = ("losses", "comparison", "cascade")
BESIDE = ("interest",)  # who paid whom
LAST = ("wealth_identity", "liquidations", "prices", "gas", "oracles", "transactions", "population")


def title_of(run: Run) -> str:
    """What stands in the title of the page, beside the name of the scenario."""
    return f"seed {run.seed}"


def said(run: Run) -> str:
    """Which run it is."""
    start = html.escape(str(run.scenario.time.start))
    return (
        f"Seed {run.seed}, {run.summary['hours']:.1f} hours from {start}, "
        f"run <code>{html.escape(run.manifest['run_id'])}</code>."
    )


def parts(run: Run) -> Iterator[tuple[str, str]]:
    """Title and HTML of each part."""
    summary = run.summary
    reasons = Reasons(summary.get("undefined", {}))
    yield "Headline", _headline(run)
    yield "Figures", pictures(run)
    known = {*FIRST, *BESIDE, *LAST, *NOT_PARTS, "keepers"}
    own = [name for name in summary if name not in known]
    for name in (*FIRST, *own):
        if name in summary and summary[name] != []:
            yield part(name, summary[name], reasons)
    yield "Who paid whom", payments(run)
    for name in (*BESIDE, *LAST):
        if name in summary:
            yield part(name, summary[name], reasons)
    yield "Keepers", _keepers(run, reasons)
    yield "Undefined values", _undefined(summary.get("undefined", {}))
    yield "Scenario", f"<details><summary>scenario.toml</summary>{_scenario(run)}</details>"
    yield "Manifest", manifest(run)


def part(name: str, told: Any, reasons: Reasons) -> tuple[str, str]:
    """Title and HTML of one entry of a summary."""
    said = f"<p>{html.escape(INTRODUCED[name])}</p>" if name in INTRODUCED else ""
    if isinstance(told, dict):
        said += tables(name, told, name, reasons)
    elif told and all(isinstance(entry, dict) for entry in told):
        said += tables(name, {_title(entry): entry for entry in told}, name, reasons)
    else:
        said += f"<p>{value_text(name, told, name, reasons)}</p>"
    return name.replace("_", " ").capitalize(), said


def _title(entry: dict[str, Any]) -> str:
    """What an entry of a list is called: by the first of its values."""
    return str(next(iter(entry.values())))


def _headline(run: Run) -> str:
    lines = headline(run.summary)[1:]
    rows = [
        [html.escape(line[:LABEL_WIDTH].strip()), html.escape(line[LABEL_WIDTH:])] for line in lines
    ]
    return table([], rows, n_words=2)


def _keepers(run: Run, reasons: Reasons) -> str:
    facts = keeper_facts(run)
    told = {"by_cohort": facts["by_cohort"], **run.summary.get("keepers", {})}
    if facts["capital"] is not None:
        told["capital_when_tightest"] = facts["capital"]
    return f"<p>{html.escape(why(facts))}</p>" + tables("keepers", told, "keepers", reasons)


def _undefined(told: dict[str, str]) -> str:
    if not told:
        return "<p>Every measure of this run is defined.</p>"
    return table(
        ["measure", "why it is undefined"],
        [[html.escape(n), html.escape(w)] for n, w in told.items()],
    )


def _scenario(run: Run) -> str:
    return f"<pre>{html.escape(run.scenario.to_toml('inputs'))}</pre>"

"""``aftershock report``: a result as one HTML page that needs nothing beside it, neither network nor fonts.

A run, an ensemble or a comparison. Every file of its folder is verified before anything of it is read, and
the same result gives the same bytes.
"""

from __future__ import annotations

import html
import os
import pathlib
import re
from typing import TYPE_CHECKING, Any

from analysis import report_compared, report_many, report_parts
from analysis.compare import Compared
from analysis.ensemble import Ensemble
from analysis.execute import output_folder
from analysis.files import write_text
from analysis.report_style import STYLE
from analysis.verified import verified
from sim.errors import MISSING, InputError, OutputExists

if TYPE_CHECKING:
    from analysis.figures import Result
    from analysis.run import Run

# The browser itself is told to fetch nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
REPORT = "report.html"


def write_report(
    of: Result, out: str | os.PathLike[str] | None = None, force: bool = False
) -> pathlib.Path:
    """Write the report of a result, into its folder unless told otherwise; returns the file."""
    if out is None:
        if of.folder is None:
            raise InputError(None, "out", MISSING, "what is in memory needs a place for its report")
        path = of.folder / REPORT
    else:
        path = output_folder(out)
        if path.is_dir():
            raise InputError(None, "out", str(path), "is a folder; expected the name of a file")
        if os.path.lexists(path) and not force:
            raise OutputExists(f"{path}: exists already; choose another --out, or --force.")
        if not path.parent.is_dir():
            raise InputError(None, "out", str(path), f"there is no folder {path.parent}")
    verify(of)
    write_text(path, page(of))
    return path


def verify(of: Result) -> None:
    """Refuse a folder of which any file is not what was written."""
    members: list[Run | Ensemble] = [*of.runs.values()] if isinstance(of, Compared) else [of]
    for member in members:
        if member.folder is None:
            continue
        for told in member.manifest["tables"].values():
            verified(member.folder / str(told["file"]), str(told["sha256"]))
        for name, sha256 in member.manifest["files"].items():
            verified(member.folder / name, sha256)


def page(of: Result) -> str:
    """The whole page; well-formed as XML too."""
    scenario = of.full.scenario if isinstance(of, Compared) else of.scenario
    kind = _kind(of)
    made = list(kind.parts(of))
    places = "".join(f'<li><a href="#{_place(title)}">{title}</a></li>' for title, _ in made)
    body = "".join(
        f'<section id="{_place(title)}"><h2>{title}</h2>{content}</section>'
        for title, content in made
    )
    sources = "".join(f"<li>{html.escape(source)}</li>" for source in scenario.sources)
    said = [
        f"<h1>{html.escape(scenario.title)}</h1>",
        f'<p class="question">{html.escape(scenario.question)}</p>' if scenario.question else "",
        f"<p>{kind.said(of)}</p>",
        f"<details><summary>Sources of the scenario</summary><ul>{sources}</ul></details>"
        if sources
        else "",
    ]
    title = html.escape(f"{scenario.title}, {kind.title_of(of)}")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><header>{''.join(said)}</header><nav><ul>{places}</ul></nav><main>{body}</main></body></html>\n"
    )


def _kind(of: Result) -> Any:
    """The module that knows the parts of this kind of result."""
    if isinstance(of, Compared):
        return report_compared
    return report_many if isinstance(of, Ensemble) else report_parts


def _place(title: str) -> str:
    return re.sub(r"[^a-z]+", "-", title.lower())

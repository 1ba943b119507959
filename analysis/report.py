"""``aftershock report``: a run as one HTML page that needs nothing beside it, neither network nor fonts.

Every file of the run folder is verified before anything of it is read, and the same run gives the same bytes.
"""

from __future__ import annotations

import html
import os
import pathlib
import re
from typing import TYPE_CHECKING

from analysis.execute import output_folder
from analysis.files import write_text
from analysis.report_parts import parts
from analysis.report_style import STYLE
from analysis.verified import verified
from sim.errors import InputError, OutputExists

if TYPE_CHECKING:
    from analysis.run import Run

# The browser itself is told to fetch nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(
    run: Run, out: str | os.PathLike[str] | None = None, force: bool = False
) -> pathlib.Path:
    """Write the report of a run, into its folder unless told otherwise; returns the file."""
    if out is None:
        if run.folder is None:
            raise InputError(None, "out", None, "a run in memory needs a place for its report")
        path = run.folder / "report.html"
    else:
        path = output_folder(out)
        if path.is_dir():
            raise InputError(None, "out", str(path), "is a folder; expected the name of a file")
        if os.path.lexists(path) and not force:
            raise OutputExists(f"{path}: exists already; choose another --out, or --force.")
        if not path.parent.is_dir():
            raise InputError(None, "out", str(path), f"there is no folder {path.parent}")
    verify(run)
    write_text(path, page(run))
    return path


def verify(run: Run) -> None:
    """Refuse a run folder of which any file is not what was written."""
    if run.folder is None:
        return
    for told in run.manifest["tables"].values():
        verified(run.folder / str(told["file"]), str(told["sha256"]))
    for name, sha256 in run.manifest["files"].items():
        verified(run.folder / name, sha256)


def page(run: Run) -> str:
    """The whole page; well-formed as XML too."""
    scenario, summary = run.scenario, run.summary
    made = list(parts(run))
    places = "".join(f'<li><a href="#{_place(title)}">{title}</a></li>' for title, _ in made)
    body = "".join(
        f'<section id="{_place(title)}"><h2>{title}</h2>{content}</section>'
        for title, content in made
    )
    sources = "".join(f"<li>{html.escape(source)}</li>" for source in scenario.sources)
    said = [
        f"<h1>{html.escape(scenario.title)}</h1>",
        f'<p class="question">{html.escape(scenario.question)}</p>' if scenario.question else "",
        f"<p>Seed {run.seed}, {summary['hours']:.1f} hours from {html.escape(str(scenario.time.start))}, "
        f"run <code>{html.escape(run.manifest['run_id'])}</code>.</p>",
        f"<details><summary>Sources of the scenario</summary><ul>{sources}</ul></details>"
        if sources
        else "",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{html.escape(scenario.title)}, seed {run.seed}</title><style>{STYLE}</style></head>"
        f"<body><header>{''.join(said)}</header><nav><ul>{places}</ul></nav><main>{body}</main></body></html>\n"
    )


def _place(title: str) -> str:
    return re.sub(r"[^a-z]+", "-", title.lower())

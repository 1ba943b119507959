"""What a result is and with what it was made, as tables of a report: the manifest, none of it left out."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from analysis.report_tables import table

if TYPE_CHECKING:
    from analysis.ensemble import Ensemble
    from analysis.run import Run


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def manifest(run: Run | Ensemble) -> str:
    """Identity, versions and settings; then every file and its SHA-256."""
    told = dict(run.manifest)
    written = {
        **told.pop("tables", {}),
        **{n: {"sha256": h} for n, h in told.pop("files", {}).items()},
    }
    inner = {key: told.pop(key) for key in ("packages", "record", "user_rules") if key in told}
    rows = [
        [html.escape(key), f"<code>{html.escape(str(value))}</code>"] for key, value in told.items()
    ]
    rows += [
        [html.escape(f"{key}.{name}"), f"<code>{html.escape(_listed(value))}</code>"]
        for key, values in inner.items()
        for name, value in values.items()
    ]
    files = [
        [
            html.escape(file.get("file", name)),
            f"{file['rows']:,}" if "rows" in file else "",
            f"<code>{file['sha256']}</code>",
        ]
        for name, file in written.items()
    ]
    return table([], rows) + table(["file", "rows", "SHA-256"], files)

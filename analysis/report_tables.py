"""Whatever a summary holds as tables of HTML, without being known beforehand.

Entries that are alike stand below each other in one table; everything else is a table of names and values.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.report_numbers import Reasons, capital, named, value_text, words

WIDEST = 8  # columns; a wider table with fewer rows is turned on its side
WORD = ' class="word"'


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "", n_words: int = 1
) -> str:
    """A table: the first column names its row; ``n_words`` columns are words, the others numbers."""
    titles = "".join(
        f'<th scope="col"{WORD if k < n_words else ""}>{html.escape(name)}</th>'
        for k, name in enumerate(head)
    )
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td{WORD if k < n_words else ''}>{cell}</td>" for k, cell in enumerate(rest, 1))
        + "</tr>"
        for first, *rest in rows
    )
    said = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    header = f"<thead><tr>{titles}</tr></thead>" if head else ""
    return f'<div class="wide"><table>{said}{header}<tbody>{body}</tbody></table></div>'


def tables(name: str, told: Mapping[str, Any], path: str, reasons: Reasons, level: int = 3) -> str:
    """Everything in an entry of a summary."""
    parts = []
    single = {key: value for key, value in told.items() if not _is_table(value)}
    if single:
        cells = [
            [html.escape(named(key)), value_text(key, value, f"{path}.{key}", reasons)]
            for key, value in single.items()
        ]
        parts.append(table([], cells))
    nested = {key: value for key, value in told.items() if _is_table(value)}
    if _are_alike(list(nested.values())):
        return "".join([*parts, _side_by_side(name, nested, path, reasons)])
    for key, value in nested.items():
        inner = _as_mapping(value)
        heading = f"<h{level}>{html.escape(capital(named(key)))}</h{level}>"
        if inner and all(isinstance(row, Mapping) for row in inner.values()):
            body = _side_by_side(key, inner, f"{path}.{key}", reasons)
        else:
            body = tables(key, inner, f"{path}.{key}", reasons, min(level + 1, 6))
        parts.append(heading + (body or "<p>none</p>"))
    return "".join(parts)


def _side_by_side(
    name: str, rows: Mapping[str, Mapping[str, Any]], path: str, reasons: Reasons, within: str = ""
) -> str:
    """Entries of one kind below each other; what is nested in them makes tables of the same form.

    A value has the path of its entry, then ``within``, then its own key.
    """
    columns = list(
        dict.fromkeys(k for row in rows.values() for k, v in row.items() if not _is_table(v))
    )
    inner = list(dict.fromkeys(k for row in rows.values() for k, v in row.items() if _is_table(v)))
    parts = []
    if columns:
        cells = [
            [
                html.escape(words(which)),
                *(
                    value_text(key, row[key], f"{path}.{which}{within}.{key}", reasons)
                    if key in row
                    else ""
                    for key in columns
                ),
            ]
            for which, row in rows.items()
        ]
        head = [words(name.removeprefix("by_")), *(named(key) for key in columns)]
        if len(columns) > WIDEST and len(rows) < len(columns):
            head, cells = _turned(head, cells)
        parts.append(table(head, cells))
    for key in inner:
        deeper = {which: _as_mapping(row[key]) for which, row in rows.items() if key in row}
        if any(_is_table(value) for row in deeper.values() for value in row.values()):
            body = "".join(
                tables(which, row, f"{path}.{which}{within}.{key}", reasons, 6)
                for which, row in deeper.items()
            )
        else:
            body = _side_by_side(name, deeper, path, reasons, f"{within}.{key}")
        said = f"{words(name.removeprefix('by_'))}: {words(key)}"
        parts.append(f"<details><summary>{html.escape(said)}</summary>{body}</details>")
    return "".join(parts)


def _turned(head: list[str], cells: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Rows as columns: for few entries of many values."""
    names, *columns = (list(column) for column in zip(*cells, strict=True))
    titles = [html.escape(title) for title in head[1:]]
    turned = [[title, *column] for title, column in zip(titles, columns, strict=True)]
    return ["", *map(html.unescape, names)], turned


def _is_table(value: Any) -> bool:
    rows = isinstance(value, (list, tuple)) and any(isinstance(part, Mapping) for part in value)
    return isinstance(value, Mapping) or rows


def _as_mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return {str(k): part for k, part in enumerate(value, 1)}


def _are_alike(entries: Sequence[Any]) -> bool:
    """Several mappings of the same keys to plain values."""
    if len(entries) < 2 or not all(isinstance(entry, Mapping) and entry for entry in entries):
        return False
    is_plain = not any(_is_table(value) for entry in entries for value in entry.values())
    return is_plain and all(entry.keys() == entries[0].keys() for entry in entries)

"""Who paid whom, as tables of a report."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from analysis.incidence import CLASSES, net_by_cause, who_paid_whom
from analysis.report_numbers import named, number
from analysis.report_tables import table

if TYPE_CHECKING:
    from analysis.run import Run


def payments(run: Run) -> str:
    """Net payments between classes, the same by cause, and everything gross."""
    rows = run.incidence.collect()
    if rows.height == 0:
        return "<p>Nobody paid anybody since the recorded start.</p>"
    matrix = who_paid_whom(rows).to_dicts()
    names = [
        name for row in matrix if any(row[c] for c in CLASSES) for name in [row["payer_class"]]
    ]
    cells = [
        [
            html.escape(named(row["payer_class"])),
            *("" if row["payer_class"] == c else number("usd", row[c]) for c in names),
        ]
        for row in matrix
        if row["payer_class"] in names
    ]
    net = sorted(net_by_cause(rows).items(), key=lambda item: (-item[1], item[0]))
    by_cause = [
        [named(payer), named(receiver), named(cause), number("usd", amount)]
        for (payer, receiver, cause), amount in net
    ]
    gross = [
        [
            *(html.escape(named(row[c])) for c in ("payer", "receiver", "cause")),
            number("usd", row["usd"]),
        ]
        for row in rows.sort("usd", descending=True, maintain_order=True).iter_rows(named=True)
    ]
    return (
        "<p>At the fundamental prices of the block of each payment, since the recorded start. "
        "Interest accrues and is no payment: it is told below.</p>"
        + table(["paid net (USD)", *map(named, names)], cells, "Net payments of a row to a column.")
        + table(["payer", "receiver", "cause", "net (USD)"], by_cause, "Net payments by cause.", 3)
        + "<details><summary>All payments, gross</summary>"
        + table(["payer", "receiver", "cause", "gross (USD)"], gross, n_words=3)
        + "</details>"
    )

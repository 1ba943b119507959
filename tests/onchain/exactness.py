"""Write docs/exactness.md from what a replay has counted."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path

from tests.onchain.adapters import adapter
from tests.onchain.tally import Tally, Worst

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exactness.md"
WHOLE = Path(__file__).resolve().parent / "whole.json"  # counts of sequences that are not committed
TITLE = """# Exactness: what the contracts say, and what we say

Written by `make replay FILE=... DOCS=1`; do not edit. How the vectors are made, the format of the files
and the bar: `tests/onchain/README.md`.

Every operation was executed on the bytecode of the real contract in a local EVM, in random sequences,
and replayed freely through the objects of `af.venues`: our state is never corrected, so that an error
in the first operation is still there in the last. A value agrees if its error is at most 1e-9 of it and
4 of its base units; further away only by 4 times what the contract's own answer moves when every amount
of the sequence is nudged by one base unit of the coarser token or the last bit of a double: that is
integer rounding and conditioning, measured on the contract. Counted as needing the wider bar is what
is further away than 1e-9 and 4 base units of the coarser token. The two errors beside it are the worst
of all other values: relative where that is at most 1e-9, else in base units of the coarser token.
"""


def write_whole(tallies: list[Tally], path: Path = WHOLE) -> None:
    """Keep the counts of a replay of all sequences: what was not replayed in it is what the adapters list."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for tally in tallies:
        kept[tally.header.protocol] = {
            "sequences": tally.n_sequences,
            "operations": sum(tally.statuses.values()),
            "values": tally.n_values,
            "needed the wider bar": sum(worst.n_wider for worst in tally.values.values()),
            "beyond the bar": len(tally.findings),
            "sequences with one beyond": len(
                {finding.place.split(" ")[0] for finding in tally.findings}
            ),
            "not replayed": sum(tally.cannot.values()),
            "rarest": min(tally.met().values()),
        }
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n", encoding="utf-8")


def whole(path: Path = WHOLE) -> Iterator[str]:
    """The counts of all sequences that were made, of which the sample is a part."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    columns = list(next(iter(kept.values())))
    yield "All sequences (`make vectors FULL=1`, `make replay FILE=... WHOLE=1`), of which those are a part;"
    yield "of the protocols that are missing the sample alone is counted;"
    yield "`rarest` is how often the rarest of the listed reverts and paths was met:\n"
    yield f"| protocol | {' | '.join(columns)} |"
    yield "|---" * (len(columns) + 1) + "|"
    for protocol, counts in kept.items():
        yield f"| `{protocol}` | {' | '.join(f'{counts[each]:,}' for each in columns)} |"
    yield ""


def write_docs(tallies: list[Tally], path: Path = DOCS) -> None:
    lines = [TITLE, *summary(tallies), *whole()]
    for tally in tallies:
        lines += section(tally)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def summary(tallies: list[Tally]) -> Iterator[str]:
    yield "| protocol | sequences | operations | values compared | needed the wider bar | beyond the bar |"
    yield "|---|---|---|---|---|---|"
    for tally in tallies:
        values = tally.values.values()
        wider = sum(worst.n_wider for worst in values)
        yield (
            f"| `{tally.header.protocol}` | {tally.n_sequences:,} | {sum(tally.statuses.values()):,} "
            f"| {tally.n_values:,} | {wider:,} | {len(tally.findings):,} |"
        )
    yield ""


def section(tally: Tally) -> Iterator[str]:
    kind = adapter(tally.header.protocol)
    documented = importlib.import_module(kind.__module__).__doc__ or ""
    yield f"## {tally.header.protocol}\n"
    yield f"{documented.strip()}\n"
    yield "Executed: " + "; ".join(f"`{name}`" for name in tally.header.contracts) + ".\n"
    yield "| operation | value | compared | relative error | base units | needed the wider bar |"
    yield "|---|---|---|---|---|---|"
    for (verb, name), worst in sorted(tally.values.items()):
        yield row(verb, name, worst)
    yield ""
    yield from reverts(tally)
    yield from differences(tally, kind)


def row(verb: str, name: str, worst: Worst) -> str:
    return (
        f"| {verb} | {name} | {worst.n:,} | {worst.relative:.1e} "
        f"| {worst.base_units:,.1f} | {worst.n_wider:,} |"
    )


def reverts(tally: Tally) -> Iterator[str]:
    yield "| revert or path of the contract | met |"
    yield "|---|---|"
    for reason, n in tally.reasons().items():
        yield f"| reverts: `{reason}` | {n:,} |"
    for branch in tally.header.branches:
        yield f"| {branch} | {tally.branches[branch]:,} |"
    yield ""


def differences(tally: Tally, kind: type) -> Iterator[str]:
    """What is not compared, and why."""
    for name, why in kind.NOT_COMPARED.items():  # type: ignore[attr-defined]
        yield f"- `{name}` is not compared: {why}."
    for why, n in tally.cannot.items():
        yield f"- {n:,} sequences are not replayed: {why}."
    for reason, n in tally.rounded_to_nothing.items():
        why = kind.ROUNDED_TO_NOTHING[reason]  # type: ignore[attr-defined]
        yield f"- {n:,} times the chain reverts with `{reason}` and we do not: {why}."
    for reason, n in tally.only_in_integers.items():
        why = kind.ONLY_IN_INTEGERS[reason]  # type: ignore[attr-defined]
        yield f"- {n:,} times the chain reverts with `{reason}` and we do not: {why}."
    for place, why in tally.edges.items():
        yield f"- {place}: one base unit decides, and we are on the other side of it: {why}."
    yield f"- {tally.n_left:,} sequences were left where the contract went on and we did not.\n"

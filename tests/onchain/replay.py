"""Replay vectors freely from their inputs, through our own venues, and compare every value.

    make replay FILE=tests/onchain/vectors/uniswap_v2.jsonl.gz

Freely: only the setup and the inputs are taken from the file. Our state is never corrected by the
chain's, so that an error made in the first operation is still there in the fiftieth.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tests.onchain import sequences as vectors
from tests.onchain.adapters import Refused, adapter
from tests.onchain.bar import N_SPREADS, allowed, compare
from tests.onchain.exactness import write_docs, write_whole
from tests.onchain.sequences import (
    OK,
    Header,
    Operation,
    Sequence,
    base_units,
    coarser_units,
    unit_of,
)
from tests.onchain.tally import Finding, Tally


def replay(path: Path, kind: Any = None, tally: Tally | None = None) -> Tally:
    """All sequences of a file; ``kind`` is the adapter, else the one of the file's protocol."""
    header = vectors.read_header(path)
    tally = tally or Tally(header)
    for sequence in vectors.read(path):
        _replay(header, sequence, kind or adapter(header.protocol), tally)
    return tally


def _replay(header: Header, sequence: Sequence, kind: Any, tally: Tally) -> None:
    tally.n_sequences += 1
    setup = vectors.whole(sequence.setup, header.units, sequence.decimals, sequence.setup)
    if why := kind.KNOWN_DIFFERENCES.get(sequence.name) or kind.cannot(sequence.setup):
        tally.cannot[why] += 1
        for operation in sequence.operations:
            tally.meet(operation)
        return
    venue = kind(sequence.decimals, setup)
    for number, operation in enumerate(sequence.operations):
        inputs = vectors.whole(operation.inputs, header.units, sequence.decimals, operation.inputs)
        venue.pass_time(operation.seconds)
        saved = venue.save() if operation.status != OK else None
        try:
            out = venue.do(operation.do, inputs)
            status = OK
        except Refused as refused:
            out, status = {}, str(refused)
        place = f"{sequence.name} operation {number} ({operation.do})"
        is_dust = _is_dust(header, sequence, operation, out)
        moved_nothing = operation.status == OK != status and _is_rounding(
            operation, venue.observe()
        )
        edge = None
        if operation.is_edge or moved_nothing:
            edge = kind.EDGES.get(f"{sequence.name} operation {number}") or _compared(
                kind, operation
            )
        agrees = _agree_on_status(kind, operation, status, is_dust, edge, place, tally)
        if operation.status != OK and status == OK:
            venue.restore(saved)
            out = {}
        elif not agrees and operation.status == OK:
            tally.n_left += 1
            return  # nothing after this can be compared
        _compare_values(header, sequence, operation, {**out, **venue.observe()}, kind, place, tally)


def _agree_on_status(
    kind: Any, operation: Operation, status: str, is_dust: bool, edge: str | None, place: str,
    tally: Tally,
) -> bool:  # fmt: skip
    """Whether both did it, or both refused for the same reason.

    If not, either our amount is less than a base unit where the contract has none, or the case has been
    looked at: the adapter says by name why the comparison that decides hangs on the last unit, and the
    contract's own nudged lives were on either side of it.
    """
    tally.meet(operation)
    expected = (OK,) if operation.status == OK else kind.REASONS.get(operation.status, ())
    if status in expected:
        return True
    if operation.status in kind.ROUNDED_TO_NOTHING and is_dust:
        tally.rounded_to_nothing[operation.status] += 1
    elif operation.status in kind.ONLY_IN_INTEGERS:
        tally.only_in_integers[operation.status] += 1
    elif edge is not None:
        tally.edges[place] = edge
    else:
        tally.find(Finding(place, "status", operation.status, status))
    return False


def _is_rounding(operation: Operation, seen: dict[str, Any]) -> bool:
    """Whether the chain has moved no more than what its answer moves by when every amount is nudged."""
    moved = {name: value for name, value in operation.out.items() if name not in seen}
    return bool(moved) and all(
        not isinstance(value, list) and value <= operation.spread.get(name, 0)
        for name, value in moved.items()
    )


def _compared(kind: Any, operation: Operation) -> str | None:
    """What the contract has compared, if the two are as near as its own roundings move the second."""
    if operation.status not in kind.COMPARED:
        return None
    asked, known = kind.COMPARED[operation.status]
    value = operation.out[known]
    gap = abs(operation.inputs[asked] - value)
    is_near = gap <= allowed(value) + N_SPREADS * operation.spread.get(known, 0)
    return f"{asked} is {known} to its own rounding" if is_near else None


def _is_dust(header: Header, sequence: Sequence, operation: Operation, out: dict[str, Any]) -> bool:
    """Whether something that the operation returned is less than a base unit: the contract has 0."""

    def is_less_than_one(name: str, value: Any, place: int = 0) -> bool:
        if isinstance(value, list):
            return any(is_less_than_one(name, each, i) for i, each in enumerate(value))
        unit = unit_of(name, header.units, operation.inputs, place)
        return bool(value * (base_units(unit, sequence.decimals) or 1) < 1.0)

    return any(is_less_than_one(name, value) for name, value in out.items())


def _compare_values(
    header: Header, sequence: Sequence, operation: Operation, ours: dict[str, Any],
    kind: Any, place: str, tally: Tally,
) -> None:  # fmt: skip
    for name, theirs in operation.out.items():
        if name in kind.NOT_COMPARED:
            continue
        if name not in ours:
            tally.find(Finding(place, name, theirs, "we have no such value"))
            continue
        is_list = isinstance(theirs, list)
        values = theirs if is_list else [theirs]
        spreads = operation.spread.get(name, [0] * len(values) if is_list else 0)
        spreads = spreads if is_list else [spreads]
        for i, (got, value, spread) in enumerate(
            zip(ours[name] if is_list else [ours[name]], values, spreads, strict=True)
        ):
            unit = unit_of(name, header.units, operation.inputs, i)
            one = base_units(unit, sequence.decimals)
            coarser = coarser_units(unit, sequence.decimals)
            comparison = compare(got, value, one, spread, coarser)
            tally.count(operation.do, name, comparison)
            if not comparison.is_near:
                tally.find(Finding(place, name, value, got, comparison))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make replay", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write-docs", action="store_true", help="write docs/exactness.md anew")
    parser.add_argument("--write-whole", action="store_true", help="keep the counts for those docs")
    asked = parser.parse_args()
    tallies = []
    for path in asked.files:
        tallies.append(replay(path))
        print(tallies[-1].report())
    if asked.write_whole:
        write_whole(tallies)
    if asked.write_docs:
        write_docs(tallies)
    sys.exit(any(tally.findings for tally in tallies))


if __name__ == "__main__":
    main()

"""python -m benchmarks [--quick] [--json FILE] [--write-docs]"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence

from benchmarks import (
    assembly,
    ensemble,
    memory,
    recording,
    reference,
    report,
    startup,
    swaps,
    vault_steps,
    verbs,
    whole_run,
    worlds,
)
from benchmarks.measure import Measure

FULL_SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
QUICK_SIZES = FULL_SIZES[:-1]


def measured(is_quick: bool) -> report.Report:
    """Everything, ratios first."""
    sizes, effort = (QUICK_SIZES, 0.3) if is_quick else (FULL_SIZES, 1.0)
    _say("swaps on one pool")
    found: list[Measure] = swaps.measures(swaps.swap_cost())
    _say("every verb of every venue")
    found += verbs.measures()
    _say("vault-steps")
    paces = vault_steps.paces(sizes, effort)
    found += vault_steps.measures(paces)
    _say("the reference model beside the engine")
    found += reference.measures(is_quick)
    _say("assembly and memory")
    found += [*assembly.measures(), *memory.measures()]
    _say("starts")
    found += startup.measures(2 if is_quick else 5)
    _say("a whole run")
    found += [*whole_run.measures(), *recording.measures(), *worlds.measures()]
    if not is_quick:
        _say("an ensemble")
        found += ensemble.measures()
    rows = [pace for of_market in zip(*paces.values(), strict=True) for pace in of_market]
    return report.Report(found, rows, is_quick)


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less than two minutes")
    parser.add_argument("--json", metavar="FILE", help="write all numbers to a file")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md")
    told = parser.parse_args(arguments)
    found = measured(told.quick)
    print(report.as_text(found))
    if told.json:
        pathlib.Path(told.json).write_text(report.as_json(found), encoding="utf-8")
    if told.write_docs:
        report.write_page(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())

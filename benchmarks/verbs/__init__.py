"""What each verb of each kind of venue costs once it is executed, beside its bare arithmetic on one row."""

from __future__ import annotations

import itertools

from benchmarks.measure import Measure
from benchmarks.verbs import claims, markets, pools


def measures() -> list[Measure]:
    """A row a verb."""
    cases = itertools.chain(pools.cases(), markets.cases(), claims.cases())
    return [case.measure() for case in cases]

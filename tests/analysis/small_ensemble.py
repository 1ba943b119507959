"""A crash that is over in a moment, on the real engine: members liquidate, and not all of the same vaults."""

from __future__ import annotations

import functools
import hashlib
import pathlib
from typing import Any

from analysis.api import ensemble
from analysis.ensemble import Ensemble
from analysis.ensemble_seeds import Seeds
from scenarios.load import load
from scenarios.schema import Scenario

GAP = {"name": "gap", "shock": "price_gap", "asset": "ETH", "size": "-35 %", "start": "6 min"}
SMALL = {
    "time.horizon_blocks": 120,
    "time.burn_in_blocks": 20,
    "cohorts.*.n_rows": 8,
}


@functools.cache
def _crash(*changes: tuple[str, Any]) -> Scenario:
    return load("calm_market").with_(**{**SMALL, **dict(changes)}, shocks=[GAP])


def crash(changes: dict[str, Any] | None = None) -> Scenario:
    """The calm market in small, with a gap."""
    return _crash(*(changes or {}).items())


def run(seeds: Seeds = 8, scenario: Scenario | None = None, **how: Any) -> Ensemble:
    """An ensemble of it without a word."""
    return ensemble(scenario or crash(), seeds, progress=False, **how)


def hashes(folder: pathlib.Path) -> dict[str, str]:
    """What must be the same however it was made."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timing.json"
    }

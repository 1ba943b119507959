"""``manifest.json`` of an ensemble: what it is, and the SHA-256 of everything in its folder.

It is the same whenever, wherever and by however many workers it was made.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from analysis import parts
from analysis.ensemble_seeds import seeds_text
from analysis.identity import packages
from analysis.unfinished import ENSEMBLE_SCHEMA
from scenarios.python_cohorts import rules_of
from sim.compile import source_hash

if TYPE_CHECKING:
    from scenarios.schema import Scenario


def ensemble_id(scenario: Scenario, seeds: tuple[int, ...], every: int) -> str:
    """Name of an ensemble: scenario, seeds, code and what is recorded."""
    identity = _identity(scenario, seeds, every)
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def manifest_of(scenario: Scenario, seeds: tuple[int, ...], every: int) -> dict[str, Any]:
    """What can be said before it is run: identity, versions and settings."""
    return {
        "schema": ENSEMBLE_SCHEMA,
        "ensemble_id": ensemble_id(scenario, seeds, every),
        "title": scenario.title,
        "n_seeds": len(seeds),
        **_identity(scenario, seeds, every),
        "packages": packages(),
        "burn_in_blocks": scenario.time.burn_in_blocks,
        "horizon_blocks": scenario.time.horizon_blocks,
        "settle_blocks": scenario.time.settle_blocks,
        "slot_seconds": scenario.time.slot_seconds,
    }


def _identity(scenario: Scenario, seeds: tuple[int, ...], every: int) -> dict[str, Any]:
    return {
        "seeds": seeds_text(seeds),
        "scenario_hash": scenario.scenario_hash,
        "code_hash": source_hash(),
        "user_rules": dict(rules_of(scenario)),
        "paths_every_blocks": every,
        "audit_every_blocks": scenario.record.audit_every_blocks,
        "row_group": parts.ROW_GROUP,
        "compression": f"{parts.COMPRESSION} {parts.COMPRESSION_LEVEL}",
    }

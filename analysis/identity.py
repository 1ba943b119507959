"""What makes a run this run and no other, and what it was made with."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import pathlib
import platform
from typing import TYPE_CHECKING, Any

from analysis import parts
from analysis.tables import table_names
from scenarios.python_cohorts import rules_of
from sim.compile import source_hash

if TYPE_CHECKING:
    from scenarios.schema import Scenario

PACKAGES = ("numpy", "numba", "llvmlite", "polars")  # a release of these may change a bit or a byte


def record_settings(scenario: Scenario) -> dict[str, Any]:
    """What is written and how; it never changes what happens."""
    return {
        "vaults_every_blocks": scenario.record.vaults_every_blocks,
        "keepers_every_blocks": scenario.record.keepers_every_blocks,
        "tables": list(table_names(scenario)),
        "row_group": parts.ROW_GROUP,
        "compression": f"{parts.COMPRESSION} {parts.COMPRESSION_LEVEL}",
    }


def run_id(scenario: Scenario, seed: int) -> str:
    """Name of a run: scenario, seed, code and record settings."""
    identity = {
        "scenario_hash": scenario.scenario_hash,
        "seed": seed,
        "code_hash": source_hash(),
        "user_rules": dict(rules_of(scenario)),
        "record": record_settings(scenario),
        "audit_every_blocks": scenario.record.audit_every_blocks,
    }
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def packages() -> dict[str, str]:
    """Versions that matter, Python's among them."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


@functools.cache
def writer() -> str:
    """Hash of the code that writes tables: only the same code may continue what it began."""
    digest = hashlib.sha256(json.dumps(packages(), sort_keys=True).encode())
    for path in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()

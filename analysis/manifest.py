"""``manifest.json``: what a run folder is, and the SHA-256 of everything in it that must not change.

It is the same for the same run, whenever and wherever it was made; wall times and facts of the host go
to ``timing.json``.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import platform
from typing import TYPE_CHECKING, Any

from analysis.files import read_json
from analysis.identity import packages, record_settings, run_id
from analysis.unfinished import MANIFEST, SCHEMA
from scenarios.python_cohorts import rules_of
from sim.compile import source_hash
from sim.errors import DamagedRun, InputError

if TYPE_CHECKING:
    from scenarios.schema import Scenario


def manifest_of(scenario: Scenario, seed: int) -> dict[str, Any]:
    """What can be said before the run: identity, versions and settings."""
    return {
        "schema": SCHEMA,
        "run_id": run_id(scenario, seed),
        "title": scenario.title,
        "scenario_hash": scenario.scenario_hash,
        "seed": seed,
        "code_hash": source_hash(),
        "user_rules": dict(rules_of(scenario)),
        "packages": packages(),
        "record": record_settings(scenario),
        "audit_every_blocks": scenario.record.audit_every_blocks,
        "burn_in_blocks": scenario.time.burn_in_blocks,
        "horizon_blocks": scenario.time.horizon_blocks,
        "settle_blocks": scenario.time.settle_blocks,
        "slot_seconds": scenario.time.slot_seconds,
    }


def sealed(document: dict[str, Any]) -> dict[str, Any]:
    """A manifest that knows its own SHA-256."""
    return {**document, "manifest_sha256": _own_hash(document)}


def read_manifest(folder: pathlib.Path, schema: str = SCHEMA) -> dict[str, Any]:
    """The manifest of a run folder; refuses what is not one, and what has been changed."""
    what = schema.split()[1]
    if folder.is_file():
        raise InputError(folder, None, None, f"is a file; expected a {what} folder")
    if not folder.is_dir():
        from scenarios.names import nearest

        beside = [p.name for p in folder.parent.iterdir()] if folder.parent.is_dir() else []
        raise InputError(folder, None, None, f"no such {what} folder", nearest(folder.name, beside))
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(folder, None, None, f"is not a {what} folder: it has no {MANIFEST}")
    try:
        document = read_json(path)
    except (OSError, ValueError) as error:
        raise DamagedRun(f"{path}: cannot be read ({error}).") from None
    if not isinstance(document, dict) or document.get("schema") != schema:
        problem = f"is not the manifest of a {what} that this version reads"
        raise InputError(path, None, None, problem)
    said = document.pop("manifest_sha256", None)
    if said != _own_hash(document):
        raise DamagedRun(f"{path}: is not what was written (its SHA-256 does not match).")
    return {**document, "manifest_sha256": said}


def _own_hash(document: dict[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def host() -> dict[str, Any]:
    """Facts of the machine, which change no result."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }

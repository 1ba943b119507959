"""Fixtures that many tests share."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from sim import compile as compiler

ROOT = Path(__file__).resolve().parent.parent
COMPILE = """
from scenarios.load import load
from scenarios.simulation import Simulation
from sim import families

simulation = Simulation(load("calm_market"), 0)
simulation.run(1)
simulation.audit()
families.compile_all()
"""


@pytest.fixture(scope="session")
def compiled_engine() -> None:
    """Machine code of exactly these sources on the disk, made once for all workers and commands."""
    from sim import cache

    complete = cache.folder() / f"{compiler.source_hash()}.complete"
    complete.parent.mkdir(parents=True, exist_ok=True)
    with complete.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            subprocess.run([sys.executable, "-c", COMPILE], cwd=ROOT, check=True, timeout=600)
            complete.touch()

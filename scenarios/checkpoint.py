"""Checkpoints: every array of a world in one file, without pickle, written whole or not at all.

run 100 = run 37, save, load, run 63.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import pathlib
from typing import TYPE_CHECKING

import numpy as np

from scenarios.python_cohorts import rules_of
from sim.compile import source_hash
from sim.errors import DamagedRun
from sim.world import columns, restore

if TYPE_CHECKING:
    from scenarios.simulation import Simulation


def _identity(simulation: Simulation) -> str:
    """What a checkpoint belongs to: the scenario, the seed, the code and the rules of users."""
    rules = [sha256 for _, sha256 in rules_of(simulation.scenario)]
    parts = (simulation.scenario.scenario_hash, str(simulation.seed), source_hash(), *rules)
    return ".".join(parts)


def save(path: str | os.PathLike[str], simulation: Simulation) -> None:
    """Write all state; the file appears under its name only when it is complete."""
    write(path, simulation, dict(columns(simulation.world)))


def load(path: str | os.PathLike[str], simulation: Simulation) -> None:
    """Read all state into a world of the same scenario and seed."""
    restore(simulation.world, read(path, simulation))


def write(
    path: str | os.PathLike[str], simulation: Simulation, arrays: dict[str, np.ndarray]
) -> None:
    """Write some arrays of a world under their dotted names."""
    buffer = io.BytesIO()
    plain = {name: np.ascontiguousarray(array).view(np.uint8) for name, array in arrays.items()}
    identity = np.frombuffer(_identity(simulation).encode(), np.uint8)
    np.savez_compressed(buffer, identity=identity, allow_pickle=False, **plain)
    body = buffer.getvalue()
    target = pathlib.Path(path)
    part = target.with_name(target.name + ".partial")
    with part.open("wb") as file:
        file.write(hashlib.sha256(body).digest())
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def read(path: str | os.PathLike[str], simulation: Simulation) -> dict[str, np.ndarray]:
    """The arrays of a file, if it is whole and of this scenario and seed."""
    content = pathlib.Path(path).read_bytes()
    digest, body = content[:32], content[32:]
    if hashlib.sha256(body).digest() != digest:
        raise DamagedRun(f"{path}: the checkpoint is damaged (its SHA-256 does not match).")
    with np.load(io.BytesIO(body), allow_pickle=False) as saved:
        if saved["identity"].tobytes().decode() != _identity(simulation):
            raise DamagedRun(f"{path}: the checkpoint is of another scenario, seed or version.")
        return {
            name: _shaped(saved[name].view(array.dtype), array.shape)
            for name, array in columns(simulation.world)
            if name in saved
        }


def _shaped(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """As in the world; a frozen mempool has only the first places of each chain."""
    return values.reshape(shape if values.size == math.prod(shape) else (shape[0], -1))

"""Engine and reference model, block by block: the first number in which they differ, to the last bit."""

from __future__ import annotations

from typing import Any

from scenarios.schema import Scenario
from scenarios.simulation import Simulation
from tests import engine_told
from tests.hand_over import hand_over
from tests.reference import record
from tests.reference.model import ReferenceModel

Told = dict[str, Any]  # everything that is known of one block


class Engine:
    """The engine, one block at a time."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.simulation = Simulation(scenario, seed)

    def block(self) -> Told:
        """Run a block and tell everything there is to know of it."""
        self.simulation.run(1)
        recorded = self.simulation.drain()
        told: Told = engine_told.state(self.simulation)
        if len(recorded.blocks):
            told |= engine_told.tables(self.simulation, recorded, 0)
        for event in engine_told.events(self.simulation, recorded.events):
            told |= _event(event)
        told |= _vaults(engine_told.vault_rows(self.simulation, recorded.vaults))
        return told


class Reference:
    """The reference model, one block at a time."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.model = ReferenceModel(hand_over(Simulation(scenario, seed)))

    def block(self) -> Told:
        """The same of the reference model."""
        n_events, n_rows = len(self.model.events), len(self.model.vault_rows)
        self.model.step()
        told: Told = record.state(self.model)
        if self.model.block >= 0:
            told |= record.tables(self.model)
        for event in self.model.events[n_events:]:
            told |= _event(vars(event))
        told |= _vaults([vars(row) for row in self.model.vault_rows[n_rows:]])
        return told


def _event(event: Told) -> Told:
    return {f"event {event['sequence']} {key}": value for key, value in event.items()}


def _vaults(rows: list[Told]) -> Told:
    return {f"vault row {n} {key}": told for n, row in enumerate(rows) for key, told in row.items()}


def bits(value: Any) -> str:
    """Text that keeps every bit of a number, the sign of a zero and what is not a number."""
    return value if isinstance(value, str) else float(value).hex()


def difference(engine: Told, reference: Told) -> str:
    """What differs between two accounts of a block, empty if nothing does."""
    for key in {**engine, **reference}:
        if key not in engine or key not in reference:
            side = "engine" if key in engine else "reference"
            return f"{key}: known to the {side} alone"
        ours, theirs = engine[key], reference[key]
        # Equal numbers have equal bits, but for zeros; what is not a number equals nothing.
        if (ours != theirs or ours == 0.0) and bits(ours) != bits(theirs):
            return f"{key}: engine {ours!r}, reference {theirs!r}"
    return ""

"""Rows that wait, as arrays, until there are enough of them to be worth a table.

A table costs about as much for ten rows as for ten thousand, and between two snapshots there are few.
What is written is the same wherever the backlog is worked off: every table takes its rows in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import exposures, snapshots
from analysis.growing import Growing
from analysis.incidence import incidence
from analysis.tables import recorded_tables
from scenarios.snapshots import Snapshots

if TYPE_CHECKING:
    import polars as pl

    from analysis.drive import Sink
    from analysis.worst import Worst
    from scenarios.keeper_rows import Look
    from scenarios.simulation import Simulation

LARGEST_BYTES = 32_000_000


class Backlog:
    """What a run has recorded and not yet handed to its sink."""

    def __init__(self, sim: Simulation, sink: Sink, worst: Worst) -> None:
        self._sim, self._sink, self._worst = sim, sink, worst
        self._recorded = Growing(sim, LARGEST_BYTES)
        self._snapshots = Snapshots(sim.world)
        self._clear()

    def _clear(self) -> None:
        self._vaults: list[list[snapshots.Rows]] = []
        self._awaited: list[tuple[int | None, list[str]]] = []  # snapshots: their place, and why
        self._marks: list[snapshots.Rows] = []
        self._keepers: list[Look] = []
        self._claims: list[exposures.Claim] = []
        self._others: dict[str, pl.DataFrame] = {}
        self._n_bytes = 0

    def take(self) -> None:
        """Empty the log."""
        recorded = self._sim.recorded()
        if not self._recorded.has_room(recorded):
            self.flush()
        self._recorded.add(recorded)
        if len(recorded.vaults):
            rows = snapshots.rows_at_events(self._sim, recorded.vaults)
            self._vaults.append([rows])
            self._n_bytes += recorded.vaults.nbytes
        self._sim.forget()
        if self._n_bytes + self._recorded.n_bytes > LARGEST_BYTES:
            self.flush()

    def look_for_worst(self) -> None:
        """Whether one of the latest blocks is the worst so far."""
        rows = self._recorded.unseen()
        self._worst.look(self._sim, rows["blocks"], rows["cohorts"], rows["reserves"])

    def snap_vaults(self, occasions: list[str], only_marks: bool = False) -> None:
        """Every vault, and the marks of every cohort, now."""
        self._snapshots.take(self._sim.block)
        self._awaited.append((None if only_marks else len(self._vaults), occasions))
        self._vaults.append([])
        if self._snapshots.is_full:
            self._work_out()

    def _work_out(self) -> None:
        """Put the snapshots taken so far to where they belong among the events."""
        for (place, occasions), found in zip(
            self._awaited, self._snapshots.work_out(), strict=True
        ):
            self._marks += snapshots.rows_of_marks(found.marks, occasions)
            if place is not None:
                self._vaults[place] = rows = snapshots.rows_of_vaults(found.vaults)
                self._n_bytes += sum(column.nbytes for part in rows for column in part.values())
        self._awaited = []

    def snap_keepers(self) -> None:
        """Every keeper, now."""
        self._keepers.append(self._sim.keepers.look(self._sim.block))

    def snap_exposures(self) -> None:
        """Who holds whose claims, now."""
        self._claims += exposures.claims(self._sim)

    def snap_incidence(self) -> None:
        """Who has borne what, at the end."""
        self._others["incidence"] = incidence(self._sim)

    def flush(self) -> None:
        """Make tables of everything, and hand them over."""
        sim, tables = self._sim, {}
        self.look_for_worst()
        self._work_out()
        if len(self._recorded):
            tables.update(recorded_tables(sim, self._recorded.give()))
        if self._vaults:
            parts = [rows for parts in self._vaults for rows in parts]
            tables["vaults"] = snapshots.vault_table(sim, parts)
        if self._marks:
            tables["marks"] = snapshots.mark_table(sim, self._marks)
        if self._keepers:
            tables["keepers"] = snapshots.keeper_table(sim, self._keepers)
        if self._claims:
            tables["exposures"] = exposures.table(sim, self._claims)
        self._sink.add(tables | self._others)
        self._clear()

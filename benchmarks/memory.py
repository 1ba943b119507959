"""Bytes a vault: what the ledger keeps for each token it may hold, and the columns of its cohort."""

from __future__ import annotations

from benchmarks.measure import Measure
from benchmarks.population import QUIET, rows, scenario
from scenarios.simulation import Simulation

MOST_BYTES = 200.0


def bytes_per_vault(n_vaults: int = 1_000) -> dict[str, tuple[int, int]]:
    """Strategy -> (bytes of balances, bytes of columns with one number a vault), read off the layout."""
    sim = Simulation(scenario(n_vaults, QUIET), 7)
    ledger, cohorts = sim.world.ledger, sim.world.cohorts
    found = {}
    for strategy, n_rows in rows(n_vaults).items():
        c = sim.names.cohorts.index(strategy)
        n_tokens = int((ledger.offset[:, cohorts.table[c].group] >= 0).sum())
        n_columns = int((cohorts.length[c] == n_rows).sum())
        found[strategy] = (
            n_tokens * ledger.balance.itemsize,
            n_columns * cohorts.column.itemsize,
        )
    return found


def growth_per_vault(n_vaults: int = 10_000) -> float:
    """Bytes of ledger and cohorts that one more vault adds, workspace and log apart."""
    sizes = []
    for n in (n_vaults, 2 * n_vaults):
        world = Simulation(scenario(n, QUIET), 7).world
        arrays = (world.ledger.memory, world.ledger.group, *world.cohorts[1:])
        sizes.append(sum(array.nbytes for array in arrays))
    return (sizes[1] - sizes[0]) / n_vaults


def measures() -> list[Measure]:
    """One line for the dearest strategy, one for the mix."""
    found = bytes_per_vault()
    dearest = max(found, key=lambda strategy: sum(found[strategy]))
    parts = ", ".join(f"{name} {held}+{own}" for name, (held, own) in found.items())
    return [
        Measure("bytes a vault, dearest strategy", sum(found[dearest]), "B", MOST_BYTES,
                f"balances + columns: {parts}"),
        Measure("bytes that one more vault of the mix adds", growth_per_vault(), "B", MOST_BYTES,
                "with its group number and its place among the positions at risk"),
    ]  # fmt: skip

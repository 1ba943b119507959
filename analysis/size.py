"""How large a run folder will be, before it is written: rows are counted, bytes a row were measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.strategies import KEEPER, VAULT

if TYPE_CHECKING:
    from scenarios.schema import Scenario

# Bytes a row on disk in the run of black_thursday_2020, rounded up; of `blocks`, bytes a number.
BYTES = {
    "blocks": 3.0,
    "cohorts": 19.0,
    "pools": 10.0,
    "markets": 17.0,
    "redemptions": 17.0,  # as of a market: not measured
    "share_vaults": 60.0,  # not measured yet
    "vaults": 45.0,
    "keepers": 18.0,
    "marks": 30.0,
    "exposures": 28.0,
}
EVENTS_BYTES = 35.0
ROWS_PER_EVENT = 0.3  # rows of `vaults` at events, in the same run
CLAIMS_PER_COHORT = 3
EVENTS_PER_VAULT_DAY = 40.0  # a guess: what a shock will do is what the run is for


def estimate(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Rows and bytes of each table; those of ``events`` are a guess."""
    time, record = scenario.time, scenario.record
    n_blocks = time.horizon_blocks + time.settle_blocks
    n_vaults = sum(cohort.n_rows for cohort in scenario.cohorts if cohort.role == VAULT)
    n_keepers = sum(cohort.n_rows for cohort in scenario.cohorts if cohort.role == KEEPER)
    numbers = 14 + 4 * len(scenario.assets) + len(scenario.feeds)
    rows = {
        "blocks": n_blocks,
        "cohorts": n_blocks * len(scenario.cohorts),
        "pools": n_blocks * len(scenario.pools),
        "markets": n_blocks * len(scenario.reserves),
        "redemptions": n_blocks * len(scenario.redemptions),
        "vaults": (n_blocks // record.vaults_every_blocks + 4) * n_vaults,
        "marks": (n_blocks // record.vaults_every_blocks + 4)
        * (len(scenario.cohorts) + len(scenario.reserves)),
        "exposures": (n_blocks // record.exposures_every_blocks + 3)
        * CLAIMS_PER_COHORT
        * len(scenario.cohorts),
        "keepers": (n_blocks // record.keepers_every_blocks + 2) * n_keepers,
    }
    if scenario.share_vaults:
        rows["share_vaults"] = n_blocks * len(scenario.share_vaults)
    sizes = {name: (float(n), n * BYTES[name]) for name, n in rows.items()}
    sizes["blocks"] = (float(n_blocks), n_blocks * numbers * BYTES["blocks"])
    n_events = n_vaults * EVENTS_PER_VAULT_DAY * time.run_seconds / 86_400.0
    sizes["events"] = (n_events, n_events * EVENTS_BYTES)
    if record.vault_events:
        n_snapshots, n_bytes = sizes["vaults"]
        n_rows = ROWS_PER_EVENT * n_events
        sizes["vaults"] = (n_snapshots + n_rows, n_bytes + n_rows * BYTES["vaults"])
    return sizes


def size_text(n_bytes: float) -> str:
    """Bytes as one says them."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if n_bytes >= size:
            return (
                f"{n_bytes / size:.2g} {unit}"
                if n_bytes < 10 * size
                else f"{n_bytes / size:.0f} {unit}"
            )
    return f"{n_bytes:.0f} B"


def estimate_line(scenario: Scenario) -> str:
    """One line: how many blocks and vault rows, and about how many bytes."""
    time = scenario.time
    n_blocks = time.horizon_blocks + time.settle_blocks
    n_vaults = sum(cohort.n_rows for cohort in scenario.cohorts if cohort.role == VAULT)
    total = sum(n_bytes for _, n_bytes in estimate(scenario).values())
    told = f"{n_blocks:,} blocks of {n_vaults:,} vaults: about {size_text(total)} on disk"
    if scenario.record.vault_events:
        return f"{told}, with a row of a vault at each of its events."
    return f"{told}, with rows of vaults at intervals only."

"""The stage of share vaults: a run on a curated vault, a fund with a line that owns its shares, a rumour, and
depositors who come: some for the first time, some again once the rumour is over.
"""

from __future__ import annotations

from typing import Any

from scenarios.load import load
from scenarios.schema import Scenario

N_ROWS = 6
FUND: dict[str, Any] = {
    "share_vaults": [
        {"name": "fund", "idle_fraction": 0.1, "redemptions": "in_line", "queue_length": 5,
         "management_fee_per_year": 0.02, "performance_fee_fraction": 0.1,
         "fee_recipient": "fund_owners"},
    ],
    "placements": [
        {"name": "fund_core", "vault": "fund", "reserve": "core_usdc", "weight_fraction": 0.5,
         "cap_usd": 9.2e6, "withdraw_rank": 2},
        {"name": "fund_book_value", "vault": "fund", "reserve": "book_value_usdc",
         "weight_fraction": 0.2, "cap_usd": 3.7e6, "withdraw_rank": 1},
        {"name": "fund_curated", "vault": "fund", "into": "curated", "weight_fraction": 0.3},
    ],
    "cohorts": [
        {"name": "fund_owners", "strategy": "share_holder", "n_rows": 12, "tvl_usd": 20e6,
         "share_vault": "fund", "hazard_per_day": 900.0, "deposit_hazard_per_day": 200e3,
         "required_yield_per_year": -0.002, "outside_fraction": 0.1},
        {"name": "takers", "strategy": "share_holder", "n_rows": 6, "tvl_usd": 10e6,
         "share_vault": "curated", "hazard_per_day": 900.0, "takes_part": True,
         "locked_seconds": 1950.0, "max_fee_multiple": 1.0, "tip_gwei": 0.0, "patience_blocks": 3},
    ],
    "shocks": [
        {"name": "talk", "shock": "rumour", "share_vault": "fund", "loss_fraction": 0.3,
         "start_seconds": 300.0, "duration_seconds": 900.0},
        {"name": "congestion", "shock": "gas_demand", "chain": "main",
         "multiple": 30.0, "ramp_seconds": 300.0,
         "start_seconds": 1000.0, "duration_seconds": 1500.0},
    ],
}  # fmt: skip


def share_vault_stage() -> Scenario:
    """Every key of a share vault has something to say here."""
    whole = load("vault_run")
    rows = {f"cohorts.{c.name}.n_rows": N_ROWS for c in whole.cohorts if c.n_rows > N_ROWS}
    return load(
        "vault_run",
        [
            "time.horizon_blocks=260",
            "time.burn_in_blocks=20",
            "shocks.eth_path.anchors=[[0, 2300], [0.1, 2280], [0.3, 920], [6, 920]]",
            "cohorts.fast_depositors.n_rows=12",
            "cohorts.fast_depositors.hazard_per_day=900",
            "cohorts.slow_depositors.hazard_per_day=900",
            "cohorts.locked_depositors.locked=30 min",
            "cohorts.fast_depositors.locked=4 min",
        ],
        {**rows, **FUND},
    )

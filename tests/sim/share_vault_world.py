"""The small world with two share vaults: ``safe`` lends, ``fund`` lends and owns shares of ``safe``."""

from __future__ import annotations

from tests.sim.worlds import SCENARIO, SmallWorld

SHARE_VAULTS = """
[[share_vaults]]
name = "safe"
idle_fraction = 0.1

[[share_vaults]]
name = "fund"
idle_fraction = 0.2
performance_fee_fraction = 0.1
management_fee_per_year = 0.02
fee_recipient = "fund_curator"

[[placements]]
name = "safe_core"
vault = "safe"
reserve = "core_usdc"
weight_fraction = 1.0

[[placements]]
name = "fund_core"
vault = "fund"
reserve = "core_usdc"
weight_fraction = 0.25
withdraw_rank = 1

[[placements]]
name = "fund_safe"
vault = "fund"
into = "safe"
weight_fraction = 0.75

[[cohorts]]
name = "safe_owners"
strategy = "share_holder"
n_rows = 2
tvl_usd = 10e3
size = 1
share_vault = "safe"
hazard_per_day = 0

[[cohorts]]
name = "fund_owners"
strategy = "share_holder"
n_rows = 2
tvl_usd = 19e3
size = 1
share_vault = "fund"
hazard_per_day = 0

[[cohorts]]
name = "fund_curator"
strategy = "share_holder"
n_rows = 1
tvl_usd = 1e3
share_vault = "fund"
hazard_per_day = 0
"""

SAFE, FUND = 0, 1


def share_vault_world(**changes: object) -> SmallWorld:
    """A world with share vaults, everybody quiet."""
    return SmallWorld(changes or None, SCENARIO + SHARE_VAULTS)

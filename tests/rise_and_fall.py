"""A rise, block space that grows dear, and a fall.

In the rise vaults ask for more leverage; when the price falls these orders still wait: which duty goes before
the other then decides who is liquidated.
"""

from __future__ import annotations

from typing import Any

from scenarios.load import load
from scenarios.schema import Scenario

CHANGES: dict[str, Any] = {
    "time.horizon_blocks": 900,
    "time.settle_blocks": 0,
    "shocks.eth_path.kind": "fundamental",
    "shocks.btc_path.kind": "fundamental",
    "shocks.eth_path.anchors": [[0, 194.97], [1.3, 235.0], [1.45, 155.0], [3, 170.0]],
    "shocks.btc_path.anchors": [[0, 7913.42], [1.3, 9400.0], [1.45, 6400.0], [3, 7000.0]],
    "shocks.congestion.start_seconds": 3600,
    "shocks.congestion.ramp_seconds": 600,
    "shocks.congestion.duration_seconds": 6000,
    "shocks.congestion.multiple": 8,
    "feeds.eth_usd.delay_seconds": 0,
    "feeds.btc_usd.delay_seconds": 0,
}


def rise_and_fall(prior_duty: str = "repair") -> Scenario:
    """The crash preset on this path; the orders of vaults that borrow wait long and offer the going price."""
    preset = load("black_thursday_2020")
    changes = dict(CHANGES)
    for cohort in preset.cohorts:
        if cohort.strategy == "leveraged_loop":
            changes[f"cohorts.{cohort.name}.prior_duty"] = prior_duty
            changes[f"cohorts.{cohort.name}.patience_blocks"] = 400
            changes[f"cohorts.{cohort.name}.max_fee_multiple"] = 1.0
    return preset.with_(**changes)

"""The stage of the order of duties: a rise, block space that grows dear, and a fall (``rise_and_fall.toml``).

In the rise vaults ask for more leverage; when prices fall these orders still wait: which duty goes before
the other then decides who can repair his health.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios.load import load
from scenarios.schema import Scenario

LOOPS = ("eth_loop", "btc_loop")
PROVIDERS = ("eth_usdc_providers", "eth_usdc_low_fee_providers", "btc_usdc_providers")


def rise_and_fall(
    prior_duty: str = "repair", patience_blocks: int | None = None, pools: float = 1.0
) -> Scenario:
    """The stage with either order of duties; pools may be as many times as deep as the stage has them."""
    stage = load(Path(__file__).with_suffix(".toml"))
    changes: dict[str, Any] = {f"cohorts.{loop}.prior_duty": prior_duty for loop in LOOPS}
    for cohort in stage.cohorts:
        if cohort.name in LOOPS and patience_blocks is not None:
            changes[f"cohorts.{cohort.name}.patience_blocks"] = patience_blocks
        if cohort.name in PROVIDERS and cohort.tvl_usd:
            changes[f"cohorts.{cohort.name}.tvl_usd"] = pools * cohort.tvl_usd
    return stage.with_(**changes)
